"""Mail, calendars, diaries and PDF: what is read of them, and what no file may do to us."""

import io
import json
import plistlib
from datetime import datetime, timezone

import pytest
from pypdf import PdfWriter

from memcli.importers import dayone, ics, jrnl, mail, pdf
from memcli.importers.base import Note, Said, Skipped, Unreadable
from memcli.importers.html_text import html_text
from memcli.testing import file_of

FORMATS = {
    each.name: each
    for each in (*mail.FORMATS, ics.FORMAT, dayone.FORMAT, *jrnl.FORMATS, pdf.FORMAT)
}
HEAD = "From: Ana <ana@example.org>\nDate: Fri, 31 May 2024 09:00:00 +0200\nMessage-ID: <1@x>\n"
EML = f"{HEAD}Subject: Boats\n\nIt floats.\n"
LINE = "From ana@example.org Fri May 31 09:00:00 2024\n"
EVENT = "BEGIN:VEVENT\nUID:1\nSUMMARY:Dentist\n{}\nEND:VEVENT\n"
DAY_ONE = {"uuid": "A", "creationDate": "2024-05-31T07:00:00Z", "text": "Sun."}
CLASSIC = {"Creation Date": datetime(2024, 5, 31, 7), "Entry Text": "Sun\\.", "UUID": "A"}
JRNL = "[2024-05-31 09:00] At sea. It was calm @sea *\nNo wind.\n\n[2024-06-01 09:00] Home.\n"
EXPORTED = {
    "title": "At sea.", "body": "Calm.", "date": "2024-05-31", "time": "09:00", "tags": ["@sea"],
    "starred": True,
}  # fmt: skip


def a_pdf(words="(It floats.) Tj"):
    """Return a PDF of one page, by hand; readers put up with its missing table."""
    page = f"BT /F1 12 Tf 72 700 Td {words} ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources 7 0 R >>",
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /CreationDate (D:20240531090000+02'00') /Title (Boats) >>",
        "<< /Font << /F1 5 0 R >> >>",
    ]
    body = "".join(f"{n} 0 obj\n{each}\nendobj\n" for n, each in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer\n<< /Size 8 /Root 1 0 R /Info 6 0 R >>\nstartxref\n0\n%%EOF\n".encode()


def locked():
    writer = PdfWriter(clone_from=io.BytesIO(a_pdf()))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(found := io.BytesIO())
    return found.getvalue()


def calendar(*events):
    return "BEGIN:VCALENDAR\nX-WR-CALNAME:Home\n" + "".join(events) + "END:VCALENDAR\n"


def zone(offset):
    return (
        "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        f"TZOFFSETFROM:+0300\nTZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE\n"
    )


def day_one(*entries):
    return json.dumps({"metadata": {"version": "1.0"}, "entries": entries})


SAMPLES = {
    "mbox": f"{LINE}{EML}\n{LINE}{EML.replace('1@x', '2@x')}",
    "eml": EML,
    "ics": calendar(EVENT.format("DTSTART:20240531T140000Z\nRRULE:FREQ=DAILY;COUNT=3")),
    "dayone": day_one(DAY_ONE),
    "jrnl": JRNL,
    "jrnl-json": json.dumps({"tags": {}, "entries": [EXPORTED]}),
    "pdf": a_pdf(),
}


def read(name, content, file="boats.x"):
    return list(FORMATS[name].read(file_of(content, file)))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def local(text):
    return datetime.fromisoformat(text).astimezone()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        *((content, name) for name, content in SAMPLES.items()),
        (f"X-Received: by 10.0.0.1\n folded: x\n{EML}", "eml"),
        (plistlib.dumps(CLASSIC), "dayone"),
        ("\tDate:\t31 May 2024 at 09:00:00 CEST\n\nSun.\n", "dayone"),
        ("\ufeffbegin:vcalendar\r\n".encode("utf-16"), "ics"),
        ("2024-05-31 09:00 At sea.\n\n2024-06-01 09:00 Home.\n", "jrnl"),
        ("2024-05-31 09:00:01 started\n2024-05-31 09:00:02 ready\n2024-05-31 09:00:03 x\n", None),
        ("[31.05.24, 09:00:12] Ana: Hello\n", None),
        ("[2019-12-24, 12:23] Jane Doe: Hello\n", None),
        ("[2019-12-24 12:23:01] Jane Doe: Hello\n[2019-12-24 12:24:01] Bo: Yes\n", None),
        ("From here on it is far.\nTo: you\n", None),
        ("# Note\nBEGIN:VCALENDAR\n", None),
        ("BEGIN:VCARD\nFN:Ana\nEND:VCARD\n", None),
        ('{"entries": [{"id": 1, "text": "x"}]}', None),
        ("", None),
    ],
)
def test_a_file_is_known_by_its_content(content, expected):
    """Each format knows its own files, whatever their names, and no other's."""
    file = file_of(content, "x.dat")
    found = [name for name in FORMATS if FORMATS[name].recognises(file)]
    assert found == ([expected] if expected else [])


