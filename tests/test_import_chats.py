"""Chats between people: WhatsApp, Signal, Telegram, Discord, Slack, Instagram and Messenger."""

import json
import zipfile

import pytest
from conftest import shared

from memcli.importers import discord, instagram, signal, slack, telegram, whatsapp
from memcli.importers.base import Said, Skipped, Unreadable
from memcli.importers.walk import find_files
from memcli.testing import file_of

FORMATS = [whatsapp, signal, telegram, discord, slack, instagram]
MARK = "\u200e"


def read(format, content, name="chat", beside=None):
    """Return the records of a file; what is no text is written as JSON."""
    content = content if isinstance(content, (str, bytes)) else json.dumps(content)
    beside = {k: v if isinstance(v, str) else json.dumps(v) for k, v in (beside or {}).items()}
    file = file_of(content, name, beside=beside)
    assert [each for each in FORMATS if each.FORMAT.recognises(file)] == [format]
    return list(format.FORMAT.read(file))


def texts(records):
    return [(each.speaker, each.text) for each in records]


def local(said):
    """Return a time as the clock on the wall showed it."""
    return said.time.astimezone().strftime("%Y-%m-%d %H:%M:%S")


# The samples: counted by reading them


@pytest.mark.parametrize(
    ("format", "sample", "count"),
    [
        # Nine dated lines, of which two are WhatsApp's own: a group, and who was added.
        (whatsapp, "whatsapp/test_[mmddyy]_24hrs.txt", 7),
        (whatsapp, "whatsapp/test_ddmmyy_24hrs.txt", 7),
        (whatsapp, "whatsapp/test_mmddyy_24hrs.txt", 7),
        (whatsapp, "whatsapp/test_mmddyyyy_12hrs.txt", 7),
        (whatsapp, "whatsapp/test_yyyymmdd_24hrs.txt", 7),
        (signal, "signal/test_export.txt", 2),  # the second of two lines
        (telegram, "telegram/test_single_export.json", 2),
        (telegram, "telegram/test_batch_export.json", 2),
        (instagram, "instagram/test_export.json", 2),
    ],
)
def test_the_samples_of_another_program_are_read(format, sample, count):
    """Each sample is known for what it is, and all messages are found with speaker and time."""
    [file] = find_files(shared("data", "import", "chat-miner") / sample)
    assert [each for each in FORMATS if each.FORMAT.recognises(file)] == [format]
    found = list(format.FORMAT.read(file))
    assert len(found) == count
    assert all(each.speaker and each.time for each in found)
    if format is whatsapp:  # all five are the same chat
        assert local(found[2]).startswith("2019-01-30 20:49")
        assert local(found[-1]).startswith("2021-12-30 22:01")


def test_the_sample_archive_of_slack_is_read():
    """Of 158 messages 8 tell who joined, and 3 that an integration was added."""
    found = []
    for file in find_files(shared("data", "import", "slack") / "testarchive.zip"):
        assert slack.FORMAT.recognises(file)
        found += slack.FORMAT.read(file)
    assert len(found) == 147
    assert len({each.session for each in found}) == 16  # of 17 days one has only those who joined
    assert {each.title for each in found} == {"#enrique", "#traveling-sailor"}
    assert all(each.speaker and each.text for each in found)


