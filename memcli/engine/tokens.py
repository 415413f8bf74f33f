"""Count tokens without loading a model's weights.

A byte-level BPE vocabulary inside a GGUF becomes a ``tiktoken.Encoding``, which counts exactly as
the model does. Without one: tiktoken's own encoding where it was downloaded before, else
characters / 4. Both of these are estimates and say so.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

    from memcli.engine.gguf import Header

CHARACTERS_PER_TOKEN = 4
SLICE = 20_000  # characters
FALLBACK_ENCODING = "cl100k_base"
FALLBACK_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
FALLBACK_URL = "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken"

# How each family cuts text before it merges bytes (llama.cpp, src/llama-vocab.cpp).
GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PATTERNS = {
    "gpt-2": GPT2,
    "llama-bpe": LLAMA3,
    "smaug-bpe": LLAMA3,
    "dbrx": LLAMA3,
    "qwen2": LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}"),
    "stablelm2": LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}"),
    "smollm": r"\p{N}|" + GPT2,
}


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """Counts tokens; ``exact`` says whether a model would count the same."""

    count: Callable[[str], int]
    exact: bool
    name: str


def counter_for(header: Header | None) -> TokenCounter:
    """Return the best counter for a model, without any use of the network."""
    encoding = encoding_of(header) if header else None
    exact = encoding is not None
    if not encoding and _fallback_is_cached():
        import tiktoken  # 30 ms

        encoding = tiktoken.get_encoding(FALLBACK_ENCODING)
    if encoding:
        return TokenCounter(partial(_count, encoding), exact=exact, name=encoding.name)
    return TokenCounter(estimate, exact=False, name=f"characters / {CHARACTERS_PER_TOKEN}")


def estimate(text: str) -> int:
    """Guess a number of tokens from the length of the text, rounding up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def encoding_of(header: Header) -> tiktoken.Encoding | None:
    """Make the encoding of a byte-level BPE model whose way of cutting text is known."""
    pattern = PATTERNS.get(str(header.values.get("tokenizer.ggml.pre", "")))
    merges = header.values.get("tokenizer.ggml.merges")
    if header.values.get("tokenizer.ggml.model") != "gpt2" or not pattern or not merges:
        return None
    try:
        ranks = _ranks(merges)
    except (AttributeError, KeyError, TypeError, ValueError):  # not what a tokenizer would write
        return None
    import tiktoken

    return tiktoken.Encoding(header.name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


def _ranks(merges: list[str]) -> dict[bytes, int]:
    """Return each token's bytes with the order in which it is merged, single bytes first.

    tiktoken takes a rank for an id as well; ours are only good for counting.
    """
    to_byte = {character: byte for byte, character in _byte_characters().items()}
    ranks = {bytes([byte]): byte for byte in range(256)}
    for merge in merges:
        token = bytes(to_byte[character] for character in merge.replace(" ", "", 1))
        ranks.setdefault(token, len(ranks))
    return ranks


def _byte_characters() -> dict[int, str]:
    """Return GPT-2's table, which gives each byte a visible character."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    table = {byte: chr(byte) for byte in visible}
    table.update({byte: chr(256 + i) for i, byte in enumerate(hidden)})
    return table


def _count(encoding: tiktoken.Encoding, text: str) -> int:
    # In slices: merging a word takes the square of its length, and a word may have megabytes.
    slices = (text[i : i + SLICE] for i in range(0, len(text), SLICE))
    return sum(len(encoding.encode_ordinary(piece)) for piece in slices)


def _fallback_is_cached() -> bool:
    """Say whether tiktoken would find its file whole on disk; else it would go online."""
    folder = (
        os.environ.get("TIKTOKEN_CACHE_DIR")
        or os.environ.get("DATA_GYM_CACHE_DIR")
        or str(Path(tempfile.gettempdir()) / "data-gym-cache")
    )
    name = hashlib.sha1(FALLBACK_URL.encode(), usedforsecurity=False).hexdigest()
    try:
        data = (Path(folder) / name).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() == FALLBACK_SHA256
