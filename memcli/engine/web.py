"""Ask for a file over HTTP, and say in words what the network or a server answers instead.

The standard library's urllib does it: it streams, honours proxies, and needs no package. Redirects
are followed here, because an authorization must not go along to another host.
"""

from __future__ import annotations

import base64
import contextlib
import re
import ssl
import string
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from memcli import __version__
from memcli.errors import InvalidInput, MemcliError, NotFound

TIMEOUT = 30.0  # seconds without a byte
MOVED = (301, 302, 303, 307, 308)
PASSING = (408, 425, 429, 500, 502, 503, 504)  # what may be otherwise in a moment
MOST_MOVES = 10
GATED = "If its licence must be accepted, do so on its page, and set HF_TOKEN to your token."
CERTIFICATE = "Check the clock and the network; SSL_CERT_FILE names further authorities."


@dataclass(frozen=True, slots=True)
class Remote:
    """A file to fetch, and what is known of it. Its address may hold secrets: show ``shown``."""

    url: str = field(repr=False)
    size: int | None = None  # bytes
    sha256: str = ""
    authorization: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """The address without user, password and query."""
        return shown(self.url)


class Trouble(Exception):
    """Something that may be better in a moment; with ``afresh``, only from the first byte on."""

    def __init__(self, what: str, *, wait: float = 0.0, afresh: bool = False) -> None:
        super().__init__(what)
        self.wait = wait
        self.afresh = afresh


def shown(url: str) -> str:
    """Return an address without what may be secret: user, password and query."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return "that"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def check_url(url: str) -> None:
    """Make sure that something is an address to fetch from.

    Raises:
        InvalidInput: it is not.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        valid = parts.scheme in ("https", "http") and parts.hostname and (parts.port or 1)
    except ValueError:
        valid = False
    if not valid or re.search(r"[\x00-\x20\x7f]", url):
        raise InvalidInput(
            f"{shown(url)} is no address to fetch a model from.",
            "It begins with https:// (or http://), or is hf:ORGANISATION/REPOSITORY.",
        )


def ask(remote: Remote, headers: dict[str, str]) -> Any:
    """Ask for a file, following redirects. The authorization stays with the host it is for."""
    opener = urllib.request.OpenerDirector()  # of HTTP only, so that no status is an exception
    for handler in ("ProxyHandler", "HTTPHandler", "HTTPSHandler"):
        opener.add_handler(getattr(urllib.request, handler)())
    url, authorization = _split(remote.url)
    first, secret = _origin(url), {"Authorization": remote.authorization or authorization}
    headers = {"User-Agent": f"memcli/{__version__}", **headers}
    for _ in range(MOST_MOVES):
        own = secret if _origin(url) == first and secret["Authorization"] else {}
        request = urllib.request.Request(url, headers=headers | own)  # noqa: S310  see check_url
        answer = opener.open(request, timeout=TIMEOUT)
        if answer.status not in MOVED:
            return answer
        answer.close()
        url = _moved(url, answer.headers.get("Location", ""))
    raise MemcliError(f"{remote.shown} leads from one address to the next.", "Use another address.")


def _moved(url: str, location: str) -> str:
    """Return where a redirect leads."""
    new = urllib.parse.urljoin(url, urllib.parse.quote(location, safe=string.punctuation))
    check_url(new)
    if url.startswith("https:") and not new.startswith("https:"):
        raise MemcliError(
            f"{shown(url)} leads to {shown(new)}, which is not encrypted.", "Use another address."
        )
    return _split(new)[0]


def _split(url: str) -> tuple[str, str]:
    """Return an address without its user and password, and the header they make."""
    parts = urllib.parse.urlsplit(url)
    who, at, where = parts.netloc.rpartition("@")
    header = base64.b64encode(urllib.parse.unquote(who).encode()).decode()
    return parts._replace(netloc=where, fragment="").geturl(), f"Basic {header}" if at else ""


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def check_status(answer: Any, remote: Remote) -> None:
    """Raise what a status other than success means."""
    status = answer.status
    if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    what = f"{remote.shown} cannot be had: HTTP {status}"
    if status in PASSING:
        raise Trouble(f"The server says HTTP {status}", wait=_asked_to_wait(answer))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise MemcliError(f"{what}, it asks for a login or forbids it.", GATED)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise NotFound(f"{what}, it is not there.", "memcli model pull lists models to begin with.")
    raise MemcliError(f"{what}.", "Use another address.")


def _asked_to_wait(answer: Any) -> float:
    """Return the seconds of a Retry-After header, which may also name a time."""
    text = answer.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return float(text)
    with contextlib.suppress(TypeError, ValueError):
        return (parsedate_to_datetime(text) - datetime.now(timezone.utc)).total_seconds()
    return 0.0


def explained(error: Exception, remote: Remote) -> Exception:
    """Return what an error of the network is: something passing, or nothing to try again."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    host = urllib.parse.urlsplit(remote.url).hostname
    if isinstance(reason, ssl.SSLCertVerificationError):
        return MemcliError(f"{host} cannot prove who it is: {reason.verify_message}.", CERTIFICATE)
    if isinstance(reason, TimeoutError):
        return Trouble(f"Nothing came for {TIMEOUT:.0f} s")
    if reason is not error:
        return Trouble(f"{host} cannot be reached ({getattr(reason, 'strerror', None) or reason})")
    return Trouble("The connection was cut")


def version(answer: Any) -> str:
    """Return what changes when a file does: a strong ETag, or when it was last modified."""
    etag: str = answer.headers.get("ETag", "")
    return etag if etag.startswith('"') else str(answer.headers.get("Last-Modified", ""))


def number(text: str | None) -> int | None:
    """Return the number that a header says, if it says one."""
    return int(text) if text and text.isascii() and text.isdigit() else None
