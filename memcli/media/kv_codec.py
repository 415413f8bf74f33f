r"""KV cells as arrays, and ways to keep them small.

llama.cpp's state of one sequence of plain attention (build 0.3.36; no public promise), little
endian; nothing that differs from this is taken apart:

    u32 magic | i32 sequence | u32 streams = 1 | u32 cells
    cells × { i32 position | u32 sequences = 1 | i32 sequence }
    u32 transposed = 0 | u32 layers
    layers × K, layers × V, each: { i32 type | u64 bytes a row | cells × row }

K is stored after RoPE. A codec turns ``Cells`` into bytes and back; what it loses is measured by
benchmarks/kv_quality.py.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

MAGIC, F16 = 0xAF143CD8, 1
HEAD, CELL, KIND, ROW = (struct.Struct(f) for f in ("<IiII", "<iIi", "<II", "<iQ"))
MOST_CELLS, MOST_LAYERS = 2**20, 2**12
GROUP = 64  # numbers that share a scale: one attention head's, of most models
LARGEST = 65_000  # float16 has room up to 65504, and a scale may be rounded up
LEVEL = 1  # of zstd: there is little to find in such numbers
RANK = 0.25  # of the number of tokens, kept of each matrix by ``lowrank``

Matrix = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of some tokens: ``positions`` (n,), and K then V of all layers, each (n, width)."""

    positions: NDArray[np.int32]
    matrices: tuple[Matrix, ...]

    def only(self, rows: NDArray[np.intp]) -> Cells:
        """Return some of the cells."""
        return Cells(self.positions[rows], tuple(m[rows] for m in self.matrices))


def parse(data: bytes) -> Cells:
    """Take a state of llama.cpp apart.

    Raises:
        ValueError: it is not laid out as above.
    """
    try:
        return _parse(memoryview(data))
    except struct.error as error:
        raise ValueError("the state ends too early") from error


