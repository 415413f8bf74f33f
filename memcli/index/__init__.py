"""Nearest-neighbour search over the vectors that the store holds.

exact.py    scans all vectors: exact, fast up to the crossover, needs nothing
chroma.py   Chroma's HNSW, embedded or on a server; derived, rebuilt when it does not match
choose.py   which of the two a store uses
"""
