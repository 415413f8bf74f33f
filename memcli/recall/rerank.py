"""Put the best hits in another order, by a model (``recall.rerank``; off by default)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from memcli.records import Hit

if TYPE_CHECKING:
    from memcli.config import RecallConfig
    from memcli.engine.rerank import Reranker

# Hits with one of these parts stand where they stand, however well they fit the question.
PUT_BACK = {"outdated", "only asks"}


class Rerank:
    """Judges the first ``top`` hits anew; its model is loaded at the first use."""

    def __init__(self, settings: RecallConfig, chat_model: str) -> None:
        self.top = settings.rerank_top
        self._settings = settings
        self._chat_model = chat_model
        self._model: Reranker | None = None

    def __call__(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits in their new order.

        Raises:
            ModelError: the model is not set, or cannot be used.
        """
        from memcli.engine.rerank import load_reranker, reranked  # llama.cpp: 220 ms

        if self._model is None:
            kind, model = self._settings.rerank, self._settings.rerank_model
            self._model = load_reranker(kind, model, self._chat_model)
        able = [hit for hit in hits if PUT_BACK.isdisjoint(hit.parts)]
        rest = [hit for hit in hits if not PUT_BACK.isdisjoint(hit.parts)]
        scores = self._model.scores(question, [hit.text for hit in able[: self.top]])
        return reranked([*able, *rest], scores, self._settings.rerank_weight)

    def close(self) -> None:
        """Free the model."""
        if self._model is not None:
            self._model.close()
