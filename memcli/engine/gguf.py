"""Read the header of a GGUF file without its weights.

Our own 60 lines because the ``gguf`` package builds a numpy view for every string of the
vocabulary (seconds for 150 000 tokens, where this takes a fraction of one), and llama.cpp does not
hand out arrays such as the merges. Format: ggml's ``docs/gguf.md``.
"""

from __future__ import annotations

import contextlib
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from memcli.errors import ModelError, ModelNotFound

MAGIC = b"GGUF"
VERSIONS = (2, 3)
SCALARS = dict(zip([*range(8), 10, 11, 12], "BbHhIif?Qqd", strict=True))  # as struct spells them
STRING, ARRAY = 8, 9
LONGEST = 1 << 28  # no string or array of a real header has more bytes or items than this
BLOCKS = {  # ggml's tensor types: weights in a block, and its bytes
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 40), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    40: (64, 36), 41: (128, 18),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """The key–value pairs of a GGUF file."""

    path: Path
    values: Mapping[str, Any]

    @property
    def architecture(self) -> str:
        """The kind of model, such as ``llama`` or ``bert``."""
        return str(self.values.get("general.architecture", ""))

    @property
    def name(self) -> str:
        """The model's own name, or the file's."""
        return str(self.values.get("general.name") or self.path.stem)

    @property
    def chat_template(self) -> str:
        """The Jinja2 chat template, or an empty text."""
        return str(self.values.get("tokenizer.chat_template", ""))

    @property
    def embeds(self) -> bool:
        """Whether the model makes vectors or scores, and cannot chat."""
        pooled = self.integer("pooling_type", 0) != 0
        return pooled or self.values.get(f"{self.architecture}.attention.causal") is False

    def integer(self, name: str, default: int = 0) -> int:
        """Return a number of the architecture, such as ``context_length``."""
        value = self.values.get(f"{self.architecture}.{name}", default)
        return value if isinstance(value, int) else default


def read_header(path: Path) -> Header:
    """Read the key–value pairs of a GGUF file.

    Raises:
        ModelNotFound: there is no such file.
        ModelError: it cannot be read, or is not a GGUF.
    """
    with _opened(path) as file:
        return Header(path, _read(file)[0])


def check_whole(path: Path) -> None:
    """Make sure that a file holds all its tensors, which one that was cut short does not.

    Raises:
        ModelError: bytes are missing, or it is no GGUF.
    """
    with _opened(path) as file:
        values, tensors = _read(file)
        ends = [_tensor_end(file) for _ in range(tensors)]
        alignment = values.get("general.alignment", 32)
        start = -(-file.tell() // alignment) * alignment
        missing = start + max(ends, default=0) - file.seek(0, 2)
        if missing > 0:
            raise ValueError(f"its last {missing} bytes are missing")


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if not path.is_file():
        raise ModelNotFound(
            f"There is no model file {path}.", "memcli model list shows those found."
        )
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise ModelError(
            f"Cannot read {path}: {error.strerror}.", "Check its permissions."
        ) from error
    except (struct.error, ValueError, TypeError, ArithmeticError, MemoryError) as error:
        raise ModelError(
            f"{path} is not a whole GGUF file ({error}).", "Use another file, or fetch it again."
        ) from error


def _tensor_end(file: BinaryIO) -> int:
    _text(file)  # its name
    (dimensions,) = _numbers(file, "I")
    shape = _numbers(file, f"{min(dimensions, LONGEST)}Q")
    kind, offset = _numbers(file, "IQ")
    weights, size = BLOCKS.get(kind, (1, 0))  # of a type unknown here only the start is
    return int(offset + math.prod(shape) // weights * size)


def _read(file: BinaryIO) -> tuple[dict[str, Any], int]:
    """Return the key–value pairs, and how many tensors are described after them."""
    if file.read(4) != MAGIC:
        raise ValueError("its first bytes are not GGUF")
    version, tensors, pairs = _numbers(file, "IQQ")
    if version not in VERSIONS:
        raise ValueError(f"its version is {version}, known are {VERSIONS}")
    values = {}
    for _ in range(pairs):
        key, (kind,) = _text(file), _numbers(file, "I")
        values[key] = _value(file, kind)
    return values, tensors


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == STRING:
        return _text(file)
    if kind == ARRAY:
        (inner,), count = _numbers(file, "I"), _length(file)
        if inner == ARRAY:
            raise ValueError("it has arrays of arrays")
        if inner in SCALARS:
            return list(_numbers(file, f"{count}{SCALARS[inner]}"))
        return [_value(file, inner) for _ in range(count)]
    if kind not in SCALARS:
        raise ValueError(f"a value has the unknown type {kind}")
    return _numbers(file, SCALARS[kind])[0]


def _text(file: BinaryIO) -> str:
    length = _length(file)
    raw = file.read(length)
    if len(raw) != length:
        raise ValueError("it ends inside its header")
    return raw.decode("utf-8", "replace")


def _numbers(file: BinaryIO, codes: str) -> tuple[Any, ...]:
    return struct.unpack(f"<{codes}", file.read(struct.calcsize(f"<{codes}")))


def _length(file: BinaryIO) -> int:
    (length,) = _numbers(file, "Q")
    if length > LONGEST:
        raise ValueError(f"its header claims a length of {length}")
    return int(length)
