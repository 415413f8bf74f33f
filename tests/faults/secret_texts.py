"""Notes with a made-up secret in each, and notes that only look like it.

``texts/secrets.txt`` has a kind and a note a line, its secret between « and ». What stands in
brackets is drawn anew for each line, so that no file holds a value that has a secret's form:
``[a-z]{8}`` eight of these characters, ``<luhn 4 16 ->`` a card number that starts with 4,
``<iban DE 18 0>`` an account, ``<wif>`` a Bitcoin key. ⏎ is a line break.
"""

import hashlib
import random
import re
import string
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "texts"
DRAWN = re.compile(r"\[([^\]\s]+)\]\{(\d+)\}|<(luhn|iban|wif)((?: [^>]*)?)>")
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SEPARATORS = {"nbsp": "\xa0", "": " ", "-": "-", ".": "."}


@dataclass(frozen=True)
class Note:
    """A text, and the parts of it that must not be left: the lines of the secret."""

    kind: str
    text: str
    secret: tuple[str, ...]


def secrets():
    """Return the notes with a secret, always the same."""
    lines = (HERE / "secrets.txt").read_text("utf-8").splitlines()
    return [_note(*line.split(" | ", 1), random.Random(line)) for line in lines]


def innocent():
    """Return the notes without one."""
    lines = (HERE / "innocent.txt").read_text("utf-8").splitlines()
    return [filled(line, random.Random(line)) for line in lines]


def _note(kind, line, rng):
    before, secret, after = re.split("[«»]", filled(line, rng))
    return Note(
        kind, before + secret + after, tuple(filter(None, re.split(r"\n| ?\d{1,2}\. ", secret)))
    )


def filled(line, rng):
    """Return a line with what stands in brackets drawn."""
    return DRAWN.sub(lambda match: _drawn(match, rng), line).replace("⏎", "\n")


def _drawn(match, rng):
    if match[1]:
        return "".join(rng.choices(_alphabet(match[1]), k=int(match[2])))
    if match[3] == "wif":
        return _wif(rng)
    return {"luhn": _card, "iban": _iban}[match[3]](rng, *match[4][1:].split(" "))


def _alphabet(classes):
    spans = re.findall(r"(.)-(.)|(.)", classes)
    return "".join(one or "".join(map(chr, range(ord(a), ord(z) + 1))) for a, z, one in spans)


def _card(rng, prefix, size, between="plain"):
    digits = prefix + "".join(rng.choices(string.digits, k=int(size) - len(prefix) - 1))
    doubled = sum(sum(divmod(int(d) * (1 + at % 2), 10)) for at, d in enumerate(digits[::-1], 1))
    digits += str(-doubled % 10)
    if between == "wide":
        return "".join(chr(ord("０") + int(digit)) for digit in digits)
    cuts = (4, 10, len(digits)) if between == "amex" else range(4, len(digits) + 4, 4)
    parts = [digits[a:b] for a, b in zip((0, *cuts), cuts, strict=False)]
    return SEPARATORS.get(between, " " if between == "amex" else "").join(filter(None, parts))


def _iban(rng, country, size, bank):
    size = int(size)
    letters = "".join(rng.choices(string.ascii_uppercase, k=int(bank[1]))) if bank[0] == "A" else ""
    account = letters + "".join(rng.choices(string.digits, k=size - len(letters)))
    rest = int("".join(str(int(char, 36)) for char in account + country + "00")) % 97
    code = f"{country}{98 - rest:02}{account}"
    return code if bank == "plain" else " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def _wif(rng):
    """Return a private key in Bitcoin's wallet import format."""
    key = b"\x80" + rng.randbytes(32) + b"\x01"
    key += hashlib.sha256(hashlib.sha256(key).digest()).digest()[:4]
    number, code = int.from_bytes(key, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        code = BASE58[digit] + code
    return code
