"""What is compared: three ways to search texts that need no memory, and memcli's recall."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from memcli.evaluate.asked import Asked
from memcli.evaluate.questions import Question

if TYPE_CHECKING:
    import numpy as np

K1, B = 1.2, 0.75  # BM25's usual ones
EMBED_BATCH = 256
STOP = frozenset(
    """a an and are as at be been but by can could did do does for from had has have he her his how
    i in is it its me my of on or our s she so t that the their them they this to was we were what
    when where which who whom whose why will with would you your"""
    .split()
)  # fmt: skip

Search = Callable[[Question, int], list[str]]  # a question and a limit in, ids out, the best first


def grep(asked: Asked) -> Search:
    """Count the words of a question that a text contains anywhere, as ``grep -i`` finds them."""
    import numpy as np

    lowered = [text.lower() for _, text in asked.texts]

    def scores(query: str) -> np.ndarray:
        sought = set(_words(query))
        return np.array([sum(word in text for word in sought) for text in lowered], dtype=float)

    return _best(asked, scores)


def bm25(asked: Asked) -> Search:
    """Weigh words by Okapi BM25 (Robertson and Zaragoza 2009)."""
    import numpy as np

    counts = [Counter(_words(text)) for _, text in asked.texts]
    lengths = np.array([count.total() for count in counts], dtype=float)
    damping = K1 * (1 - B + B * lengths / max(lengths.mean(), 1)) if counts else lengths
    postings = defaultdict(list)
    for i, count in enumerate(counts):
        for word, times in count.items():
            postings[word].append((i, times))

    def scores(query: str) -> np.ndarray:
        total = np.zeros(len(counts))
        for word in _words(query):
            if word in postings:
                rows, times = np.array(postings[word]).T
                weight = math.log(1 + (len(counts) - len(rows) + 0.5) / (len(rows) + 0.5))
                total[rows] += weight * times * (K1 + 1) / (times + damping[rows])
        return total

    return _best(asked, scores)


def dense(asked: Asked) -> Search:
    """Compare the vectors of the configured embedder by cosine, one a text."""
    import numpy as np

    embedder = asked.memory.memory.meaning.embedder
    texts = [text for _, text in asked.texts]
    parts = [embedder.embed(texts[i : i + EMBED_BATCH]) for i in range(0, len(texts), EMBED_BATCH)]
    matrix = np.concatenate([np.zeros((0, embedder.dims), dtype=np.float32), *parts])
    return _best(asked, lambda query: matrix @ embedder.embed([query])[0])


def recall(asked: Asked) -> Search:
    """Ask memcli. A hit counts for the turns it stands for, or in an own memory for itself."""

    def search(question: Question, limit: int) -> list[str]:
        hits = asked.memory.recall(question.text, limit=limit, asked_at=question.asked_at)
        ids = (id for hit in hits for id in ([hit.id] if asked.own else hit.external_ids))
        return list(dict.fromkeys(ids))

    return search


MEMCLI = "memcli"
SYSTEMS = {"grep": grep, "bm25": bm25, "dense": dense, MEMCLI: recall}


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.lower()) if word not in STOP]


def _best(asked: Asked, scores: Callable[[str], np.ndarray]) -> Search:
    """Return what finds the highest of (n,) scores, the earlier of equals first, and none of 0."""
    import numpy as np

    def search(question: Question, limit: int) -> list[str]:
        of_each = scores(question.text)
        best = np.argsort(-of_each, kind="stable")[:limit]
        return [asked.texts[i][0] for i in best if of_each[i] > 0]

    return search