# Mail


def test_a_mailbox_is_threads_of_turns():
    """The references name the thread; text that only looks like a divider stays text."""
    answer = "From: Bo <bo@x>\nSubject: =?utf-8?q?AW=3A_B=C3=B6te?=\nMessage-ID: <2@x>\n"
    answer += "In-Reply-To: <1@x>\n\nYes.\n\nFrom there, 10:00 on.\n>From me\n"
    last = "From: c@x\nIn-Reply-To: <2@x>\nDate: Fri, 31 May 9999 09:00:00 +0000\n\nx\n"
    third = last.replace("9999", "2024")
    found = read("mbox", f"{LINE}{EML}\n{LINE}{answer}\n{LINE}{third}\n{LINE}{last}")
    at = utc("2024-05-31T07:00")
    assert found[0] == Said("1@x", "It floats.", None, "Ana", at, "Boats", "1@x")
    assert found[1] == Said(
        "1@x", "Yes.\n\nFrom there, 10:00 on.\nFrom me", None, "Bo", None, "Böte", "2@x", "1@x"
    )
    assert (found[2].session, found[2].speaker) == ("1@x", "c@x")
    assert isinstance(found[3], Skipped)


def test_a_divider_may_stand_right_below_a_message():
    """Some programs leave no empty line there; without the date as programs write it, it is text."""
    divider = "From a@x Fri May 31 09:00:00 2024\n"
    found = read("mbox", f"{divider}{EML}{divider}{EML}From a@x 10:00\nTo: all of you\n")
    assert [each.text for each in found] == [
        "It floats.",
        "It floats.\nFrom a@x 10:00\nTo: all of you",
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Yes.\n\nOn Fri, 31 May 2024, Ana <a@x>\nwrote:\n> Do you?\n\nBest, Bo", "Yes.\n\nBest, Bo"),
        ("Ja.\n\nAm 31.05.24 um 09:00 schrieb Ana:\n\nKommst du?", "Ja."),
        ("Yes.\n-----Original Message-----\nFrom: Ana\nHello", "Yes."),
        ("Yes.\n\nDate: Fri, 31 May 2024\nSubject: Oak\nFrom: a@x\n\nHello", "Yes."),
        ("Yes.\n________\nFrom: Ana\nSent: Friday\nTo: Bo\n\nHello", "Yes."),
        ("Да.\n\n31 мая 2024 г., 09:00 Аня <a@x> написал(а):\n> Ты?", "Да."),
        ("Да.\n\nпт, 31 мая 2024 г. в 09:00, Аня\n<a@x>:\n\n> Ты?", "Да."),
        ("好的\n\nAna <a@x> 于2024年5月31日周五 09:00写道：\n> 你来吗", "好的"),
        ("Да.\n________\nОт: Аня\nОтправлено: пятница\n\nТы?", "Да."),
        ("Yes.\n-------------- next part --------------\nAn HTML attachment was scrubbed...\nURL: <http://x/attachments/1.html>", "Yes."),
        ("Yes.\n\nSent from my iPhone", "Yes."),
        ("Yes.\n-- \nBo\n+49 1", "Yes."),
        ("On Friday 31 I wrote a letter.\nIt was long.", None),
        ("Hi.\nOn 5 May I wrote:\nmany lines.", None),
        ("---------- Forwarded message ---------\nFrom: Ana\n\nHello", None),
    ],
)  # fmt: skip
def test_only_the_senders_words_are_kept(body, expected):
    """Quotes, signatures and what devices add go; interleaved answers and pure forwards stay."""
    [said] = read("eml", f"{HEAD}\n{body}\n")
    assert said.text == (expected or body)


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ("Content-Type: text/plain; format=flowed", "It \nfloats.\nYes.", "It floats.\nYes."),
        ("Content-Transfer-Encoding: base64", "SXQgZmxvYXRzLg==", "It floats."),
        ("Content-Type: text/plain; charset=nonsense", "Grüße".encode(), "Grüße"),
        ("Content-Type: text/plain; charset=us-ascii", "Grüße aus Köln".encode("cp1252"), "Grüße aus Köln"),
        ("Content-Type: text/html; charset=utf-8", "<style>x</style><p>It <b>floats</b>.<blockquote>old</blockquote>", "It floats."),
        ("Content-Type: multipart/alternative; boundary=b", "--b\nContent-Type: text/html\n\n<p>html\n--b\n\nplain\n--b--", "plain"),
        ("Content-Type: multipart/mixed; boundary=b", "--b\n\nIt\n--b\nContent-Type: text/plain; name=a.txt\n\nno\n--b\nContent-Type: text/calendar\n\nno\n--b\n\nfloats\n--b--", "It\n\nfloats"),
    ],
)  # fmt: skip
def test_a_body_is_decoded(headers, body, expected):
    """Each encoding of a body gives its words; attachments and calendars give none."""
    body = body if isinstance(body, bytes) else body.encode()
    [said] = read("eml", f"{HEAD}{headers}\n\n".encode() + body)
    assert said.text == expected


