"""Read the header of a GGUF file without its weights.

Our own 60 lines because the ``gguf`` package builds a numpy view for every string of the
vocabulary (seconds for 150 000 tokens, where this takes a fraction of one), and llama.cpp does not
hand out arrays such as the merges. Format: ggml's ``docs/gguf.md``.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from memcli.errors import ModelError, ModelNotFound

MAGIC = b"GGUF"
VERSIONS = (2, 3)
SCALARS = dict(zip([*range(8), 10, 11, 12], "BbHhIif?Qqd", strict=True))  # as struct spells them
STRING, ARRAY = 8, 9
LONGEST = 1 << 28  # no string or array of a real header has more bytes or items than this


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
    if not path.is_file():
        raise ModelNotFound(
            f"There is no model file {path}.", "memcli model list shows those found."
        )
    try:
        with path.open("rb") as file:
            return Header(path, _read(file))
    except OSError as error:
        raise ModelError(
            f"Cannot read {path}: {error.strerror}.", "Check its permissions."
        ) from error
    except (struct.error, ValueError, OverflowError, MemoryError) as error:
        raise ModelError(
            f"{path} is not a whole GGUF file ({error}).", "Use another file, or fetch it again."
        ) from error


def _read(file: BinaryIO) -> dict[str, Any]:
    if file.read(4) != MAGIC:
        raise ValueError("its first bytes are not GGUF")
    version, _, pairs = _numbers(file, "IQQ")
    if version not in VERSIONS:
        raise ValueError(f"its version is {version}, known are {VERSIONS}")
    values = {}
    for _ in range(pairs):
        key, (kind,) = _text(file), _numbers(file, "I")
        values[key] = _value(file, kind)
    return values


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
