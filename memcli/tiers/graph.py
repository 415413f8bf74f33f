"""The triples around somebody or something, as a tree: each node once, at its first place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from memcli.records import LINKS, USER, Triple
from memcli.store.filters import ME
from memcli.store.memories import Memories

MOST = 200  # branches of one node


@dataclass(slots=True)
class Node:
    """Somebody or something, and where its triples lead: pairs of predicate and node."""

    name: str
    branches: list[tuple[str, Node]] = field(default_factory=list)

    def edges(self) -> Iterator[Triple]:
        """Yield all triples of the tree, from its root on."""
        for predicate, node in self.branches:
            yield Triple(self.name, predicate, node.name)
            yield from node.edges()


def grow(memories: Memories, subject: str, depth: int) -> Node:
    """Return the tree of what holds now, at most ``depth`` triples deep."""
    root = Node(USER if subject.casefold() in ME else _spelled(memories, subject))
    level, seen = [root], {root.name.casefold()}
    for _ in range(depth):
        found: list[Node] = []
        for node in level:
            node.branches = _branches(memories, node.name)
            new = [n for _, n in node.branches if n.name.casefold() not in seen]
            seen.update(n.name.casefold() for n in new)
            found += new
        level = found
    root.branches += _linked_from(memories, root.name)
    return root


def _spelled(memories: Memories, name: str) -> str:
    """Return a name as it was first written."""
    found = (t.subject for m in memories.about(name) for t in m.triples)
    return next((subject for subject in found if subject.casefold() == name.casefold()), name)


def _linked_from(memories: Memories, name: str) -> list[tuple[str, Node]]:
    """Return the notes that link to something, as far as they are not shown already."""
    told = [t for m in memories.of_object(name) for t in m.triples if not m.muted]
    here = name.casefold()
    notes = {t.subject for t in told if t.predicate == LINKS and t.object.casefold() == here}
    return [("linked from", Node(note)) for note in sorted(notes)][:MOST]


def _branches(memories: Memories, name: str) -> list[tuple[str, Node]]:
    told = [t for m in memories.about(name) for t in m.triples if not m.muted]
    pairs = dict.fromkeys(
        (t.predicate, t.object) for t in told if t.subject.casefold() == name.casefold()
    )
    return [(predicate, Node(value)) for predicate, value in pairs][:MOST]