def test_messages_without_words():
    """One with only an attachment is reported, an empty or deleted one is not."""
    attached = "Content-Type: application/pdf; name=a.pdf\n\nx"
    assert [record.reason for record in read("eml", HEAD + attached)] == ["only attachments"]
    assert read("eml", f"{HEAD}\n> quoted\n") == []
    assert read("eml", f"X-Mozilla-Status: 0009\n{EML}") == []
    assert read("eml", f"X-Gmail-Labels: Unread,Spam\n{EML}") == []
    assert len(read("eml", f"X-Gmail-Labels: Inbox,Spam mails\n{EML}")) == 1


def test_a_message_too_large_costs_only_itself(monkeypatch):
    """What is larger than may be held is reported, and the next message comes in."""
    monkeypatch.setattr(mail, "LARGEST", 1000)
    found = read("mbox", f"{LINE}{EML}{'x' * 99 * 20}\n\n{LINE}{EML}")
    assert [type(each) for each in found] == [Skipped, Said]


def test_html_becomes_lines():
    """Blocks are lines, entities letters, and comments and scripts nothing."""
    markup = "<ul><li>a &amp; b</li><li>c</li></ul><!-- x <p> -->1 < 2<br>d<script>e</script>"
    assert html_text(markup) == "- a & b\n\n- c\n\n1 < 2\nd"


# Calendars


@pytest.mark.parametrize(
    ("lines", "words", "begin", "end"),
    [
        ("DTSTART;TZID=Europe/Berlin:20240531T140000\nDTEND;TZID=Europe/Berlin:20240531T150000", "2024-05-31 14:00–15:00", utc("2024-05-31T12:00"), utc("2024-05-31T13:00")),
        ("DTSTART;TZID=W. Europe Standard Time:20240131T230000\nDURATION:PT2H", "2024-01-31 23:00 – 2024-02-01 01:00", utc("2024-01-31T22:00"), utc("2024-02-01T00:00")),
        ("DTSTART;TZID=/mozilla.org/2/America/New_York:20240531T140000", "2024-05-31 14:00", utc("2024-05-31T18:00"), utc("2024-05-31T18:00")),
        ("DTSTART:20240531T140000\nRRULE:FREQ=MONTHLY;COUNT=6;BYMONTHDAY=31", None, local("2024-05-31T14:00"), local("2025-01-31T14:00")),
        ("DTSTART;VALUE=DATE:20240531", "2024-05-31", local("2024-05-31"), local("2024-06-01")),
        ("DTSTART;VALUE=DATE:20240531\nDTEND;VALUE=DATE:20240602", "2024-05-31 – 2024-06-01", local("2024-05-31"), local("2024-06-02")),
        ("DTSTART;TZID=Europe/Berlin:20240604T180000\nRRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20241231T225959Z", "2024-06-04 18:00, every week on Tuesday until 2024-12-31", utc("2024-06-04T16:00"), utc("2024-12-31T17:00")),
        ("DTSTART:20240603T160000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO;COUNT=3", None, utc("2024-06-03T16:00"), utc("2024-10-07T17:00")),
        ("DTSTART:20240603T160000Z\nRRULE:FREQ=YEARLY", None, utc("2024-06-03T16:00"), None),
        ("DTSTART:20240603T160000Z\nRRULE:FREQ=SECONDLY;COUNT=1000000000", None, utc("2024-06-03T16:00"), None),
        ("DTSTART;VALUE=DATE:20240531\nDTEND:20240602T000000Z", "2024-05-31 – 2024-06-01", local("2024-05-31"), local("2024-06-02")),
        ("DTSTART:20240531T140000\nDTEND;VALUE=DATE:20240601", "2024-05-31 14:00 – 2024-06-01 00:00", local("2024-05-31T14:00"), local("2024-06-01")),
        ("DTSTART:20240531T140000\nDTEND:20240602T120000Z", None, local("2024-05-31T14:00"), utc("2024-06-02T12:00")),
        ("DTSTART:20240603T160000\nRRULE:FREQ=WEEKLY;BYDAY=MO, TU", "2024-06-03 16:00, every week on Monday and Tuesday", local("2024-06-03T16:00"), None),
        ("DTSTART:20240603T160000\nRRULE:FREQ=SOMETIMES", "2024-06-03 16:00, repeated", local("2024-06-03T16:00"), local("2024-06-03T16:00")),
        ("DTSTART:20240603T160000Z\nRRULE:FREQ=DAILY;INTERVAL=0;COUNT=2", None, utc("2024-06-03T16:00"), None),
    ],
)  # fmt: skip
def test_when_an_event_is(lines, words, begin, end):
    """Zones of all kinds, whole days and recurrences give their first and last moments."""
    [note] = read("ics", calendar(EVENT.format(lines)))
    assert (note.valid_from, note.valid_to, note.kind) == (begin, end, "event")
    assert words is None or note.text == f"Dentist, {words}."