# WhatsApp


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("31/05/24, 18:00 - ", "2024-05-31 18:00:00"),
        ("31/05/2024 18:00 - ", "2024-05-31 18:00:00"),
        ("5/31/24, 6:00\u202fPM - ", "2024-05-31 18:00:00"),
        ("31.05.24, 18:00 - ", "2024-05-31 18:00:00"),
        ("31.05.24 um 18:00 - ", "2024-05-31 18:00:00"),
        ("31.5.2024 klo 18.00 - ", "2024-05-31 18:00:00"),
        ("31/05/2024 à 18:00 - ", "2024-05-31 18:00:00"),
        ("31-05-24 18:00 - ", "2024-05-31 18:00:00"),
        ("30. 5. 2024 18:00 - ", "2024-05-30 18:00:00"),
        ("2024-05-31 18:00 - ", "2024-05-31 18:00:00"),
        ("2024/05/31, 18:00 - ", "2024-05-31 18:00:00"),
        ("2024/5/31 下午6:00 - ", "2024-05-31 18:00:00"),
        ("2024년 5월 31일 오후 6:00, ", "2024-05-31 18:00:00"),
        ("31/05/2024, 06:00 p. m. - ", "2024-05-31 18:00:00"),
        ("31/05/2024, 00:08 a. m. - ", "2024-05-31 00:08:00"),
        ("31/05/2024, 12:08 a.m. - ", "2024-05-31 00:08:00"),
        ("31/05/2024, 12:08 p.\xa0m. - ", "2024-05-31 12:08:00"),
        ("31/05/24, 24:05 - ", "2024-05-31 00:05:00"),
        ("[31.05.24, 18:00:07] ", "2024-05-31 18:00:07"),
        ("[31/05/24 18:00:07] ", "2024-05-31 18:00:07"),
        (f"{MARK}[5/31/24, 6:00:07\u202fPM] ", "2024-05-31 18:00:07"),
        ("[2024-05-31, 6:00:07 p.m.] ", "2024-05-31 18:00:07"),
        ("[2024-05-31, 18:00:07] ", "2024-05-31 18:00:07"),
        ("[2024-05-31 18:00:07] ", "2024-05-31 18:00:07"),
        ("[2024. 5. 31. 오후 6:00:07] ", "2024-05-31 18:00:07"),
        ("[٣١\u200f/٥\u200f/٢٠٢٤, ٦:٠٠:٠٧ م] ", "2024-05-31 18:00:07"),
        ("[31/5/2567 18:00:07] ", "2024-05-31 18:00:07"),  # in Thailand
        ("31.05.24 18:00:07: ", "2024-05-31 18:00:07"),
    ],
)
def test_every_way_to_write_a_date_is_read(header, expected):
    """Phones write dates as their language does; all are known and give the same time."""
    [said] = read(whatsapp, f"{header}Ana: hello", "x.dat")
    assert (local(said), said.speaker, said.text) == (expected, "Ana", "hello")


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["03/04/24, 10:00", "13/04/24, 10:00"], "2024-04-03"),  # there is no 13th month
        (["03/04/24, 10:00", "04/13/24, 10:00"], "2024-03-04"),
        (["05/02/24, 10:00", "12/02/24, 10:00", "03/03/24, 10:00"], "2024-02-05"),  # no step back
        (["02/05/24, 10:00", "02/12/24, 10:00", "03/03/24, 10:00"], "2024-02-05"),
        (["03/04/24, 10:00", "03/05/24, 10:00", "03/06/24, 10:00"], "2024-03-04"),  # in three days
        (["03/04/24, 10:00"], "2024-04-03"),
        (["3/4/24, 10:00 PM"], "2024-03-04"),
        (["03/04/24, 10:00 pm"], "2024-04-03"),  # written small in Britain, India and Australia
        (["03.04.24, 10:00 PM"], "2024-04-03"),  # a dot is no American slash
        (["24/05/30, 10:00", "24/05/31, 10:00", "24/06/01, 10:00"], "2024-05-30"),
    ],
)
def test_the_whole_file_decides_whether_the_day_comes_first(dates, expected):
    """Dates that do not exist decide, then steps back in time, then nearness, then custom."""
    first = read(whatsapp, "\n".join(f"{date} - Ana: x" for date in dates))[0]
    assert local(first).startswith(expected)


