"""How people speak of those in their life: who they are, where they live, what they do."""

from __future__ import annotations

from memcli.acquire.rule import (
    ANY_NAME,
    CALLED,
    NAME,
    NOT_NAMES,
    PERSON,
    rule,
)

RULES = [
    rule("fact", "{relation}", rf"my (?:\w+ )?{PERSON}(?:{CALLED}| is) {NAME}(?! (?:is|was|has|and)\b)", NOT_NAMES),
    rule("fact", "{relation}", rf"my (?:\w+ )?{PERSON}{CALLED} {ANY_NAME}", NOT_NAMES),
    rule("fact", "{relation}", rf"my (?:\w+ )?{PERSON},? {NAME},? (?=\w)", NOT_NAMES),
    rule("fact", "{relation}", rf"{NAME} is my (?:\w+ )?{PERSON}\b", NOT_NAMES),
]  # fmt: skip