def test_an_event_is_a_sentence():
    """What people look for in an event stands in its text, and the rest in its fields."""
    lines = (
        "DTSTART;TZID=Own:20240531T140000\nLOCATION:Main Street 5\\, Bern\n"
        "ATTENDEE;CN=Ana Ruiz:mailto:a@x\nDESCRIPTION:Bring\n  the card 🦷.-::~:~::-\\nJoin\\n-::~:~::-\nCATEGORIES:health,a\\,b\n"
        "CREATED:20240501T090000Z\nRECURRENCE-ID:20240530T120000Z\n"
        "BEGIN:VALARM\nDESCRIPTION:no\nEND:VALARM"
    )
    event = calendar(zone("+0300"), EVENT.format(lines))
    for content in (event, event.replace("\n", "\r")):
        [note] = read("ics", content)
        assert note == Note(
            "Dentist, 2024-05-31 14:00, at Main Street 5, Bern, with Ana Ruiz. Bring the card 🦷.",
            title="Home", time=utc("2024-05-01T09:00"), tags=("health", "a,b"),
            external_id="1/20240530T120000Z", kind="event",
            valid_from=utc("2024-05-31T11:00"), valid_to=utc("2024-05-31T11:00"),
        )  # fmt: skip


def test_a_zone_is_what_its_own_file_says():
    """The same name may mean another zone in another file; rules without end are refused."""
    event = EVENT.format("DTSTART;TZID=Own:20240531T140000")
    for offset, hour in (("+0300", 11), ("-0100", 15)):
        [note] = read("ics", calendar(zone(offset), event))
        assert note.valid_from == utc(f"2024-05-31T{hour}:00")
    [note] = read("ics", calendar(zone("+0300\nRRULE:FREQ=YEARLY;BYHOUR=2;BYMINUTE=0"), event))
    assert note.valid_from == utc("2024-05-31T11:00")
    [skipped] = read("ics", calendar(zone("+0300\nRRULE:FREQ=SECONDLY"), event))
    assert "rules that no zone has" in skipped.reason


def test_one_broken_event_costs_only_itself():
    """What cannot be read is reported; what is cancelled or done is passed over."""
    content = calendar(
        EVENT.format("DTSTART:99991231T000000Z"), EVENT.format("DTSTART:2024"),
        EVENT.format("DTSTART:20240531T140000Z\nSTATUS:CANCELLED"),
        "BEGIN:VTODO\nUID:2\nSUMMARY:Milk\nDUE:20240531T140000Z\nEND:VTODO\n",
        "BEGIN:VTODO\nSUMMARY:Bread\nSTATUS:COMPLETED\nEND:VTODO\n",
        "BEGIN:VJOURNAL\nSUMMARY:Sea\nDESCRIPTION:Calm.\nEND:VJOURNAL\n",
        "BEGIN:VEVENT\nDTSTART:20240531T140000Z\n", EVENT.format("LOCATION:x"),
        "BEGIN:VEVENT\nDTSTART:20240531T140000Z\n",
    )  # fmt: skip
    found = read("ics", content.replace("END:VCALENDAR\n", ""))
    kinds = [getattr(each, "kind", "skipped") for each in found]
    assert kinds == ["skipped", "skipped", "task", "note", "event", "skipped", "skipped"]
    assert (found[2].valid_to, found[3].own) == (utc("2024-05-31T14:00"), True)


