"""How many secrets are masked, and how many harmless notes are; what an import leaves unmasked."""

import json
import random
import re
from pathlib import Path

from figures import Figure
from import_samples import SAMPLES
from secret_texts import filled, innocent, secrets

import memcli
from memcli.acquire.redact import mask

PART = "Secrets and files"
KNOWN = {"seed 12", "nino"}  # twelve words that nothing names, an identity number of one country
TRULY = 3  # of the real texts have a password: examples of code in BEAM
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WORDS = re.compile(rb"(?i)\b(?:boat|ready|oak|sailing|hull|hello|dentist|cat)s?\b")


def figures(top, share):
    """Mask notes with a secret and notes without; import each format with a secret all over it."""
    missed = [note.kind for note in secrets() if is_left(note)]
    yield Figure(
        PART, "notes with a secret", len(secrets()), len(set(missed) - KNOWN),
        f"{len(missed)} not masked that are known: {', '.join(missed)}", tuple(missed),
    )  # fmt: skip
    alarms = [text for text in innocent() if mask(text).secrets]
    what = "harmless notes that look like secrets"
    yield Figure(PART, what, len(innocent()), len(alarms), "", tuple(alarms))
    real = sorted(set(_real())) if share == 1 else []
    alarms = [mask(text).text for text in real if mask(text).secrets]
    if real:
        note = f"LoCoMo, BEAM and others; {len(alarms)} masked, {TRULY} of them passwords in code"
        wrong = max(0, len(alarms) - TRULY)
        yield Figure(PART, "real notes and turns", len(real), wrong, note, tuple(alarms))
    left = _left_of_imports(top)
    what = "formats imported with a secret all over"
    yield Figure(PART, what, len(SAMPLES), len(left), "", tuple(left))


def is_left(note):
    """Say whether any of a secret is left of a note once it was masked."""
    masked = mask(note.text).text
    return any(part in masked for part in note.secret)


def _left_of_imports(top):
    """Import a sample of each format with its own secret all over; return those still there."""
    hidden = {name: filled("ghp_[A-Za-z0-9]{36}", random.Random(name)) for name in SAMPLES}
    with memcli.open(folder=top / "home") as memory:
        for name, secret in hidden.items():
            file, text, _ = SAMPLES[name]
            text = text if isinstance(text, bytes) else text.encode()
            source = top / name / file
            source.parent.mkdir(parents=True)
            source.write_bytes(WORDS.sub(rb"\g<0> " + secret.encode(), text))
            assert memory.import_paths([top / name]).new
    data = b"".join(p.read_bytes() for p in (top / "home").rglob("*") if p.is_file())
    return [name for name, secret in hidden.items() if secret.encode() in data]


def _real():
    """Yield the texts of the evaluation data that have words."""
    for file in DATA.rglob("*.json*"):
        whole = file.read_text("utf-8")
        values = (
            map(json.loads, whole.splitlines()) if file.suffix == ".jsonl" else [json.loads(whole)]
        )
        for value in values:
            yield from _strings(value)
    for file in DATA.rglob("*.md"):
        yield from file.read_text("utf-8").split("\n\n")


def _strings(value):
    if isinstance(value, str):
        if len(value) > 15 and " " in value:
            yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
