"""``memcli eval``: retrieval, answers, golden."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memcli.cli import ui
from memcli.cli.common import Model, Profile, State, model_path, opened

if TYPE_CHECKING:
    from memcli.evaluate.asked import Ask

app = typer.Typer(name="eval", help="Measure recall and answers.", no_args_is_help=True)

File = Annotated[
    Path,
    typer.Argument(help="LoCoMo, LongMemEval, BEAM (a folder), or golden questions (JSONL)."),
]
Sample = Annotated[
    int | None, typer.Option("--limit", "-n", min=1, help="Ask only so many, evenly spread.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command(epilog="Example: memcli eval retrieval locomo10.json -s bm25 -s memcli")
def retrieval(
    ctx: typer.Context,
    file: File,
    system: Annotated[
        list[str] | None,
        typer.Option("--system", "-s", help="grep, bm25, dense, memcli; repeatable."),
    ] = None,
    limit: Sample = None,
    as_json: Json = False,
    profile: Profile = None,
) -> None:
    """Compare how well grep, BM25, vectors and memcli find what questions need."""
    from memcli.evaluate import retrieval, sets

    chosen = sets.read(file).sample(limit)
    found = retrieval.measure(chosen, _ask(ctx, profile), system or (), _progress)
    if as_json:
        print(json.dumps(found))
        return
    ui.out(f"{found['set']}: {found['questions']} questions with evidence")
    _show_systems(found["systems"])
    if "abstention" in found:
        _show_abstention(found["abstention"])


@app.command(epilog="Example: memcli eval answers locomo10.json --limit 100")
def answers(
    ctx: typer.Context,
    file: File,
    limit: Sample = None,
    as_json: Json = False,
    model: Model = None,
    profile: Profile = None,
) -> None:
    """Compare the engine's answers with the right ones, also where there is none."""
    from memcli.evaluate import answers, sets

    found = answers.measure(sets.read(file).sample(limit), _ask(ctx, profile, model), _progress)
    if as_json:
        print(json.dumps(found))
        return
    ui.out(f"{found['set']}: {found['questions']} questions, answered by {found['engine']}")
    ui.table(
        ("category", "questions", "F1", "exact", "abstention: precision", "recall"),
        (
            (name, str(its["questions"]), *map(_figure, (its["token_f1"], its["exact_match"],
             its["abstention"]["precision"], its["abstention"]["recall"])))
            for name, its in {"all": found, **found["by_category"]}.items()
        ),
    )  # fmt: skip


@app.command(epilog="Example: memcli eval golden questions.jsonl --at 5")
def golden(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSONL: question, and memory (an id) or text.")],
    at: Annotated[int, typer.Option("--at", min=1, help="How far down a hit may stand.")] = 10,
    as_json: Json = False,
    profile: Profile = None,
) -> None:
    """Test that your own memory finds what it should; exit with 1 where it does not."""
    from memcli.evaluate import sets
    from memcli.evaluate.golden import check

    found = check(sets.read(file), _ask(ctx, profile), at)
    if as_json:
        print(json.dumps(found))
    else:
        rows = ((r["verdict"], str(r["rank"] or ""), r["question"]) for r in found["results"])
        ui.table(("verdict", "rank", "question"), rows)
        ui.out(f"{found['passed']} of {found['questions']} found in the first {at}")
    if found["passed"] < found["questions"]:
        raise typer.Exit(1)


def _ask(ctx: typer.Context, profile: str | None, model: str | None = None) -> Ask:
    from memcli.evaluate.asked import ask

    state: State = ctx.obj
    settings = {**state.settings, **({} if model is None else {"model.path": model_path(model)})}
    return partial(ask, own=partial(opened, ctx, profile=profile, model=model), settings=settings)


def _progress(done: int, total: int) -> None:
    if ui.is_terminal(sys.stderr):
        print(f"\rconversation {done} of {total} …", end="\r", file=sys.stderr, flush=True)


def _show_systems(systems: dict[str, Any]) -> None:
    if not systems:
        return
    shown = ("recall@5", "recall@10", "recall@20", "recall_all@10", "mrr")
    ui.table(
        ("system", "R@5", "R@10", "R@20", "all@10", "MRR", "p50 ms", "p95 ms"),
        (
            (name, *(_figure(its[key]) for key in shown), _ms(its["p50_ms"]), _ms(its["p95_ms"]))
            for name, its in systems.items()
        ),
    )
    ui.out("\nR@10 by category")
    kinds = next(iter(systems.values()))["by_category"]
    rows = (
        (kind, str(kinds[kind]["questions"]),
         *(_figure(its["by_category"][kind]["recall@10"]) for its in systems.values()))
        for kind in kinds
    )  # fmt: skip
    ui.table(("category", "questions", *systems), rows)


def _show_abstention(found: dict[str, Any]) -> None:
    said = found["said_enough"]
    ui.out(
        f"\n{found['questions']} questions have no answer: memcli said it had enough for"
        f" {_figure(said['unanswerable'])} of them, and for {_figure(said['answerable'])} of the"
        f" others (AUROC {_figure(found['auroc'])})"
    )


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _ms(value: float) -> str:
    return f"{value:.1f}"