def test_a_chat_of_an_iphone_is_read_without_what_whatsapp_wrote():
    """Marked words are WhatsApp's; what is written beside them is kept."""
    found = read(
        whatsapp,
        f"[31.05.24, 18:00:00] Fam: {MARK}Messages and calls are end-to-end encrypted.\r\n"
        f"[31.05.24, 18:00:01] ~\u202fAna: {MARK}image omitted\r\n"
        f"[31.05.24, 18:00:02] ~\u202fAna: hello {MARK}<This message was edited>\r\n"
        f"{MARK}[31.05.24, 18:00:03] Ana: {MARK}<attached: 0001-PHOTO.jpg>\r\na caption\r\n"
        f"[31.05.24, 18:00:04] \u202a+49 123\u202c: f.pdf • {MARK}3 pages {MARK}document omitted\r\n"
        f"[31.05.24, 18:00:05] Ana: {MARK}POLL:\r\nWhat?\r\n{MARK}OPTION: a ({MARK}2 votes)\r\n\r\n"
        "[31.05.24, 18:00:06] \u202a+49 123\u202c: first : second\r\n\r\nthird\r\n"
        "31/05/24, 18:00 - Ben: pasted\r\n",
        "WhatsApp Chat - Fam/_chat.txt",
    )
    assert texts(found) == [
        ("Ana", "hello"),
        ("Ana", "a caption"),
        ("Ana", "What?"),
        ("+49 123", "first : second\n\nthird\n31/05/24, 18:00 - Ben: pasted"),
    ]
    assert {(each.session, each.title, each.role) for each in found} == {("Fam", "Fam", None)}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<Media omitted>", None),
        ("<Medien ausgeschlossen>", None),
        ("<Multimedia omitido>", None),
        ("<省略多媒体文件>", None),
        ("<Medien ausgeschlossen>\nOn the boat", "On the boat"),
        (f"{MARK}IMG-1.jpg (file attached)", None),
        ("IMG-1.jpg (Datei angehängt)\nOn the boat", "On the boat"),
        ("This message was deleted", None),
        ("Se eliminó este mensaje.", None),
        ("このメッセージは削除されました", None),
        ("הודעה זו נמחקה", None),
        ("Tämä viesti poistettiin", None),
        ("Denne besked blev slettet", None),
        ("null", None),
        ("", None),
        ("Or did you? <Diese Nachricht wurde bearbeitet.>", "Or did you?"),
        ("<3 love you", "<3 love you"),
        ("I omitted the image", "I omitted the image"),
        ("look: https://x.org/a.jpg", "look: https://x.org/a.jpg"),
        (".", "."),
    ],
)
def test_placeholders_are_left_out_and_words_are_not(written, expected):
    """What stands for a picture or a deleted message is nobody's words, in any language."""
    found = read(whatsapp, f"31/05/24, 18:00 - Ben: first\n31/05/24, 18:01 - Ana: {written}")
    assert [each.text for each in found[1:]] == ([expected] if expected else [])


@pytest.mark.parametrize(
    "line",
    [
        "Messages and calls are end-to-end encrypted. Tap to learn more.",
        'Ana created group "Boats: 2024"',
        "Ana hat die Gruppe „Boote: 2024“ erstellt.",
        "You were added",
    ],
)
def test_what_whatsapp_tells_belongs_to_nobody(line):
    """A line without a name is left out, with what follows it, and ends the message before."""
    chat = f"31/05/24, 18:00 - Ana: first\n31/05/24, 18:01 - {line}\nmore\n"
    assert texts(read(whatsapp, chat, "WhatsApp Chat with Ana.txt")) == [("Ana", "first")]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("WhatsApp Chat with Ana.txt", "Ana"),
        ("WhatsApp-Chat mit Ana Ruiz.txt", "Ana Ruiz"),
        ("Chat de WhatsApp con Ana.txt", "Ana"),
        ("Exports/Ana/_chat.txt", "Ana"),
        ("boats.txt", "boats"),
    ],
)
def test_the_name_of_the_file_or_folder_names_the_chat(name, title):
    """WhatsApp writes the chat's name nowhere else."""
    [said] = read(whatsapp, "31/05/24, 18:00 - Ana: x", name)
    assert (said.title, said.session) == (title, title)


def test_a_time_that_does_not_exist_costs_one_message():
    """The others go in, and the line is named."""
    skipped, said = read(whatsapp, "31/05/24, 25:00 - A: x\n31/05/24, 10:00 - A: y")
    assert isinstance(skipped, Skipped)
    assert skipped.where == "line 1"
    assert said.text == "y"


@pytest.mark.parametrize(
    "content",
    [
        "[2024-05-31 09:00] Work: a long day\nWe sailed.\n\n[2024-06-01 10:00] Rain\n",
        "# Diary\n\n31/05/24, 18:00 - Ana: x\n",
        "31/05/24, 18:00 - no name at all\n",
        "",
    ],
)
def test_a_journal_is_no_chat(content):
    """What begins with no message, or with titles that name nobody, is somebody else's."""
    file = file_of(content, "x.txt")
    assert not any(each.FORMAT.recognises(file) for each in FORMATS)


