"""The truth: one SQLite file that holds turns, memories and everything that proves them."""

from memcli.store.store import Store

__all__ = ["Store"]
