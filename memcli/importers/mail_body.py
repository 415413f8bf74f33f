"""What somebody wrote in an e-mail: without what they quote, signatures and attachments."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from email.message import Message

from memcli.importers.base import Unreadable
from memcli.importers.encoding import decode
from memcli.importers.html_text import html_text

# Those by which programs name encodings, and the larger ones that they write.
WIDER = {"iso8859-1": "cp1252", "gb2312": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}
NO_CHARSETS = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined")
WROTE = re.compile(
    r"(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napisał"
    r"|написал|пишет|写道|寫道|작성)[^:：]{0,150}[:：]$|@[^\s<>]+>[:：]$"
)
DATED = re.compile(
    r"(?:On|Am|Le|El|Il|Em|Op|Den|Dnia|W dniu)\s|\d{1,2}[./]?\s?\d|\d{1,2} \w{3,}\.? \d{4}\b"
    r"|\d{4}[-/年]|(?i:(?:в )?(?:пн|вт|ср|чт|пт|сб|вс),?\s)"
)
EXACT = re.compile(r"\d{4}|\d[:.]\d\d|@")  # as a program says when, and people do not
BEFORE = re.compile(
    r"-{3,}\s?(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d'origine"
    r"|Mensaje original|Messaggio originale|Weitergeleitete Nachricht|Forwarded [Mm]essage)\s?-{3,}"
    r"|Begin forwarded message:|Anfang der weitergeleiteten Nachricht:"
)
FROM = re.compile(r"\*?(?:From|Von|De|Da|Van|Från|От|发件人|差出人)[:：]\*?\s*\S")
SENT = re.compile(
    r"\*?(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado|Inviato|Verzonden|Skickat|Отправлено|Дата"
    r"|发送时间|送信日時|日時)\s?[:：]"
)
DEVICE = re.compile(
    r"(?:Sent from (?:my|Mail|Outlook|Yahoo|Gmail|Samsung|Proton|mobile)|Get Outlook for "
    r"|Von mein(?:em|er) .{1,30} gesendet|Gesendet (?:von|mit) (?:mein|Mail|Outlook|Samsung)"
    r"|Envoyé de(?:puis)? mon|Enviado desde mi|Inviato da(?:l mio)? i|Verstuurd vanaf mijn).{0,60}"
    # What a mailing list's archive leaves of an attachment.
    r"|-{5,} next part -{5,}|An HTML attachment was scrubbed\.\.\.|URL: <\S*/attachments/\S*>"
)


def own_words(message: Message) -> str:
    """Return what the sender wrote; a message that only hands others' words on is kept whole."""
    whole = _text(message).replace("\r\n", "\n").replace("\r", "\n").strip()
    lines = [line for line in whole.split("\n") if not DEVICE.fullmatch(line.strip())]
    text = "\n".join(_unquoted(lines)).strip()
    return re.sub(r"\n{3,}", "\n\n", text)


def _text(part: Message) -> str:
    if part.get_content_disposition() == "attachment" or part.get_filename():
        return ""
    kind = part.get_content_type()
    if kind == "text/plain":
        text = _decoded(part)
        return _flowed(text) if part.get_param("format") == "flowed" else text
    if kind == "text/html":
        return html_text(_decoded(part))
    parts = part.get_payload()
    if not kind.startswith("multipart/") or not isinstance(parts, list):
        return ""
    either = kind in ("multipart/alternative", "multipart/related")
    if either:  # plain text first
        parts = sorted(parts, key=lambda each: each.get_content_type() != "text/plain")
    texts = (text for each in parts if isinstance(each, Message) and (text := _text(each)).strip())
    return next(texts, "") if either else "\n\n".join(texts)


def _decoded(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        name = codecs.lookup(part.get_content_charset() or "utf-8").name
        if name not in NO_CHARSETS:  # slow, or no encodings of letters
            return data.decode(WIDER.get(name, name))
    except (LookupError, ValueError):
        pass
    try:
        return decode(data)
    except Unreadable:
        return data.decode("utf-8", "replace")


def _flowed(text: str) -> str:
    """Put lines together that end in a space (RFC 3676); those of quotes stay apart."""
    found: list[str] = []
    flows = False
    for given in text.splitlines():
        quoted, line = given.startswith(">"), given.removeprefix(" ")
        if flows and not quoted and line != "-- ":
            found.append(line)
        else:
            found += ["\n", line]
        flows = line.endswith(" ") and not quoted and line != "-- "
    return "".join(found[1:])


def _unquoted(lines: list[str]) -> Iterator[str]:
    """Yield the lines that are the sender's own, up to where others' messages follow."""
    said, at = False, 0
    while at < len(lines):
        line = lines[at].strip()
        if lines[at] == "-- " or (line == "--" and len(lines) - at < 12):
            return
        if count := _attribution(lines, at):
            quoted = next(filter(str.strip, lines[at + count : at + count + 5]), ">")
            if said and not quoted.startswith(">"):
                return
            at += count
            continue
        if said and (BEFORE.fullmatch(line) or _outlook(lines, at)):
            return
        if not line.startswith(">"):
            said = said or bool(line.strip("_"))
            yield lines[at].rstrip()
        at += 1


def _attribution(lines: list[str], at: int) -> int:
    """Return of how many lines "On Friday Ana Ruiz wrote:" is, if it stands there."""
    first = lines[at].strip()
    dated = DATED.match(first)
    for count in (1, 2, 3) if dated else (1,):
        text = " ".join(line.strip()[:300] for line in lines[at : at + count])
        if text.endswith((":", "：")) and WROTE.search(text[-200:]):
            after = next(filter(None, map(str.strip, lines[at + count : at + count + 3])), "")
            exact = dated and EXACT.search(text)
            return count if exact or after.startswith(">") else 0
        if text.endswith((".", "!", "?")):
            return 0
    return 0


def _outlook(lines: list[str], at: int) -> bool:
    """Say whether Outlook's "From: … Sent: …" begins there, perhaps below a line of its own."""
    line = lines[at].strip()
    after = [each.strip() for each in lines[at + 1 : at + 6]] if line[:1] in "_*FVDО发差" else []
    if after and line and not line.strip("_"):
        line, after = after[0], after[1:]
    if SENT.match(line):  # Hotmail begins with the date
        return any("@" in each and FROM.match(each) for each in after)
    return bool(after and FROM.match(line)) and any(SENT.match(each) for each in after)