def test_a_file_without_messages_cannot_be_read():
    """Asked to read one as a chat all the same, each of the two says what is missing."""
    for format in (whatsapp, signal):
        with pytest.raises(Unreadable, match="no line of it begins with a date"):
            list(format.FORMAT.read(file_of("only words")))


# Signal


@pytest.mark.parametrize("comma", [",", ""])
def test_a_chat_of_signal_is_read(comma):
    """Its owner is Me; quotations, reactions and files are not what somebody said."""
    found = read(
        signal,
        f"[2024-05-31{comma} 18:00] Ana: Hello  \n\n[2024-05-31{comma} 18:01] Me: \n\n> Hello\n\n"
        f"Hi: you  \n(- Ana: 👍 -)\n\n[2024-05-31{comma} 18:02] Ana: ![a](./media/a.jpg)  \n\n"
        f"[2024-05-31{comma} 18:03] Me: Incoming call  \n"
        f"[2024-05-31{comma} 18:04] Ana: Incoming voice call (accepted, 3m 2s)  \n"
        f"[2024-05-31{comma} 18:05] Ana: [🐸](../exported_stickers/a/1.webp)  \n",
        "Ana Ruiz/chat.md",
    )
    assert texts(found) == [("Ana", "Hello"), ("", "Hi: you")]
    assert [(e.role, e.title) for e in found] == [(None, "Ana Ruiz"), ("user", "Ana Ruiz")]
    assert local(found[1]) == "2024-05-31 18:01:00"


def test_of_two_files_of_signal_one_is_read():
    """The JSON beside a text has the same messages, which would come in twice."""
    line = {"date": "2024-05-31T18:00:00", "sender": "Me", "body": "Hi", "quote": "", "sticker": "",
            "reactions": [], "attachments": []}  # fmt: skip
    lines = "\n".join(map(json.dumps, [line, line | {"body": ""}, line | {"date": "x"}, 7]))
    said, bad_time, no_object = read(signal, lines, "Ana/data.json")
    assert (said.text, said.role, said.title) == ("Hi", "user", "Ana")
    assert (bad_time.where, no_object.reason) == ("message 3", "it is not an object")
    text = "[2024-05-31, 18:00] Me: Hi\n"
    [skipped] = read(signal, text, "Ana/chat.md", {"Ana/data.json": lines})
    assert skipped.reason == "data.json beside it has the same messages"


# Telegram


def test_all_chats_of_telegram_are_read():
    """Texts in pieces, replies and lost names; one's saved messages are one's own words."""
    said = {"id": 1, "type": "message", "date": "2024-05-31T18:00:00", "from": "Ana"}
    chats = [
        {"name": "Ana", "type": "personal_chat", "id": 10, "messages": [
            said | {"type": "service", "action": "phone_call", "text": ""},
            said | {"id": 2, "text": ["See ", {"type": "link", "text": "x.org"}, " soon"]},
            said | {"id": 3, "text": "yes", "from": None, "from_id": "user7", "reply_to_message_id": 2},
            said | {"id": 4, "text": "", "photo": "a.jpg"},
            said | {"id": 5, "text": "not hers", "forwarded_from": "Ben"},
            said | {"id": 6, "text": "x", "date": "soon"},
        ]},
        {"type": "saved_messages", "id": 11, "messages": [said | {"text": "Buy milk"}]},
        {"name": "Cy", "type": "personal_chat", "id": 12, "messages": [
            said | {"text_entities": [{"type": "plain", "text": "no text"}]},
        ]},
    ]  # fmt: skip
    found = read(telegram, {"about": "…", "chats": {"about": "…", "list": chats}}, "result.json")
    assert isinstance(found.pop(3), Skipped)
    assert [(e.session, e.title, e.speaker, e.text, e.role, e.external_id, e.reply_to) for e in found] == [
        ("10", "Ana", "Ana", "See x.org soon", None, "2", ""),
        ("10", "Ana", "user7", "yes", None, "3", "2"),
        ("10", "Ana", "Ben", "not hers", None, "5", ""),
        ("11", "Saved Messages", "Ana", "Buy milk", "user", "1", ""),
        ("12", "Cy", "Ana", "no text", None, "1", ""),
    ]  # fmt: skip


