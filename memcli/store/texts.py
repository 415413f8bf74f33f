"""Full-text search over items (turns and memories; ``schema.py`` says how they are numbered)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from memcli.store import rows
from memcli.text import UNSPACED, spaced

if TYPE_CHECKING:
    from sqlite_utils import Database


MOST_KNOWN = 500_000  # words
COMMON = 10_000  # items; to count more takes long, and the count need not be exact
GROWTH = 1.1  # of the store, after which they are counted again


class Texts:
    """The full-text index."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, str] = {}  # word -> stem
        self._common: dict[str, int] = {}  # stem -> in how many items it occurred
        self._common_at = 0  # how many items there were then
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

    def search_together(self, words: Sequence[str], limit: int) -> list[tuple[int, float]]:
        """Return the newest items that hold all the words, or else all but the last, and so on.

        Scores are 0: this is for words so common that to rank all items with any would take long.
        """
        for end in range(len(words), 0, -1):
            found = self._db.execute(
                """SELECT rowid, 0.0 FROM items_fts
                   WHERE items_fts MATCH ? ORDER BY rowid DESC LIMIT ?""",
                [" AND ".join(quote(word) for word in words[:end]), limit],
            ).fetchall()
            if found:
                return found
        return []

    def holding_all(self, words: Sequence[str]) -> list[str]:
        """Return the ids of the items that hold all of some words; none where there is no word."""
        if not words:
            return []
        found = self._db.execute(
            """SELECT id FROM items WHERE item IN
               (SELECT rowid FROM items_fts WHERE items_fts MATCH ?) ORDER BY item""",
            [" AND ".join(quote(word) for word in words)],
        )
        return [row[0] for row in found]

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
        """Return in how many items each stem occurs; a stem that occurs in none is left out.

        A pair of unspaced letters is taken to occur in as many as the rarer one does.
        """
        parts = {s: self.stems(list(s)) if UNSPACED.match(s) else [s] for s in stems}
        of_term = self._count(set().union(*parts.values()))
        least = {stem: min(of_term.get(term, 0) for term in parts[stem]) for stem in parts}
        return {stem: count for stem, count in least.items() if count}

    def holding(self, words: Sequence[str]) -> list[str]:
        """Return those of some words whose stem still stands in some item."""
        stems = self.stems(words)
        left = self.document_frequencies(sorted(set(stems) - {""}))
        return [word for word, stem in zip(words, stems, strict=True) if not stem or stem in left]

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

    def _count(self, terms: set[str]) -> dict[str, int]:
        if (total := self.about()) > GROWTH * self._common_at:
            self._common, self._common_at = {}, total
        new = list(terms - self._common.keys())
        found = self._db.execute(
            f"SELECT term, doc FROM items_terms WHERE term IN ({rows.marks(new)})", new
        )
        counts = dict(found.fetchall())
        self._common |= {term: count for term, count in counts.items() if count > COMMON}
        return self._common | counts

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
    return '"' + spaced(text).replace('"', '""') + '"'