def _parse(data: memoryview) -> Cells:
    magic, _, streams, count = HEAD.unpack_from(data)
    at = HEAD.size
    if magic != MAGIC or streams != 1 or not 0 < count < MOST_CELLS:
        raise ValueError("no state of one stream")
    heads = np.frombuffer(data, np.int32, 3 * count, at).reshape(count, 3)
    at += count * CELL.size
    transposed, layers = KIND.unpack_from(data, at)
    at += KIND.size
    if transposed or not 0 < layers < MOST_LAYERS or (heads[:, 1] != 1).any():
        raise ValueError("cells of another kind")
    matrices = []
    for _ in range(2 * layers):
        kind, row = ROW.unpack_from(data, at)
        at += ROW.size
        if kind != F16 or row % 2 or at + count * row > len(data):
            raise ValueError("rows of another kind")
        values = np.frombuffer(data, np.float16, count * row // 2, at)
        matrices.append(values.reshape(count, row // 2))
        at += count * row
    if at != len(data):
        raise ValueError("more than the state")
    return Cells(heads[:, 0].copy(), tuple(matrices))


def build(cells: Cells) -> bytes:
    """Put a state together again, as ``parse`` took it apart."""
    count = len(cells.positions)
    heads = np.stack([cells.positions, np.ones_like(cells.positions), 0 * cells.positions], axis=1)
    parts = [HEAD.pack(MAGIC, 0, 1, count), heads.astype("<i4").tobytes()]
    parts.append(KIND.pack(0, len(cells.matrices) // 2))
    for matrix in cells.matrices:
        parts += [ROW.pack(F16, 2 * matrix.shape[1]), matrix.astype("<f2").tobytes()]
    return b"".join(parts)


def chosen(scores: NDArray[np.float32], share: float, sinks: int) -> NDArray[np.intp]:
    """Return the rows of a share of the tokens, those with the highest scores, in order.

    The first ``sinks`` tokens are always among them, and the last, which decoding goes on from.
    """
    count = len(scores)
    score = scores.astype(np.float64)
    score[: min(sinks, count)] = np.inf
    score[-1:] = np.inf
    least = min(sinks + 1, count)
    rows = np.argsort(-score, kind="stable")[: max(round(share * count), least)]
    return np.sort(rows)


# Codecs: Cells → bytes → Cells


def encode(cells: Cells, codec: str) -> bytes:
    """Return cells as bytes in one of the ``CODECS``."""
    return CODECS[codec][0](cells)


def decode(data: bytes, codec: str) -> Cells:
    """Return what ``encode`` was given, or nearly.

    Raises:
        ValueError: this is no such thing.
    """
    try:
        with np.errstate(all="ignore"):  # numbers that no model made
            return CODECS[codec][1](data)
    except (struct.error, MemoryError, OverflowError) as error:
        raise ValueError("these are no cells") from error


def _plain(cells: Cells) -> bytes:
    return build(cells)


def _quantized(bits: int) -> Callable[[Cells], bytes]:
    most = 2 ** (bits - 1) - 1

    def encode(cells: Cells) -> bytes:
        parts = [_shape(cells)]
        for matrix in cells.matrices:
            grouped = _grouped(matrix.astype(np.float32))
            scales = (np.abs(grouped).max(axis=2) / most).astype(np.float16)
            steps = np.maximum(scales.astype(np.float32), 1e-12)[:, :, None]
            levels = np.clip(np.rint(grouped / steps), -most, most).astype(np.int8)
            parts += [scales.tobytes(), levels.tobytes()]
        return zstandard.compress(b"".join(parts), LEVEL)

    return encode


def _halved(levels: NDArray[np.int8], scales: NDArray[np.float32]) -> Matrix:
    """Return levels × scales as float16, in half the time that numpy's cast takes.

    Smaller by 2¹¹², a float32 has a float16's exponent in its lowest bits; a shift does the rest.
    """
    bits = (levels * (scales * np.float32(2.0**-112))[:, :, None]).view(np.int32)
    signs = (bits >> 16).astype(np.int16) & np.int16(-(2**15))
    bits += 0x1000  # rounds
    bits >>= 13
    halves: Matrix = (bits.astype(np.int16) | signs).view(np.float16)
    return halves


def _restored(data: bytes) -> Cells:
    raw, positions, widths, at = _reshaped(data)
    matrices = []
    for width in widths:
        shape = _grouping(len(positions), width)
        scales, at = _next(raw, np.float16, shape[:2], at)
        levels, at = _next(raw, np.int8, shape, at)
        values = _halved(levels, scales.astype(np.float32))
        matrices.append(values.reshape(len(positions), -1)[:, :width])
    return Cells(positions, tuple(matrices))


def _factored(cells: Cells) -> bytes:
    """Keep the largest singular values of each matrix, the factors at eight bits."""
    rank = max(round(RANK * len(cells.positions)), 1)
    parts = [_shape(cells), struct.pack("<I", rank)]
    for matrix in cells.matrices:
        u, s, v = np.linalg.svd(matrix.astype(np.float32), full_matrices=False)
        root = np.sqrt(s[:rank])
        parts += [(u[:, :rank] * root).astype(np.float16).tobytes()]
        parts += [(v[:rank] * root[:, None]).astype(np.float16).tobytes()]
    return zstandard.compress(b"".join(parts), LEVEL)


def _multiplied(data: bytes) -> Cells:
    raw, positions, widths, at = _reshaped(data)
    rank = struct.unpack_from("<I", raw, at)[0]
    at += 4
    matrices = []
    for width in widths:
        most = min(rank, width, len(positions))
        if not most:  # or a width could be anything
            raise ValueError("cells of another kind")
        left, at = _next(raw, np.float16, (len(positions), most), at)
        right, at = _next(raw, np.float16, (most, width), at)
        product = left.astype(np.float32) @ right.astype(np.float32)
        matrices.append(product.astype(np.float16))
    return Cells(positions, tuple(matrices))


def _merged(cells: Cells) -> bytes:
    """Make one cell of two neighbours: the later one's key, the mean of their values.

    Keys of different positions have no mean, for each is turned by its own.
    """
    count, layers = len(cells.positions), len(cells.matrices) // 2
    later = np.arange(count - 1, -1, -2)[::-1]
    earlier = np.maximum(later - 1, 0)
    keys = [m[later] for m in cells.matrices[:layers]]
    values = [
        ((m[later].astype(np.float32) + m[earlier]) / 2).astype(np.float16)
        for m in cells.matrices[layers:]
    ]
    return _quantized(8)(Cells(cells.positions[later], (*keys, *values)))


CODECS: dict[str, tuple[Callable[[Cells], bytes], Callable[[bytes], Cells]]] = {
    "f16": (_plain, parse),
    "q8": (_quantized(8), _restored),
    "q6": (_quantized(6), _restored),
    "q4": (_quantized(4), _restored),
    "lowrank": (_factored, _multiplied),
    "merged": (_merged, _restored),
}


def _shape(cells: Cells) -> bytes:
    widths = [matrix.shape[1] for matrix in cells.matrices]
    numbers = np.array([len(cells.positions), len(widths), *widths], "<i4")
    return numbers.tobytes() + cells.positions.astype("<i4").tobytes()


def _reshaped(data: bytes) -> tuple[bytes, NDArray[np.int32], list[int], int]:
    """Return the bytes without zstd, positions, widths, and where the matrices begin."""
    try:
        raw = zstandard.decompress(data)
        count, matrices = struct.unpack_from("<ii", raw)
        if not (0 < count < MOST_CELLS and 0 < matrices <= 2 * MOST_LAYERS):
            raise ValueError("cells of another kind")
        widths = np.frombuffer(raw, np.int32, matrices, 8).tolist()
        at = 8 + 4 * matrices
        positions = np.frombuffer(raw, np.int32, count, at)
    except (zstandard.ZstdError, struct.error) as error:
        raise ValueError("these are no cells") from error
    return raw, positions, widths, at + 4 * count


def _next(raw: bytes, kind: Any, shape: tuple[int, ...], at: int) -> tuple[Any, int]:
    count = int(np.prod(shape))
    values = np.frombuffer(raw, kind, count, at)
    return values.reshape(shape), at + values.nbytes


def _grouping(count: int, width: int) -> tuple[int, int, int]:
    return count, -(-width // GROUP), min(GROUP, width)


def _grouped(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a matrix (n, width) as (n, groups, numbers), filled up with zeros."""
    count, width = matrix.shape
    shape = _grouping(count, width)
    padded = np.zeros((count, shape[1] * shape[2]), np.float32)
    padded[:, :width] = np.clip(matrix, -LARGEST, LARGEST)
    return padded.reshape(shape)
