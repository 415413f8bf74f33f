"""How people say that something has changed, ended, or was said wrongly."""

from __future__ import annotations

from memcli.acquire.rule import Rule

RULES: list[Rule] = []
