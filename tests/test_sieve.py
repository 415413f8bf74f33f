"""What a sieve lets through: all that can match, and little else."""

import json
import re
from pathlib import Path

import pytest

from memcli.acquire import about_others, about_user, changes, select
from memcli.dates import PATTERNS
from memcli.sieve import Folded, Sieve

GOLDEN = Path(__file__).parent / "golden" / "acquire.jsonl"
TEXTS = [json.loads(line)["text"] for line in GOLDEN.read_text("utf-8").splitlines()]
MATCHED = [
    *(rule.text for rule in (*about_user.RULES, *about_others.RULES)),
    *(row[0].pattern for row in changes.REWRITES.things),
]
SEARCHED = [
    *(pattern.pattern for pattern, _ in PATTERNS),
    *(reason.pattern.pattern for reason in (*select.ONWARD.things, *select.ONCE.things)),
]


@pytest.mark.parametrize(("patterns", "searched"), [(MATCHED, False), (SEARCHED, True)])
def test_nothing_that_matches_falls_through(patterns, searched):
    sieve = Sieve(patterns, str, searched=searched)
    tried = 0
    for text in TEXTS:
        among = sieve.among(text)
        tried += len(among)
        for pattern in patterns:
            find = re.compile(pattern, re.IGNORECASE)
            assert pattern in among or not (find.search if searched else find.match)(text)
    assert tried < len(TEXTS) * len(patterns) / 5


@pytest.mark.parametrize("text", ["I like it", "ı lıke it", "I liKe it", "ſay I like it"])
def test_letters_that_match_others_are_not_missed(text):
    matches = bool(re.match("i like", text, re.IGNORECASE))
    assert Sieve(["i like"], str).among(text) or not matches


@pytest.mark.parametrize("text", ["Off TO Rome", "Für Élise OFF to"])
def test_small_letters_match_the_same(text):
    found, expected = Folded("off to").search(text), re.search("off to", text, re.IGNORECASE)
    assert found
    assert found.span() == expected.span()
