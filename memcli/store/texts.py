"""Full-text search over items (turns and memories; ``schema.py`` says how they are numbered)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from memcli.store import rows

if TYPE_CHECKING:
    from sqlite_utils import Database


class Texts:
    """The full-text index."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stemmer = sqlite3.connect(":memory:")
        self._stemmer.executescript(
            """CREATE VIRTUAL TABLE words USING fts5(
                   word, tokenize='porter unicode61 remove_diacritics 2');
               CREATE VIRTUAL TABLE stems USING fts5vocab(words, 'instance');"""
        )

    def search(self, words: Sequence[str], limit: int) -> list[tuple[int, float]]:
        """Return the items that hold any of the words, with BM25 scores, the best first.

        A word is taken as it stands, whatever FTS5 would make of its characters.
        """
        if not words:
            return []
        found = self._db.execute(
            """SELECT rowid, -rank FROM items_fts
               WHERE items_fts MATCH ? ORDER BY rank LIMIT ?""",
            [" OR ".join(quote(word) for word in words), limit],
        )
        return found.fetchall()

    def stems(self, words: Sequence[str]) -> list[str]:
        """Return each word as the index holds it; empty for one that has nothing to index."""
        found = dict(reversed(self._indexed(words)))
        return [found.get(i, "") for i in range(len(words))]

    def stem_sets(self, texts: Sequence[str]) -> list[set[str]]:
        """Return the set of stems in each text, as the index would hold them."""
        sets: list[set[str]] = [set() for _ in texts]
        for i, term in self._indexed(texts):
            sets[i].add(term)
        return sets

    def document_frequencies(self, stems: Sequence[str]) -> dict[str, int]:
        """Return in how many items each stem occurs; a stem that occurs in none is left out."""
        found = self._db.execute(
            f"SELECT term, doc FROM items_terms WHERE term IN ({rows.marks(stems)})", list(stems)
        )
        return dict(found.fetchall())

    def about(self) -> int:
        """Return about how many items there are, deleted ones included, at once."""
        found = self._db.execute(
            "SELECT sum(seq) FROM sqlite_sequence WHERE name IN ('turns', 'memories')"
        )
        return int(found.fetchone()[0] or 0)

    def count(self) -> int:
        """Return the number of items."""
        return int(self._db.execute("SELECT count(*) FROM items").fetchone()[0])

    def _indexed(self, texts: Sequence[str]) -> list[tuple[int, str]]:
        """Return ``(which text, stem)`` for each word of some texts, in order."""
        with self._stemmer:
            self._stemmer.execute("DELETE FROM words")
            self._stemmer.executemany(
                "INSERT INTO words(rowid, word) VALUES (?, ?)", enumerate(texts)
            )
            return self._stemmer.execute(
                "SELECT doc, term FROM stems ORDER BY doc, offset"
            ).fetchall()


def quote(text: str) -> str:
    """Quote text for FTS5, which then sees one phrase and no syntax."""
    return '"' + text.replace('"', '""') + '"'
