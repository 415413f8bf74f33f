"""PDF: the text of each page, for those who have installed ``memcli[pdf]``."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from memcli.errors import InvalidInput
from memcli.importers.base import Format, Note, Record, Skipped, Unreadable, when
from memcli.importers.chunks import titled
from memcli.importers.file import File
from memcli.importers.pieces import pieces

MOST_PAGES = 5_000
LONGEST_PAGE = 500_000  # characters
HYPHEN = re.compile(r"(?<=[^\W\d_])(?:-|\u00ad)[ \t]*\n(?=[^\W\d_A-Z])")
NO_TITLE = re.compile(
    r"(?i)\W*(?:untitled|unbenannt|microsoft \w+ - .*|.*\.(?:docx?|tex|dvi|indd))?"
)


def recognises(file: File) -> bool:
    """Say whether it is a PDF; some programs write an empty line before it."""
    return file.head[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-")


def read(file: File) -> Iterator[Record]:
    """Yield the text of the pages, cut into pieces."""
    reader, pages = _opened(file.data)
    title, time = _about(reader)
    found = False
    for number in range(1, min(pages, MOST_PAGES) + 1):
        try:
            text = _page(reader, number)
        except Unreadable as error:
            yield Skipped(f"page {number}", str(error))
            continue
        for piece in pieces(text):
            found = True
            name = titled(f"{title or file.stem}, page {number}", piece.headings)
            yield Note(piece.text, piece.text, title=name, time=time)
    if pages > MOST_PAGES:
        yield Skipped(f"page {MOST_PAGES + 1}", f"the file has {pages:,} pages, too many")
    if not found:
        raise Unreadable("no text in it: a scan?")


def _opened(data: bytes) -> tuple[Any, int]:
    """Return a reader, and the number of pages.

    Raises:
        Unreadable: there is no pypdf, or the file is encrypted or damaged.
    """
    try:
        from pypdf import PdfReader  # 150 ms
    except ImportError as error:
        raise Unreadable("PDF needs pypdf: pip install 'memcli[pdf]'") from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of each small fault
    with _contained("damaged"):
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted
    if locked:
        with _contained("encrypted"):  # many need a password only to be changed
            if not reader.decrypt(""):
                raise Unreadable("encrypted: it needs a password")
    with _contained("damaged"):
        return reader, len(reader.pages)


def _page(reader: Any, number: int) -> str:
    with _contained("damaged"):
        text = str(reader.pages[number - 1].extract_text() or "")
    if len(text) > LONGEST_PAGE:
        raise Unreadable(f"{len(text):,} characters on a page")
    # Half of a letter of two halves cannot be stored.
    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    text = re.sub(r"[ \t]+\n", "\n", text)
    return HYPHEN.sub("", text) if re.search(r"\w", text) else ""


def _about(reader: Any) -> tuple[str, datetime | None]:
    """Return the title and the time that a document gives itself, where they can be read."""
    title, time = "", None
    with suppress(Unreadable, InvalidInput), _contained("damaged"):
        given = getattr(reader.metadata, "title", None)
        title = " ".join(str(given or "").split())
        made = getattr(reader.metadata, "creation_date", None)
        time = when(made.isoformat()) if made else None
    return ("" if NO_TITLE.fullmatch(title) else title), time


@contextmanager
def _contained(what: str) -> Iterator[None]:
    """Turn whatever pypdf raises at a file, which may be anything, into the one error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (Unreadable, InvalidInput):
        raise
    except Exception as error:
        if type(error).__name__ == "DependencyError":
            what = "encrypted"
        reason = " ".join(str(error).split())[:100]
        raise Unreadable(f"{what}: {reason or type(error).__name__}") from error


FORMAT = Format("pdf", recognises, read)
