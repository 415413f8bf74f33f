"""Tell prose from what else is written in letters: code, logs, tables and settings."""

from __future__ import annotations

import re

from memcli.importers.file import File
from memcli.text import UNSPACED

# What begins like this is some other format's.
MACHINE = re.compile(
    r"\s*(?:<\?xml|<!doctype|<html|<plist|GIF8[79]a|%PDF|%!PS|\{\\rtf|BEGIN:V|#!)", re.IGNORECASE
)
SAMPLE = 8_000  # characters that it is told by
MOST_ODD = 0.15  # of all lines
# A note may begin with a link or a footnote, which look like a list in JSON for a while.
BRACKET = re.compile(r"\s*\[(?:\[\s*[^\W\d][^\[\]\"\n]*\]\]|\d{1,4}\][ \t]+[^\W\d])")
ODD = re.compile(
    r"""\s*(?:[\w.$*-]{1,60}[ \t]*(?:[-+*/|:]?=|:(?!:)[ \t]+\S)|[<{}$@\\;:/%|&]|\*\.|\.\w
    |\[[\w. "-]+\]\s*$|(?:FROM|RUN|COPY|ENV|CMD|WORKDIR)[ ]\S
    |\#(?:[ ]|include|define|ifn?def|if|endif|!)
    |(?:import|from|def|class|return|export|const|let|var|function|public|private|static|void|int
    |package|using|namespace|if|elif|else|for|while|try|except|echo|set|fi|done|RUN|COPY|ENV
    |SELECT|INSERT|CREATE|UPDATE)\b.*[(){};:=*"'/]\s*$|(?:import|package|use|SELECT|RUN|COPY)\s\S+\s*$
    |[\[(]?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:|[A-Z][a-z]{2}[ ]+\d+[ ]\d\d:\d\d:|\d+(?:\.\d+){3}
    |\S+\(.*\)\s*$|[\w.-]+==|\d\d:\d\d:\d\d)|.*(?:[{};\\]|-->[ ]\d.*)\s*$""",
    re.VERBOSE,
)  # fmt: skip
HEADER = re.compile(r"(?:From |[A-Z][A-Za-z-]{1,40}: )")


def may_be_prose(file: File) -> bool:
    """Say whether a file is text, and not the beginning of some other format's."""
    begins = file.start[:SAMPLE]
    if not begins.strip() or MACHINE.match(begins):
        return False
    return not file.outline or bool(BRACKET.match(begins))


def reads_as_prose(text: str) -> bool:
    """Say whether a text is written for people: nearly all letters, spaces and full stops."""
    text = text[:SAMPLE]
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or all(map(HEADER.match, lines[:2])):
        return False
    letters = sum(letter.isalpha() for letter in text) + len(UNSPACED.findall(text)) / 10
    spaces = sum(letter.isspace() for letter in text)
    words = sum(len(line.split()) for line in lines)
    if letters + spaces < 0.8 * len(text) or (len(text) / words > 12 and not UNSPACED.search(text)):
        return False
    return words >= 3 and not odd(lines) and not _table(lines)


def odd(lines: list[str]) -> bool:
    """Say whether many lines are such as nobody writes in prose; one may be."""
    found = sum(bool(ODD.match(line[:400])) for line in lines)
    return found > max(1, MOST_ODD * len(lines)) or found == len(lines) > 0


def _table(lines: list[str]) -> bool:
    """Say whether all lines have as many commas, semicolons or tabs as the first."""
    counts = ({line.count(sign) for line in lines[:50]} for sign in ",;\t|")
    return len(lines) > 1 and any(len(count) == 1 and min(count) > 0 for count in counts)
