"""Full-text search over items (turns and memories; ``schema.py`` says how they are numbered)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from memcli.store import rows

if TYPE_CHECKING:
    from sqlite_utils import Database


MOST_KNOWN = 500_000  # words


class Texts:
    """The full-text index."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, str] = {}  # word -> stem
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
        unknown = list(dict.fromkeys(word for word in words if word not in self._known))
        if len(self._known) + len(unknown) > MOST_KNOWN:
            self._known.clear()
            unknown = list(dict.fromkeys(words))
        self._known.update((word, word) for word in unknown if word.isdigit())
        if unknown := [word for word in unknown if not word.isdigit()]:
            self._known.update(zip(unknown, self._stem(unknown), strict=True))
        return [self._known[word] for word in words]

    def table(self, words: Iterable[str]) -> Mapping[str, str]:
        """Return a table that has the stem of each of some words, among others."""
        self.stems(list(words))
        return self._known

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

    def all(self) -> Iterator[tuple[str, str]]:
        """Yield the id and the text of every item."""
        yield from self._db.execute("SELECT id, text FROM items ORDER BY item")

    def count(self) -> int:
        """Return the number of items."""
        return int(self._db.execute("SELECT count(*) FROM items").fetchone()[0])

    def _stem(self, words: Sequence[str]) -> list[str]:
        with self._stemmer:
            self._stemmer.execute("DELETE FROM words")
            self._stemmer.executemany(
                "INSERT INTO words(rowid, word) VALUES (?, ?)", enumerate(words)
            )
            found = dict(self._stemmer.execute("SELECT doc, term FROM stems ORDER BY offset DESC"))
        return [found.get(i, "") for i in range(len(words))]


def quote(text: str) -> str:
    """Quote text for FTS5, which then sees one phrase and no syntax."""
    return '"' + text.replace('"', '""') + '"'
