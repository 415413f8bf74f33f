"""The root of the command line: its options, and its commands in the order help shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from memcli import __version__
from memcli.cli import (
    carry,
    change,
    chat,
    config,
    consolidate,
    demo,
    doctor,
    evaluate,
    forget,
    importing,
    index,
    judge,
    kv,
    memory,
    model,
    profile,
    recall,
    session,
    state,
    views,
)
from memcli.cli.common import State
from memcli.paths import DEFAULT_PROFILE

app = typer.Typer(
    name="memcli",
    help="A personal memory for a local language model. Nothing leaves this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich's help would double the time of --help
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"memcli {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    profile: Annotated[
        str, typer.Option("--profile", "-p", envvar="MEMCLI_PROFILE", help="Which memory to use.")
    ] = DEFAULT_PROFILE,
    offline: Annotated[
        bool, typer.Option("--offline", help="Make every use of the network an error.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Set what all commands share."""
    ctx.obj = State(profile=profile, settings={"network.offline": True} if offline else {})


COMMANDS: dict[Callable[..., None], str] = {  # with an example of each, in the order of help
    chat.chat: "memcli chat --continue",
    chat.ask: 'memcli ask "Where did I park the car?"',
    recall.remember: 'memcli remember "The spare key is under the blue pot."',
    recall.recall: 'memcli recall "spare key" --json',
    importing.import_: "memcli import ~/notes --tag journal",
    consolidate.consolidate: "memcli consolidate --seconds 600",
    change.undo: "memcli undo 2 --dry-run",
    change.redo: "memcli redo",
    carry.export: "memcli export memory.jsonl",
    carry.backup: "memcli backup memory.age --encrypt",
    carry.restore: "memcli restore memory.age",
    doctor.doctor: "memcli doctor",
    demo.demo: "memcli demo",
}
MEMORY: dict[Callable[..., None], str] = {
    memory.list_: "memcli memory list --subject Ana --since 2024 --json",
    memory.search: "memcli memory search 'blue pot'",
    memory.show: "memcli memory show j3a7p7",
    views.graph: "memcli memory graph Ana --dot | dot -Tsvg > ana.svg",
    views.timeline: "memcli memory timeline holidays",
    views.on: "memcli memory on yesterday",
    views.stats: "memcli memory stats",
    views.diff: "memcli memory diff 'last week'",
    views.sql: 'memcli memory sql "SELECT kind, count(*) FROM memories GROUP BY 1"',
    change.edit: "memcli memory edit j3a7p7 --set tags=home,keys",
    change.merge: "memcli memory merge j3a7p7 x8k2m1",
    change.split: "memcli memory split j3a7p7",
    change.pin: "memcli memory pin j3a7p7",
    change.unpin: "memcli memory unpin j3a7p7",
    change.mute: "memcli memory mute j3a7p7",
    change.unmute: "memcli memory unmute j3a7p7",
    change.history: "memcli memory history j3a7p7",
    change.restore: "memcli memory restore j3a7p7 --to 1",
    forget.forget: "memcli memory forget j3a7p7 --yes",
    judge.review: "memcli memory review j3a7p7 --accept",
    judge.conflicts: "memcli memory conflicts",
    judge.resolve: "memcli memory resolve j3a7p7",
}
SESSION: dict[Callable[..., None], str] = {
    session.list_: "memcli session list",
    session.show: "memcli session show 5eq2hv",
    session.search: "memcli session search 'the garden'",
    session.fork: "memcli session fork 5eq2hv --at x8k2m1 --title 'Another way'",
    session.rename: "memcli session rename 5eq2hv The garden",
    session.export: "memcli session export 5eq2hv garden.md",
    session.delete: "memcli session delete 5eq2hv",
}
KV: dict[Callable[..., None], str] = {
    kv.status: "memcli kv status",
    kv.build: "memcli kv build --limit 500",
    kv.prune: "memcli kv prune --to 200",
    kv.verify: "memcli kv verify",
}
STATE: dict[Callable[..., None], str] = {
    state.build: "memcli state build handbook.md",
    state.list_: "memcli state list",
    state.drop: "memcli state drop handbook",
}
PROFILE: dict[Callable[..., None], str] = {
    profile.list_: "memcli profile list",
    profile.encrypt: "memcli profile encrypt --profile diary",
    profile.decrypt: "memcli profile decrypt --profile diary",
    profile.passphrase: "memcli profile passphrase",
}
memory_app = typer.Typer(
    name="memory", help="See and change what is remembered.", no_args_is_help=True
)
session_app = typer.Typer(name="session", help="See what was said.", no_args_is_help=True)
state_app = typer.Typer(name="state", help="Documents read once.", no_args_is_help=True)
profile_app = typer.Typer(name="profile", help="Memories kept apart.", no_args_is_help=True)
kv_app = typer.Typer(name="kv", help="Memories as KV cells.", no_args_is_help=True)
groups = (
    (app, COMMANDS), (memory_app, MEMORY), (session_app, SESSION), (profile_app, PROFILE),
    (state_app, STATE), (kv_app, KV),
)  # fmt: skip
for group, commands in groups:
    for command, example in commands.items():
        name = command.__name__.rstrip("_")
        group.command(name, epilog=f"Example: {example}")(command)
own = (memory_app, session_app, profile_app, state_app, kv_app)
for group in (*own, model.app, index.app, kv.bench_app, evaluate.app, config.app):
    app.add_typer(group)