# Discord


def test_an_exported_channel_of_discord_is_read():
    """Names as shown, replies and a bot's cards; who joined is left out."""
    said = {"id": "5", "type": "Default", "timestamp": "2024-05-31T18:00:00+02:00", "content": "hi",
            "author": {"name": "ana1", "nickname": "Ana", "isBot": False}}  # fmt: skip
    card = {
        "content": "",
        "author": {"name": "bot"},
        "embeds": [{"title": "New", "description": "x"}],
    }
    export = {
        "guild": {"id": "1", "name": "Boats"},
        "channel": {"id": "2", "type": "GuildTextChat", "name": "general"},
        "messages": [
            said, said | {"type": "GuildMemberJoin"}, said | card, said | {"content": ""},
            said | {"type": "Reply", "content": "yes", "reference": {"messageId": "5"}},
            said | {"content": "", "forwardedMessage": {"content": "passed on", "embeds": []}},
        ],
    }  # fmt: skip
    found = read(discord, export)
    assert texts(found) == [("Ana", "hi"), ("bot", "New\nx"), ("Ana", "yes"), ("Ana", "passed on")]
    assert found[0] == Said("2", "hi", None, "Ana", found[0].time, "Boats #general", "5", "")
    assert (found[0].time.hour, found[2].reply_to) == (16, "5")


@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_the_package_of_discord_is_in_the_owners_words(suffix):
    """All of it was written by its owner, in UTC; the channel's name stands beside it."""
    channel = {"id": "12", "type": 0, "name": "general", "guild": {"id": "1", "name": "Boats"}}
    rows = {
        "json": [{"ID": 3, "Timestamp": "2024-05-31 18:00:00", "Contents": "hi\nyou", "Attachments": ""}],
        "csv": 'ID,Timestamp,Contents,Attachments\n3,2024-05-31 18:00:00.5+00:00,"hi\nyou",\n',
    }[suffix]  # fmt: skip
    beside = {"m/c12/channel.json": channel, f"m/c12/messages.{suffix}": rows}
    [said] = read(discord, rows, f"m/c12/messages.{suffix}", beside)
    assert (said.session, said.title, said.external_id) == ("12", "Boats #general", "3")
    assert (said.role, said.text, said.time.hour) == ("user", "hi\nyou", 18)
    assert read(discord, channel, "m/c12/channel.json", beside) == []


# Slack

USERS = [
    {
        "id": "U1",
        "name": "ana1",
        "deleted": False,
        "profile": {"real_name": "Ana Ruiz", "bot_id": "B1"},
    }
]
CHANNELS = [{"id": "C1", "name": "general", "created": 1, "creator": "U1", "members": ["U1"]}]
DIRECT = [{"id": "D1", "created": 1, "members": ["U1", "U2"]}]
ARCHIVE = {"users.json": USERS, "channels.json": CHANNELS, "dms.json": DIRECT, "groups.json": []}


def test_a_day_of_slack_is_read():
    """Names, mentions and links as people see them; threads, and texts that stand in blocks."""
    said = {"type": "message", "user": "U1", "ts": "1717178400.000100"}
    words = [{"type": "text", "text": "from "}, {"type": "user", "user_id": "U1"}]
    section = {"type": "rich_text_section", "elements": words}
    blocks = [{"type": "rich_text", "elements": [section]}]
    day = [
        said | {"text": "<@U1> &amp; <@U9|bo> in <#C1|general>: <http://x.org|here> <!here> a &lt; b"},
        said | {"subtype": "channel_join", "text": "<@U1> has joined the channel"},
        said | {"text": "", "blocks": blocks, "thread_ts": "1717170000.000100"},
        {"type": "message", "subtype": "bot_message", "bot_id": "B7", "username": "CI", "ts": "1717178401.0",
         "text": "", "attachments": [{"pretext": "Built", "fallback": "no"}]},
        said | {"user": "U9", "user_profile": {"real_name": "Bo"}, "text": "hi", "ts": None},
        said | {"text": "x", "ts": {}},
        "no message",
    ]  # fmt: skip
    found = read(slack, day, "general/2024-05-31.json", ARCHIVE)
    assert texts(found[:4]) == [
        ("Ana Ruiz", "@Ana Ruiz & @bo in #general: here @here a < b"),
        ("Ana Ruiz", "from @Ana Ruiz"),
        ("CI", "Built"),
        ("Bo", "hi"),
    ]
    assert (found[0].session, found[0].title) == ("general/2024-05-31", "#general")
    assert (found[0].external_id, found[1].reply_to) == ("1717178400.000100", "1717170000.000100")
    assert found[4].text == "x"
    assert found[5] == Skipped("message 7", "it is not an object")


