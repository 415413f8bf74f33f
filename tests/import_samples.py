"""A small file of each format, all made up, and a mutator that breaks them."""

import json
import random

CHATGPT = [{
    "title": "Boats", "create_time": 1717178400.0, "conversation_id": "c1", "current_node": "n3",
    "mapping": {
        "n1": {"id": "n1", "parent": None, "children": ["n2"], "message": None},
        "n2": {"id": "n2", "parent": "n1", "children": ["n3"], "message": {
            "id": "n2", "author": {"role": "user"}, "create_time": 1717178400.5,
            "content": {"content_type": "text", "parts": ["I own a boat."]}}},
        "n3": {"id": "n3", "parent": "n2", "children": [], "message": {
            "id": "n3", "author": {"role": "assistant"}, "create_time": 1717178410.0,
            "content": {"content_type": "text", "parts": ["What a fine thing."]}}},
    },
}]  # fmt: skip
CLAUDE = [{
    "uuid": "u1", "name": "Boats", "created_at": "2024-05-31T18:00:00Z",
    "chat_messages": [
        {"uuid": "m1", "sender": "human", "text": "I own a boat.", "created_at": "2024-05-31T18:00:00Z"},
        {"uuid": "m2", "sender": "assistant", "content": [{"type": "text", "text": "What a fine thing."}]},
    ],
}]  # fmt: skip
GEMINI = [{"title": "Boats", "conversations": [
    {"author": "user", "content": "I own a boat.", "created_at": "2024-05-31T18:00:00Z"},
    {"author": "gemini", "content": "What a fine thing.", "created_at": "2024-05-31T18:00:05Z"},
]}]  # fmt: skip
AGENTS = [
    {"type": "user", "uuid": "1", "sessionId": "s1", "timestamp": "2024-05-31T18:00:00Z",
     "message": {"role": "user", "content": "Mend the boat."}},
    {"type": "assistant", "uuid": "2", "sessionId": "s1", "timestamp": "2024-05-31T18:00:09Z",
     "message": {"role": "assistant", "content": [{"type": "text", "text": "Done."}]}},
]  # fmt: skip
MEM0 = {"results": [{"id": "m1", "memory": "Owns a boat", "user_id": "ana", "hash": "x",
                     "created_at": "2024-05-31T18:00:00Z", "categories": ["boats"]}]}  # fmt: skip
MCP = [
    {"type": "entity", "name": "Ana", "entityType": "person", "observations": ["owns a boat"]},
    {"type": "relation", "from": "Ana", "to": "Bo", "relationType": "knows"},
]
TELEGRAM = {"name": "Bo", "type": "personal_chat", "id": 7, "messages": [
    {"id": 1, "type": "message", "date": "2024-05-31T18:00:00", "date_unixtime": "1717178400",
     "from": "Bo", "from_id": "user7", "text": "Is the boat ready?"},
    {"id": 2, "type": "message", "date": "2024-05-31T18:01:00", "date_unixtime": "1717178460",
     "from": "Ana", "from_id": "user8", "reply_to_message_id": 1,
     "text": ["It is ", {"type": "bold", "text": "ready"}, "."]},
]}  # fmt: skip
DISCORD = {"guild": {"id": "1", "name": "Harbour"}, "channel": {"id": "2", "name": "boats"}, "messages": [
    {"id": "3", "type": "Default", "timestamp": "2024-05-31T18:00:00+00:00", "timestampEdited": None,
     "content": "Is the boat ready?", "author": {"id": "9", "name": "bo", "nickname": "Bo", "isBot": False},
     "attachments": [], "embeds": []},
]}  # fmt: skip
INSTAGRAM = {"participants": [{"name": "Ana"}, {"name": "Bo"}], "title": "Bo", "thread_path": "inbox/bo_1",
             "messages": [{"sender_name": "Bo", "timestamp_ms": 1717178400000, "content": "Ready?"},
                          {"sender_name": "Ana", "timestamp_ms": 1717178300000, "content": "Hello."}]}  # fmt: skip
SLACK = [
    {
        "type": "message",
        "user": "U1",
        "text": "Is the <#C1|boats> ready?",
        "ts": "1717178400.000100",
    }
]
DAYONE = {"metadata": {"version": "1.0"}, "entries": [
    {"uuid": "ABC", "creationDate": "2024-05-31T18:00:00Z", "timeZone": "Europe/Berlin",
     "text": "# Boat day\n\nWe went sailing\\.", "tags": ["sea"], "starred": True},
]}  # fmt: skip
WHATSAPP = (
    "31/05/24, 18:00 - Messages and calls are end-to-end encrypted.\n"
    "31/05/24, 18:00 - Bo: Is the boat ready?\n31/05/24, 18:01 - Ana: It is.\nCome over.\n"
)
MBOX = (
    "From bo@example.org Fri May 31 18:00:00 2024\nFrom: Bo <bo@example.org>\nTo: ana@example.org\n"
    "Subject: =?utf-8?q?The_boat?=\nDate: Fri, 31 May 2024 18:00:00 +0200\nMessage-ID: <1@example.org>\n\n"
    "Is the boat ready?\n\n> It was not.\n\n-- \nBo\n\n"
)
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:e1\r\nDTSTAMP:20240501T080000Z\r\n"
    "DTSTART;TZID=Europe/Berlin:20240531T140000\r\nDTEND;TZID=Europe/Berlin:20240531T150000\r\n"
    "RRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:Dentist\\, at last\r\nLOCATION:Main Street 5\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
