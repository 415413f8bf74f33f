"""What an engine is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from memcli.records import Role

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Cancel:
    """A flag that a signal handler may raise while an engine works.

    Not a threading.Event: its lock could already be held by the code the signal interrupted.
    """

    def __init__(self) -> None:
        self.raised = False

    def raise_(self) -> None:
        """Ask the engine to stop as soon as it can."""
        self.raised = True


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a message that comes again word for word: a line made of one record."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt. ``recalled`` marks memories, which stand for this turn only.

    ``chunks`` are stretches of its text, in order, whose cells may be spliced in.
    """

    role: Role
    text: str
    recalled: bool = False
    chunks: tuple[Chunk, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that an engine may use for one answer.

    A model reads ``messages``. The extractive engine, which cannot read, uses the rest: whether
    the user ``asks`` something, ``quotes`` (the memories that support an answer, ready to print;
    none if nothing does), and what was just ``noted``. With a ``grammar`` (GBNF) a model can write
    nothing that it does not allow, and always writes what is likeliest.
    """

    messages: tuple[Message, ...]
    asks: bool = True
    quotes: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    kept: bool = True  # whether the user's words are stored
    grammar: str = ""
    lead: str = ""  # the part of the system prompt that is always the same
    policy: str = "window"  # what becomes of turns that left it, see ``engine.window``


@dataclass(slots=True)
class Stats:
    """What one answer cost, in tokens.

    Those ``reused`` were in the context already, the cells of those ``spliced`` in the store; those
    ``read`` were in neither. ``stored`` ones were read once more, for the store. ``compared``: the
    prompt was read as text and spliced, to see whether that is the same to this model.
    """

    reused: int = 0
    spliced: int = 0
    read: int = 0
    stored: int = 0
    compared: bool = False
    written: int = 0
    first_token_s: float = 0.0
    tokens_per_s: float = 0.0
    stopped: str = ""  # why the answer ended, where it was not the model's own end


@dataclass(slots=True)
class Generation:
    """An answer in the making: iterate over its pieces; ``stats`` is complete at the end."""

    pieces: Iterator[str]
    stats: Stats = field(default_factory=Stats)
    interrupted: bool = False

    def __iter__(self) -> Iterator[str]:
        """Yield the answer piece by piece."""
        return self.pieces


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a model has in mind: the tokens it holds, and the state it made of them.

    ``past`` (start, length) are tokens of turns that left the window.
    """

    tokens: tuple[int, ...]
    data: bytes = field(repr=False)
    past: tuple[int, ...] = ()


class CellStore(Protocol):
    """Where the cells of chunks are kept, and how they are spliced; see ``media.kv``."""

    side_by_side: bool  # all chunks at the same positions, not in series
    by_attention: bool  # how tokens are chosen, where not all are kept

    def again(self, length: int) -> int:
        """Return how many first tokens of a chunk of some length are read again."""

    def get(self, id: str, key: str, fingerprint: str) -> bytes:
        """Return stored cells, ready for llama.cpp; nothing if there are none that can be used."""

    def put(
        self,
        id: str,
        key: str,
        fingerprint: str,
        data: bytes,
        scores: Callable[[], NDArray[np.float32]],
    ) -> bytes:
        """Store cells as llama.cpp gave them, and return what ``get`` will.

        ``scores`` tells how much each of them matters.
        """

    def trusted(self, fingerprint: str) -> bool:
        """Say whether splicing changes nothing that matters to a model, as far as is known."""

    def due(self, fingerprint: str) -> bool:
        """Say whether the next prompt should be read both ways and compared."""

    def judge(self, fingerprint: str, divergence: float, agreement: float) -> None:
        """Note a comparison: KL of the next token in nats, share of equal first tokens."""


class Engine(Protocol):
    """Turns a prompt into an answer."""

    name: str
    context_size: int
    reads_prompts: bool  # False: only the hits matter, and no prompt can be too long

    @property
    def bounded(self) -> bool:
        """Whether no more tokens than ``context_size`` can be held."""

    @property
    def fingerprint(self) -> str:
        """What a snapshot depends on; empty where there are none."""

    def snapshot(self, begin: Sequence[Message] = ()) -> Snapshot | None:
        """Return what the model has in mind; None where there is nothing, or no such thing.

        With ``begin`` it is only what a prompt that begins with these messages begins with.
        """

    def resume(self, snapshot: Snapshot) -> bool:
        """Have in mind what a snapshot of the same fingerprint holds, and say whether it could.

        Where it could not, the model has nothing in mind, and reads again.
        """

    def read_begin(self, begin: Message, cancel: Cancel) -> None:
        """Have in mind what all prompts begin with that begin with a message, and nothing else.

        Raises:
            KeyboardInterrupt: ``cancel`` was raised.
        """

    def store(self, prompt: Prompt, cancel: Cancel) -> Stats:
        """Have the cells of a prompt's chunks stored without answering it."""

    def clear(self) -> None:
        """Have nothing in mind."""

    def count(self, text: str) -> int:
        """Return how many tokens a text takes."""

    def prompt_size(self, messages: Sequence[Message]) -> int:
        """Return how many tokens a prompt takes, template included."""

    def answer(self, prompt: Prompt, cancel: Cancel) -> Generation:
        """Begin an answer. Raising ``cancel`` ends it early, keeping what was said."""

    def close(self) -> None:
        """Free what the engine holds."""


class Mindless:
    """What an engine is like that has nothing in mind between answers."""

    bounded = True
    fingerprint = ""

    def read_begin(self, begin: Message, cancel: Cancel) -> None:
        """Nothing can be read ahead."""

    def store(self, prompt: Prompt, cancel: Cancel) -> Stats:
        """There are no cells to store."""
        return Stats()

    def clear(self) -> None:
        """Nothing is in mind anyway."""

    def snapshot(self, begin: Sequence[Message] = ()) -> None:
        """There is nothing to keep."""

    def resume(self, snapshot: Snapshot) -> bool:
        """Nothing can be taken back into mind."""
        return False

    def close(self) -> None:
        """Nothing to free."""


MOST_READ = 0.7  # of the context; a longer prompt would leave no room for its answer


def complete(
    engine: Engine,
    prompt: str,
    grammar: str = "",
    *,
    cancel: Cancel | None = None,
    longest: int = 20_000,
) -> str:
    """Return an engine's answer to a prompt that is no part of a conversation.

    Nothing if the prompt is too long for it, or if it was stopped; an answer is cut after about
    ``longest`` characters.
    """
    message = Message("user", prompt)
    if engine.prompt_size([message]) > engine.context_size * MOST_READ:
        return ""
    answer = engine.answer(Prompt((message,), grammar=grammar), cancel or Cancel())
    text = ""
    for piece in answer:
        text += piece
        if len(text) > longest:
            break
    return "" if answer.interrupted else text