def test_direct_messages_of_slack_are_called_by_their_members():
    """Their folder has only a number, or the names of a group."""
    day = [{"type": "message", "user": "U1", "ts": "1717178400.000100", "text": "hi"}]
    titles = [
        read(slack, day, f"{folder}/2024-05-31.json", ARCHIVE)[0].title
        for folder in ("D1", "mpdm-ana--bo--cy-1")
    ]
    assert titles == ["Ana Ruiz, U2", "ana, bo, cy"]


@pytest.mark.parametrize("name", ARCHIVE)
def test_the_lists_of_an_archive_say_nothing(name):
    """They are known, so that nobody is told of an unknown format, and nothing is read in them."""
    assert read(slack, ARCHIVE[name], name, ARCHIVE) == []


# Instagram and Messenger


def test_a_thread_of_meta_is_read_in_order_and_mended():
    """Oldest first, letters put together again, without what somebody did instead of writing."""
    said = {"sender_name": "Jos\u00c3\u00a9 Ruiz", "timestamp_ms": 1717178400000, "type": "Generic"}
    written = [
        said
        | {"content": "caf\u00c3\u00a9 \u00f0\u009f\u0098\u008a", "timestamp_ms": 1717178400002},
        said | {"content": "Jos\u00c3\u00a9 sent an attachment."},
        said | {"content": "Liked a message"},
        said | {"content": "You are now connected on Messenger."},
        said | {"content": "José cleared the nickname for Ana."},
        said | {"content": "José said it", "timestamp_ms": 1717178400001},
        said | {"content": "bye", "is_unsent": True},
        said | {"photos": []},
        said | {"content": "second"},
        said | {"content": "my mom called you"},
    ]
    about = {"title": "Caf\u00c3\u00a9", "thread_path": "inbox/cafe_1"}
    found = read(instagram, {"participants": [], "messages": written} | about, "message_1.json")
    assert [e.text for e in found] == ["my mom called you", "second", "José said it", "café 😊"]
    assert {(e.session, e.title, e.speaker) for e in found} == {
        ("inbox/cafe_1", "Café", "José Ruiz")
    }
    assert [e.external_id[-3:] for e in found] == ["0.2", "000", "001", "002"]


def test_an_encrypted_chat_of_messenger_is_read():
    """It has other keys, and letters that need no mending."""
    said = {"senderName": "Ana", "text": "é", "timestamp": 1717178400000, "type": "text"}
    chat = {
        "participants": ["Ana"],
        "threadName": "Ana_1",
        "messages": [said, said | {"isUnsent": True}],
    }
    [found] = read(instagram, chat)
    assert (found.session, found.speaker, found.text) == ("Ana_1", "Ana", "é")


def test_a_chat_in_a_zip_is_called_by_the_zip(tmp_path):
    """An iPhone exports a zip, which alone has the chat's name."""
    with zipfile.ZipFile(tmp_path / "WhatsApp Chat - Ana.zip", "w") as archive:
        archive.writestr("_chat.txt", "[31.05.24, 18:00:00] Ana: hello\n")
    [title] = {
        said.title
        for file in find_files(tmp_path / "WhatsApp Chat - Ana.zip")
        for said in whatsapp.FORMAT.read(file)
    }
    assert title == "Ana"