MARKDOWN = (
    "---\ntags: [sea]\ndate: 2024-05-31\n---\n# Boats\n\nThe [[Hull]] is oak. #wood\n\n"
    "- [ ] paint it 📅 2024-06-15\n- [x] buy paint\n\n```sh\nmake\n```\n\n> [!note] Keel\n> Lead.\n"
)
LOGSEQ = "type:: [[Boat]]\n\n- The hull is oak.\n  id:: 6650a0c1-0000-4000-8000-000000000001\n\t- TODO paint it\n\t  DEADLINE: <2024-06-15 Sat>\n"
ORG = "#+TITLE: Boats\n\n* Hull :wood:\n:PROPERTIES:\n:ID: h1\n:END:\nOak.\n** TODO paint it\nDEADLINE: <2024-06-15 Sat>\n"
RST = "Boats\n=====\n\n:date: 2024-05-31\n\nThe hull is :emphasis:`oak`.\n\n.. note:: Lead.\n\nKeel\n----\n\nHeavy.\n"
BASIC = "---\ntitle: Boat\ntype: note\npermalink: boat\n---\n# Boat\n\n- [fact] The hull is oak #wood (old)\n- moored_at [[Harbour]]\n"
JRNL = "[2024-05-31 09:00] A fine day. *\nWe went sailing @sea.\n\n[2024-06-01 10:30] Rest.\nNothing else.\n"
JRNL_JSON = {"tags": {"@sea": 1}, "entries": [
    {"title": "A fine day.", "body": "We went sailing @sea.", "date": "2024-05-31", "time": "09:00",
     "tags": ["@sea"], "starred": True},
]}  # fmt: skip
SIGNAL = "[2024-05-31, 18:00] Bo: Is the boat ready?\n[2024-05-31, 18:01] Me: It is.\nCome over.\n[2024-05-31, 18:02] Bo: Good.\n"


def lines(values):
    return "".join(json.dumps(value) + "\n" for value in values)


def pdf():
    """Return a page of text, written by hand."""
    stream = b"BT /F1 12 Tf 72 720 Td (The hull of the boat is oak.) Tj ET"
    fonts = b"/Resources << /Font << /F1 5 0 R >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R %s >>" % fonts
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]  # fmt: skip
    data, places = b"%PDF-1.4\n", []
    for i, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (i, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
    return data + end % (table, len(data))


# format: (a name that says nothing or as much as it must, what is in the file, how many records)
SAMPLES = {
    "chatgpt": ("x", json.dumps(CHATGPT), 2), "claude": ("x", json.dumps(CLAUDE), 2),
    "gemini": ("x", json.dumps(GEMINI), 2), "agents": ("x", lines(AGENTS), 2),
    "mem0": ("x", json.dumps(MEM0), 1), "mcp-memory": ("x", lines(MCP), 3),
    "telegram": ("x", json.dumps(TELEGRAM), 2), "discord": ("x", json.dumps(DISCORD), 1),
    "instagram": ("x", json.dumps(INSTAGRAM), 2),
    "slack": ("boats/2024-05-31.json", json.dumps(SLACK), 1),
    "whatsapp": ("x", WHATSAPP, 2), "signal": ("x", SIGNAL, 3),
    "mbox": ("x", MBOX, 1), "eml": ("x", MBOX.partition("\n")[2], 1), "ics": ("x", ICS, 1),
    "dayone": ("x", json.dumps(DAYONE), 1), "jrnl": ("x", JRNL, 2),
    "jrnl-json": ("x", json.dumps(JRNL_JSON), 1), "pdf": ("x", pdf(), 1),
    "csv": ("x", 'text,date,author\nThe hull is oak.,2024-05-31,Ana\n"Red, white",,Bo\n', 2),
    "jsonl": ("x", lines([{"text": "The hull is oak."}, {"text": "Hi.", "session": "s"}]), 2),
    "basic-memory": ("x", BASIC, 2), "markdown": ("x", MARKDOWN, 3), "org": ("x.org", ORG, 2),
    "logseq": ("x", LOGSEQ, 3), "rst": ("x", RST, 2),
    "text": ("x", "It rained all day, and we stayed at home.\n\nThe cat slept in the drawer.\n", 1),
}  # fmt: skip


def mutations(data, count, seed):
    """Yield broken versions of a file: bytes changed, cut, doubled, swapped, or made hostile."""
    rng = random.Random(seed)
    for _ in range(count):
        broken = bytearray(data)
        for _ in range(rng.choice((1, 1, 2, 8))):
            at = rng.randrange(len(broken) + 1)
            to = min(len(broken), at + rng.choice((1, 2, 5, 20, 200)))
            kind = rng.randrange(6)
            if kind == 0 and at < len(broken):
                broken[at] = rng.randrange(256)
            elif kind == 1:
                del broken[at:to]
            elif kind == 2:
                broken[at:at] = broken[at:to] * rng.choice((1, 3, 50))
            elif kind == 3:
                broken[at:at] = rng.choice(JUNK)
            elif kind == 4:
                del broken[at:]
            else:
                other = rng.randrange(len(broken) + 1)
                broken[at:to] = broken[other : other + 30]
        yield bytes(broken)


JUNK = [
    b"\x00", b"\xff\xfe", b"\xe2\x82", b"\xf0\x9f\x98\x80", b"\r", b"\n\n\n", b'"', b"\\", b"{" * 200,
    b"[" * 200, b"null", b"[]", b"{}", b"true", b"-1e308", b"9" * 400, b"NaN", b"9999-12-31", b"0000-00-00",
    b"\xe2\x80\xa8", b"<x>", b"&#x0;", b"%s%n", b"'; DROP TABLE turns; --", b"\x1b[2J", b"> " * 300,
    b"*" * 500, b"- [ ] " * 100, b"[[" * 300, b"#" * 300, b"=" * 300, b"a" * 5000, b": " * 300, b"\t" * 300,
]  # fmt: skip
