"""Embedders: text in, one unit vector a text out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from memcli.errors import ModelError

if TYPE_CHECKING:
    import numpy as np

LONGEST_TEXT = 8_000  # characters; what a text means is settled long before
MOST_WORDS = 200_000  # whose vectors are kept
NOT_WORDS = 259  # control tokens and single bytes, at the start of the vocabulary
ZIPF_OFFSET, SIF_A = 50, 1e-3
PACKED_TOKENS = 256  # a BERT batch costs the square of its tokens: 256 is 6 x faster than 4096


class Embedder(Protocol):
    """Turns texts into vectors. ``id`` differs whenever the vectors would."""

    id: str
    dims: int

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, dims) float32, each row of length 1 (or all zeros for an empty text)."""
        ...

    @property
    def embeds_words(self) -> bool:
        """Whether a single word's vector is meaningful, and cheap."""
        ...


def load_embedder(model: str) -> Embedder:
    """Return the built-in embedder for ``wordllama``, or the embedding GGUF at a path.

    Raises:
        ModelError: the file is missing or is no embedding model.
    """
    return WordLlamaEmbedder() if model == "wordllama" else GgufEmbedder(Path(model).expanduser())


MANY = 64  # texts at once: somebody imports


class WordLlamaEmbedder:
    """Static token vectors that travel in wordllama's wheel: no download, 50 000 texts a second.

    Its files are read here, without importing it: that takes 250 ms (requests, ssl, pydantic) of
    the 0.8 s that a recall from the shell may take, and sets up logging for the whole process.
    """

    dims = 256
    embeds_words = True

    def __init__(self) -> None:
        from importlib.util import find_spec

        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        spec = find_spec("wordllama")
        if spec is None or not spec.submodule_search_locations:
            raise ModelError("wordllama is not installed.", "pip install wordllama")
        folder = Path(spec.submodule_search_locations[0])
        tokenizer = folder / "tokenizers" / "l2_supercat_tokenizer_config.json"
        weights = load_file(folder / "weights" / f"l2_supercat_{self.dims}.safetensors")
        self.id = f"wordllama-{self.dims}-sif"
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._vectors: np.ndarray = next(iter(weights.values()))  # (vocabulary, 256) float16
        self._weights = smooth_inverse_frequency(len(self._vectors))

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, 256) float32: each text's weighted token vectors, summed, of length 1."""
        import numpy as np

        encoded = self._tokenizer.encode_batch([_cut(t) for t in texts], add_special_tokens=False)
        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        if len(texts) >= MANY and self._vectors.dtype != np.float32:
            # 30 ms and 33 MB once, where a recall from the shell embeds one text: most of the time
            # of an import went into widening the same rows again and again.
            self._vectors = self._vectors.astype(np.float32)
        for row, tokens in zip(rows, encoded, strict=True):
            if ids := tokens.ids:
                found = np.asarray(ids)
                row[:] = self._weights[found] @ self._vectors[found].astype(np.float32, copy=False)
        return unit_rows(rows)


class GgufEmbedder:
    """An embedding model run by llama.cpp."""

    embeds_words = False

    def __init__(self, path: Path) -> None:
        """Load the model.

        Raises:
            ModelNotFound: there is no such file.
            ModelError: it is not a GGUF, or not an embedding model.
        """
        from memcli.engine import gguf

        header = gguf.read_header(path)
        self.id = f"{path.stem}-{path.stat().st_size}"
        self.dims = header.integer("embedding_length")
        self._context = min(header.integer("context_length", 512), 2048)
        self._model = self._load(path)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, dims) float32, each row of length 1."""
        rows: list[list[float]] = []
        for batch in self._batches([_cut(text) for text in texts]):
            rows += self._model.embed(batch, truncate=True)
        import numpy as np

        return unit_rows(np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dims))

    def _load(self, path: Path) -> Any:
        import llama_cpp  # 220 ms

        size = self._context
        try:
            model = llama_cpp.Llama(
                str(path), embedding=True, n_ctx=size, n_batch=size, n_ubatch=size, verbose=False
            )
        except ValueError as error:
            raise ModelError(
                f"llama.cpp cannot load {path}.", "Fetch it again, or use wordllama."
            ) from error
        if model.pooling_type() in (
            llama_cpp.LLAMA_POOLING_TYPE_NONE,
            llama_cpp.LLAMA_POOLING_TYPE_RANK,
        ):
            raise ModelError(
                f"{path} does not turn a text into one vector: it is not an embedding model.",
                "Set embedder.model to an embedding GGUF, or to wordllama.",
            )
        return model

    def _batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        tokens = 0
        for text in texts:
            length = len(self._model.tokenize(text.encode()))
            if batch and tokens + length > PACKED_TOKENS:
                yield batch
                batch, tokens = [], 0
            batch.append(text)
            tokens += length
        if batch:
            yield batch


class WordVectors:
    """The vectors of single words, each embedded once."""

    def __init__(self, embedder: Embedder) -> None:
        import numpy as np

        self._embedder = embedder
        self._rows: dict[str, int] = {}
        self._matrix = np.zeros((1024, embedder.dims), dtype=np.float32)

    def __call__(self, words: Sequence[str]) -> np.ndarray:
        """Return (n, d) float32, one unit vector a word."""
        import numpy as np

        if len(self._rows) > MOST_WORDS:
            self._rows.clear()
        if unknown := [word for word in dict.fromkeys(words) if word not in self._rows]:
            needed = len(self._rows) + len(unknown)
            if needed > len(self._matrix):
                more = np.zeros((needed, self._matrix.shape[1]), dtype=np.float32)
                self._matrix = np.concatenate([self._matrix, more])
            rows = range(len(self._rows), needed)
            self._matrix[rows.start : rows.stop] = self._embedder.embed(unknown)
            self._rows.update(zip(unknown, rows, strict=True))
        return self._matrix[[self._rows[word] for word in words]]


def smooth_inverse_frequency(vocabulary: int) -> np.ndarray:
    """Return (vocabulary,) float32: how much each token should count in the vector of a text.

    a / (a + p), with p the token's probability (Arora, Liang and Ma 2017). A SentencePiece
    vocabulary is ordered by frequency, so Zipf's law gives p by rank. Without it a text's vector is
    mostly that of its commonest words: docs/lab.md has the figures.
    """
    import numpy as np

    rank = np.maximum(np.arange(vocabulary) - NOT_WORDS, 1)
    probability = 1 / (rank + ZIPF_OFFSET)
    probability /= probability.sum()
    return (SIF_A / (SIF_A + probability)).astype(np.float32)


def _cut(text: str) -> str:
    """Return the beginning of a text; never empty, and without lone surrogates."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode() or " "


def unit_rows(matrix: np.ndarray) -> np.ndarray:
    """Scale each row of (n, d) to length 1; rows of zeros, and what is not finite, become zeros."""
    import numpy as np

    matrix = np.nan_to_num(np.asarray(matrix, dtype=np.float32), posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.where(lengths > 0, lengths, 1)
