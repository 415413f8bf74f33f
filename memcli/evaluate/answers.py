"""How right the engine's answers are, and whether it abstains where nothing is known."""

from __future__ import annotations

import re
import string
from collections import Counter
from dataclasses import dataclass
from typing import Any

from memcli.errors import NotFound
from memcli.evaluate.asked import Ask, Asked
from memcli.evaluate.questions import EvalSet, Question
from memcli.evaluate.retrieval import Progress, by_category, share

REFUSES = re.compile(
    r"\b(?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t) (?:\w+ )?"
    r"(?:have (?:that|any|enough)|know|find|recall|remember|tell|answer|determine)\b"
    r"|\b(?:no|any|enough) (?:\w+ )?(?:information|mention|record|details)\b"
    r"|(?:\bnot|\bnever|n['’]t) (?:\w+ )?(?:mention(?:ed)?|specified|stated|provided|known)\b"
    r"|\b(?:unknown|unanswerable)\b",
    re.IGNORECASE,
)
BEGINNING = 80  # characters; further on, such words may be those of a memory that is quoted


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, set against what is right."""

    category: str
    answerable: bool
    f1: float
    exact: bool
    abstained: bool


def measure(chosen: EvalSet, ask: Ask, progress: Progress) -> dict[str, Any]:
    """Ask the engine every question whose answer is known, or known to be absent.

    Raises:
        NotFound: there is no such question.
    """
    answered: list[Answered] = []
    engine = ""
    for number, conversation in enumerate(chosen.conversations, 1):
        progress(number, len(chosen.conversations))
        with ask(conversation) as asked:
            engine = asked.memory.engine.name
            judged = [q for q in asked.questions if q.answer is not None or not q.answerable]
            answered += [_answer(asked, question) for question in judged]
    if not answered:
        raise NotFound(f"No question of this {chosen.name} set has an answer to compare with.")
    report = {"set": chosen.name, "engine": engine, **_figures(answered)}
    return {**report, "by_category": by_category(answered, _figures)}


def abstains(answer: str) -> bool:
    """Say whether an answer is none."""
    return not answer.strip() or bool(REFUSES.search(answer[:BEGINNING]))


def token_f1(answer: str, right: str) -> float:
    """Return SQuAD's F1: the harmonic mean of precision and recall of normalised words."""
    said, wanted = normalised(answer).split(), normalised(right).split()
    common = (Counter(said) & Counter(wanted)).total()
    return 2 * common / (len(said) + len(wanted)) if said and wanted else float(said == wanted)


def normalised(text: str) -> str:
    """Return text as SQuAD compares it: lower case, without punctuation and articles."""
    bare = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(re.sub(r"\b(?:a|an|the)\b", " ", bare).split())


def _answer(asked: Asked, question: Question) -> Answered:
    _, pieces = asked.memory.conversation(private=True).say(question.text, asks=True)
    answer, right = "".join(pieces), question.answer or ""
    return Answered(
        question.category,
        question.answerable,
        token_f1(answer, right),
        normalised(answer) == normalised(right),
        abstains(answer),
    )


def _figures(answered: list[Answered]) -> dict[str, Any]:
    told = [each for each in answered if each.answerable]
    absent = [each for each in answered if not each.answerable]
    return {
        "questions": len(answered),
        "token_f1": share([each.f1 for each in told]),
        "exact_match": share([each.exact for each in told]),
        "abstention": {
            "precision": share([not each.answerable for each in answered if each.abstained]),
            "recall": share([each.abstained for each in absent]),
            "questions": len(absent),
        },
    }
