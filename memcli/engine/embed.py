"""Embedders: text in, one unit vector a text out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from memcli.errors import ModelError

if TYPE_CHECKING:
    import numpy as np

LONGEST_TEXT = 8_000  # characters; what a text means is settled long before
PACKED_TOKENS = 256  # a BERT batch costs the square of its tokens: 256 is 6 x faster than 4096


class Embedder(Protocol):
    """Turns texts into vectors. ``id`` differs whenever the vectors would."""

    id: str
    dims: int

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, dims) float32, each row of length 1 (or all zeros for an empty text)."""
        ...


def load_embedder(model: str) -> Embedder:
    """Return the built-in embedder for ``wordllama``, or the embedding GGUF at a path.

    Raises:
        ModelError: the file is missing or is no embedding model.
    """
    return WordLlamaEmbedder() if model == "wordllama" else GgufEmbedder(Path(model).expanduser())


class WordLlamaEmbedder:
    """Static token vectors that travel in wordllama's wheel: no download, 50 000 texts a second.

    Its files are read here, without importing it: that takes 250 ms (requests, ssl, pydantic) of
    the 0.8 s that a recall from the shell may take, and sets up logging for the whole process.
    """

    dims = 256

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
        self.id = f"wordllama-{self.dims}"
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._vectors: np.ndarray = next(iter(weights.values()))  # (vocabulary, 256) float16

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, 256) float32: each text's mean token vector, scaled to length 1."""
        import numpy as np

        encoded = self._tokenizer.encode_batch([_cut(t) for t in texts], add_special_tokens=False)
        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        for row, tokens in zip(rows, encoded, strict=True):
            if tokens.ids:
                row[:] = self._vectors[tokens.ids].astype(np.float32).mean(axis=0)
        return unit_rows(rows)


class GgufEmbedder:
    """An embedding model run by llama.cpp."""

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


def _cut(text: str) -> str:
    """Return the beginning of a text; never empty, and without lone surrogates."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode() or " "


def unit_rows(matrix: np.ndarray) -> np.ndarray:
    """Scale each row of (n, d) to length 1; rows of zeros, and what is not finite, become zeros."""
    import numpy as np

    matrix = np.nan_to_num(np.asarray(matrix, dtype=np.float32), posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.where(lengths > 0, lengths, 1)
