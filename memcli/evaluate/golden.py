"""Golden questions: a regression test of a person's own memory."""

from __future__ import annotations

from math import inf
from typing import Any

from memcli.errors import InvalidInput, NotFound
from memcli.evaluate.asked import Ask, Asked
from memcli.evaluate.questions import EvalSet, Question
from memcli.evaluate.retrieval import ranks

DEEP = 20  # hits in which a rank is looked for, at least


def check(chosen: EvalSet, ask: Ask, at: int) -> dict[str, Any]:
    """Ask the own memory: all that a question wants must be among the first ``at`` hits.

    Raises:
        InvalidInput: the questions are about conversations of their own.
        NotFound: no question says what should be found.
    """
    [conversation, *others] = chosen.conversations
    if others or conversation.turns is not None:
        raise InvalidInput(f"This is a {chosen.name} set.", "memcli eval retrieval takes it.")
    with ask(conversation) as asked:
        judged = [q for q in asked.questions if q.evidence or not q.answerable]
        results = [_result(asked, question, at) for question in judged]
    if not results:
        raise NotFound("No question says what should be found.", 'Add "memory" or "text".')
    passed = sum(result["passed"] for result in results)
    found = {"set": chosen.name, "questions": len(results), "passed": passed, "at": at}
    return {**found, "results": results}


def _result(asked: Asked, question: Question, at: int) -> dict[str, Any]:
    """Say how a question fared, and where the last of what it wants was found."""
    hits = asked.memory.recall(question.text, limit=max(at, DEEP), asked_at=question.asked_at)
    last = max(ranks([hit.id for hit in hits], question.evidence), default=inf)
    passed = last <= at if question.answerable else not hits.enough
    rank = None if last == inf else int(last)
    wanted = ("found", "missed") if question.answerable else ("nothing, rightly", "not nothing")
    verdict = wanted[0] if passed else wanted[1]
    return {"question": question.text, "rank": rank, "verdict": verdict, "passed": passed}