# Diaries


def test_a_day_one_export():
    """Escapes and photos go, tags and ids stay, and one bad entry costs only itself."""
    text = "# At sea\\.\n\n![](dayone-moment://AB)\n\nCalm\\-ish\\!"
    rich = json.dumps({"contents": [{"text": "Only "}, {"text": "rich."}]})
    export = day_one(
        DAY_ONE | {"text": text, "tags": ["sea", 3], "starred": True},
        DAY_ONE | {"uuid": "B", "text": None, "richText": rich}, 7,
        DAY_ONE | {"creationDate": "never"}, DAY_ONE | {"uuid": "C", "text": "Wind. " * 500},
        DAY_ONE | {"text": ""},
    )  # fmt: skip
    found = read("dayone", export, "Journal.json")
    words = "# At sea.\n\nCalm-ish!"
    assert found[0] == Note(
        words, words, None, "At sea.", utc("2024-05-31T07:00"), ("sea", "starred"),
        external_id="A", own=True,
    )  # fmt: skip
    assert (found[1].text, found[1].title) == ("Only rich.", "Journal")
    assert [type(each) for each in found[2:4]] == [Skipped, Skipped]
    assert [each.external_id for each in found[4:]] == ["C", "C#2", "C#3", "C#4", "C#5"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("31 May 2024 at 09:00:00 CEST", utc("2024-05-31T07:00")),
        ("May 31, 2024 at 9:00:00\u202fAM GMT+2", utc("2024-05-31T07:00")),
        ("31. Mai 2024 um 09:00:00 MESZ", utc("2024-05-31T07:00")),
        ("31 août 2024 à 09:00:00 UTC", utc("2024-08-31T09:00")),
        ("May 31, 2024, 9:00 AM", local("2024-05-31T09:00")),
    ],
)
def test_day_one_classic(date, expected):
    """The plain text has its dates in many spellings; a file of one entry is a property list."""
    text = f"\tDate:\t{date}\n\tWeather:\t18°C\n\tTags:\tsea, home\n\tStarred\n\nSun.\n\n"
    first, second = read("dayone", text * 2)
    assert (first.text, first.time, first.tags) == ("Sun.", expected, ("sea", "home", "starred"))
    assert second == first
    [entry] = read("dayone", plistlib.dumps(CLASSIC))
    assert (entry.text, entry.time, entry.external_id) == ("Sun.", utc("2024-05-31T07:00"), "A")
    bomb = b"<?xml version='1.0'?><!DOCTYPE p [<!ENTITY a 'b'>]><plist><string>&a;</string></plist>"
    with pytest.raises(Unreadable):
        read("dayone", bomb)


def test_jrnl():
    """An entry is its title and body, with its place in the file, its tags and its star."""
    first, second = read("jrnl", JRNL)
    assert first.text == "At sea. It was calm @sea\nNo wind."
    assert JRNL[first.span.start : first.span.end] == first.quote
    assert (first.title, first.tags) == ("At sea.", ("sea", "starred"))
    assert (second.text, second.time) == ("Home.", local("2024-06-01T09:00"))
    long = "[2024-05-31 09:00] Long.\n\n# Wind\n\n" + "It blew. " * 300
    notes = read("jrnl", long)
    assert len(notes) > 2
    assert all(long[note.span.start : note.span.end] == note.quote for note in notes)
    assert notes[-1].title == "Long. › Wind"
    [exported] = read("jrnl-json", SAMPLES["jrnl-json"])
    assert (exported.text, exported.tags) == ("At sea.\nCalm.", ("sea", "starred"))
    [dotted] = read("jrnl", "[31.05.2024 09:00] x\n")
    assert dotted.time == local("2024-05-31T09:00")
    [evening] = read("jrnl", "[2024-05-31 09:00:00 PM] x\n")
    assert evening.time == local("2024-05-31T21:00")


# PDF


def test_a_pdf_is_read_by_page():
    """Pages give their words, and the document its title and time; lines cut in a word are joined."""
    [note] = read("pdf", a_pdf("(It is wood-) Tj 0 -14 Td (en and floats.) Tj"))
    assert note.text == "It is wooden and floats."
    assert (note.title, note.time) == ("Boats, page 1", utc("2024-05-31T07:00"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(a_pdf(""), "a scan"), (a_pdf()[:200], "damaged"), (locked(), "encrypted")],
)
def test_a_pdf_that_cannot_be_read_says_why(content, reason):
    """A scan, a damaged and an encrypted file are told apart."""
    with pytest.raises(Unreadable, match=reason):
        read("pdf", content)
