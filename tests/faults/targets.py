"""What is fuzzed: where each target's inputs come from, and what is done with them."""

import hashlib
import json
import os
import re
import shutil
import struct
from collections.abc import Callable
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from unittest.mock import patch

import damage
import numpy as np
from damage import FAR, PIECES, TEXTS, damaged, repeated, wrong
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from memcli import archive, config, dates, periods
from memcli.acquire import redact, select
from memcli.acquire.extract import ModelExtractor
from memcli.acquire.rules import RuleExtractor
from memcli.acquire.summarize import central_sentences
from memcli.config import KVConfig
from memcli.engine.base import Message, Mindless
from memcli.engine.gguf import read_header
from memcli.engine.template import PLAIN, ChatTemplate
from memcli.errors import InvalidInput, NotFound
from memcli.importers.base import Unreadable
from memcli.importers.choose import choose, formats
from memcli.importing.importer import Importer
from memcli.index.exact import ExactIndex
from memcli.media import blob, kv_codec
from memcli.media.kv import KVMemory
from memcli.media.state import DOCUMENT, States
from memcli.recall.plan import plan
from memcli.records import Turn
from memcli.sentences import split_sentences
from memcli.store import Store
from memcli.testing import CountingIds, FixedClock, HashEmbedder, file_of
from memcli.text import clean
from memcli.tiers import editing, sensory
from memcli.tiers.long_term import LongTerm

NOW = datetime(2024, 6, 5, 12, tzinfo=timezone.utc)
ANCHORS = [
    NOW,
    datetime(1, 1, 1, tzinfo=timezone.utc),
    datetime(9999, 12, 31, 23, tzinfo=timezone.utc),
]
KNOWN = ["I live in Ulm.", "My sister Ana has a boat.", "Ana moved to Porto in May 2023.", "I love sailing.",
         "我住在北京。", "คุณย่าชอบแมว", "Zoë said “no”.", "My password is hidden."]  # fmt: skip


@dataclass
class Target:
    """``of`` gives inputs, ``begin`` gets a folder and gives what is done with each of them.

    ``times`` is how many inputs are tried where the share is 1.
    """

    family: str
    of: SearchStrategy | Callable
    begin: Callable
    times: int


def plain(check):
    """Return a beginning that needs no folder."""

    @contextmanager
    def begin(folder):
        yield check

    return begin


@contextmanager
def remembering(folder):
    store = Store(folder / "memory.db", clock=FixedClock(), ids=CountingIds())
    memory = LongTerm(
        store, HashEmbedder, lambda embedder: ExactIndex(store.vectors, embedder.dims)
    )
    try:
        yield memory
    finally:
        store.close()


# Files


def a_file(value):
    name, path, data = value
    readers = {name: formats()[name]}
    with suppress(Unreadable):
        chosen = choose(file_of(data, path))
        readers[chosen.name] = chosen
    for reader in readers.values():
        for record in reader.read(file_of(data, path)):
            assert type(getattr(record, "text", "")) is str


@contextmanager
def imports(folder):
    with ExitStack() as open_now:
        memory, count = None, 0

        def check(value):
            nonlocal memory, count
            if count % 200 == 0:  # so that no later input pays for the earlier ones
                open_now.close()
                memory = open_now.enter_context(remembering(folder / str(count)))
            count += 1
            top = folder / "in"
            file = top / value[0]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(value[1])
            try:
                report = Importer(memory).paths([top])
            finally:
                shutil.rmtree(top)
            assert not [why for _, why in report.skipped if "could not be read" in why], (
                report.skipped
            )
            assert not memory.store.db.execute("PRAGMA foreign_key_check").fetchall()

        (folder / "0").mkdir()
        yield check


def imported(rng):
    if rng.random() < 0.5:
        return "x.zip", damage.archive(rng)
    return damage.sample(rng)[1:]


# Texts


@contextmanager
def questions(folder):
    with remembering(folder) as memory:
        for text in KNOWN:
            memory.remember(text)

        def check(text):
            memory.recall(text, limit=5)
            plan(text, NOW)
            words = clean(text).split()
            memory.store.texts.search([clean(text), *words[:50]], 5)
            memory.store.texts.holding(words)
            memory.store.memories.mentioning(clean(text))
            sensory.take_in(text, memory.mask)
            with suppress(NotFound, InvalidInput):
                memory.find(text)

        yield check


@contextmanager
def statements(folder):
    with remembering(folder) as memory:
        for text in KNOWN:
            memory.remember(text)

        def check(text):
            text = clean(text).strip() or "x"
            for found in memory.learning.candidates(text, NOW, None):
                assert text[found.span.start : found.span.end]
            RuleExtractor().extract(text, NOW, first_person=True)
            for sentence in split_sentences(text):
                assert text[sentence.span.start : sentence.span.end] == sentence.text

        yield check


def a_date(value):
    text, anchor = value
    for when in dates.find_dates(text, anchor):
        assert text[when.span.start : when.span.end] == when.words
        assert when.start < when.end
    for read in (lambda: dates.parse_time(text), lambda: periods.period(text, anchor)):
        with suppress(InvalidInput):
            read()


def a_secret(text):
    masked = redact.mask(text)
    assert masked.secrets or masked.text == text


def a_repetition(text):
    """Whatever reads long texts gets one."""
    redact.mask(text)
    dates.find_dates(text, NOW)
    plan(text, NOW)
    list(select.sentences(text))
    RuleExtractor().extract(text[:20_000], NOW)
    for name in (
        "markdown",
        "mbox",
        "ics",
        "org",
        "rst",
        "logseq",
        "whatsapp",
        "csv",
        "jrnl",
        "signal",
        "text",
        "jsonl",
    ):
        with suppress(Unreadable, InvalidInput):
            list(formats()[name].read(file_of(text[:20_000].encode("utf-8", "replace"), "x")))


def a_summary(texts):
    turns = [Turn(str(i), "s", i, "user", text, NOW) for i, text in enumerate(texts)]
    central_sentences(turns, HashEmbedder())


def an_answer(rng):
    """Return what a model says of a conversation, as its grammar allows or not."""
    item = {"turn": 1, "quote": "I live in Ulm.", "kind": "fact", "text": "x", "subject": "user",
            "predicate": "home", "object": "Ulm", "when": "2024-06-05", "importance": 3}  # fmt: skip
    said = json.dumps(wrong([item, dict(item, quote="My sister is Ana.", object="Ana")], rng))
    if rng.random() < 0.3:
        said = damaged(said.encode(), rng).decode("utf-8", "replace")
    return rng.choice(("", " ", "Sure: ", "[[[")) + said


def extracted(answer):
    model = ModelExtractor(lambda prompt, grammar: answer)
    found = model.extract_turns(
        [Turn("t", "s", 0, "user", "I live in Ulm. My sister is Ana.", NOW)]
    )
    assert all(candidate.quote in turn.text for turn, candidate in found.found)


# What an editor gives back


FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys((*editing.READERS, "id"), TEXTS | FAR))
FORMS = st.tuples(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 90), TEXTS), max_size=3), FIELDS
)


@contextmanager
def forms(folder):
    with remembering(folder) as memory:
        learnt = memory.remember("My sister Ana has a boat.", tags=["a", "b"])[0].memory
        form = editing.form(learnt)

        def check(value):
            cuts, fields = value
            text = form
            for at, length, new in cuts:
                text = text[:at] + new + text[at + length :]
            for changes in (
                lambda: editing.read_forms(text, [learnt.id]).get(learnt.id, {}),
                lambda: fields,
            ):
                with suppress(InvalidInput):
                    new = editing.edit(memory, learnt, changes())
                    read = editing.read_forms(editing.form(new), [new.id])[learnt.id]
                    assert editing.edit(memory, new, read) == new
                    editing.edit(memory, new, editing.fields(learnt))

        yield check


# Containers


class Model(Mindless):
    """Takes any state that gets this far."""

    fingerprint = "f" * 64

    def resume(self, snapshot):
        assert isinstance(snapshot.data, bytes)
        return True


def a_blob(rng):
    """Return the header and the data of a blob, its bytes as they are changed, and its checksum."""
    cells = kv_codec.Cells(
        np.arange(5, dtype=np.int32), tuple(np.ones((5, 70), np.float16) * i for i in range(4))
    )
    codec = rng.choice(list(kv_codec.CODECS))
    header = {"fingerprint": Model.fingerprint, "key": "k", "codec": codec, "tokens": [1, 2], "past": [],
              "profile": ["a"], "name": "d", "source": "s", "text": "t", "length": 1, "sha256": "x"}  # fmt: skip
    head, data = json.dumps(header).encode(), kv_codec.encode(cells, codec)
    signed = rng.random() < 0.7
    if signed and rng.random() < 0.5:
        head = json.dumps(wrong(header, rng)).encode()
    elif signed and codec != "f16" and rng.random() < 0.7:  # behind zstd
        data = kv_codec.zstandard.compress(damaged(kv_codec.zstandard.decompress(data), rng))
    elif signed:
        data = damaged(data, rng)
    length = rng.choice((len(head),) * 9 + (0, 2**32 - 1, len(head) + 50))
    whole = blob.MAGIC + blob.LENGTH.pack(length) + head + data
    whole += hashlib.sha256(whole).digest()
    return whole if signed else damaged(whole, rng)


@contextmanager
def blobs(folder):
    kv = KVMemory(folder, KVConfig(), folder / "kv.json")
    states = States(folder, 2**30)
    files = [
        folder / name
        for name in (
            "m.k.q8.kv",
            "s.state",
            f"{DOCUMENT}d.state",
            f"prefix-{Model.fingerprint[:16]}.state",
        )
    ]

    def check(data):
        for file in files:
            file.write_bytes(data)
        kv._load(files[0].name, "k", Model.fingerprint)
        assert len(list(kv.verify())) <= 1
        states.restore("s", Model())
        states.restore_prefix(Model())
        states.save_prefix(Model(), Message("system", "x"))
        states.documents()
        states.open_document("d", Model())

    yield check


def a_header(rng):
    """Return a GGUF header with some values of each type."""

    def text(value):
        return struct.pack("<Q", len(value)) + value

    array = struct.pack("<IQ", 8, 3) + text(b"a") * 3
    pairs = [text(b"general.architecture") + struct.pack("<I", 8) + text(b"llama"), text(b"x") + struct.pack("<If", 6, 1.0),
             text(b"tokenizer.ggml.tokens") + struct.pack("<I", 9) + array,
             text(b"llama.context_length") + struct.pack("<II", 4, 512),
             text(b"y") + struct.pack("<IIQ", 9, rng.randrange(15), rng.choice((0, 1, 2**28, 2**63))) + bytes(40)]  # fmt: skip
    rng.shuffle(pairs)
    start = b"GGUF" + struct.pack("<IQQ", 3, 0, rng.choice((5, 6, 2**63)))
    data = bytearray(damaged(start + b"".join(pairs), rng))
    data[:4] = b"GGUF"
    return bytes(data)


@contextmanager
def headers(folder):
    def check(data):
        (folder / "x.gguf").write_bytes(data)
        header = read_header(folder / "x.gguf")
        assert (header.name, header.embeds, header.integer("context_length")) is not None

    yield check


# What was written down


@contextmanager
def archives(folder):
    """Take damaged archives into a store that holds the same, and now and then into an empty one."""
    with remembering(folder) as memory, ExitStack() as empty:
        for text in KNOWN:
            memory.remember(text)
        memory.store.undo(memory.store.journal.last_action())
        lines = [line.encode() for line in archive.dump(memory.store)]

        def check(seed):
            rng, broken = damage.rng_of(seed), list(lines)
            for _ in range(rng.choice((1, 1, 3))):
                at = rng.randrange(len(broken))
                broken[at] = damage.wrong_text(broken[at].decode("utf-8", "replace"), rng)
            if rng.random() < 0.2:
                broken.insert(rng.randrange(len(broken)), rng.choice(broken))
            before = memory.store.db.execute("SELECT count(*) FROM memories").fetchone()
            into = memory
            if rng.random() < 0.1:
                (folder / str(seed)).mkdir()
                into = empty.enter_context(remembering(folder / str(seed)))
            try:
                archive.load(into, broken)
                memory.recall("Where does Ana live?")
                assert not into.store.db.execute("PRAGMA foreign_key_check").fetchall()
            except InvalidInput:
                if into is memory:
                    assert (
                        memory.store.db.execute("SELECT count(*) FROM memories").fetchone()
                        == before
                    )
                raise
            finally:
                empty.close()

        yield check


SETTINGS = "[sampling]\nseed = 1\ntop_p = 0.5\n[user]\nname = 'Ana'\n[kv]\nkeep = 0.5\nmode = 'series'\n[network]\noffline = true\n"


@contextmanager
def written_settings(folder):
    with patch.dict(os.environ, {"MEMCLI_HOME": str(folder)}):

        def check(rng_seed):
            rng = damage.rng_of(rng_seed)
            (folder / "config.toml").write_bytes(damaged(SETTINGS.encode(), rng))
            key = rng.choice([key for key, _ in config.declared()])
            value = str(
                rng.choice(
                    [*damage.WRONG[:7], "0x10", "1_0", "nan", "inf", "yes", "é" * 99, "\n[x]\n"]
                )
            )
            with suppress(InvalidInput):
                config.load({key: value})
            config.set_value(key, value)
            config.load()

        yield check


def a_template(rng):
    parts = [rng.choice(damage.SCRAPS) for _ in range(rng.choice((1, 1, 2)))]
    source = "".join(parts) + rng.choice(("", PLAIN))
    return (
        source if rng.random() < 0.7 else damaged(source.encode(), rng).decode("utf-8", "replace")
    )


def rendered(source):
    template = ChatTemplate(source, bos="<s>", eos="</s>")
    told = [
        Message("system", "a"),
        Message("user", "b"),
        Message("assistant", "c"),
        Message("user", "d"),
    ]
    assert all(isinstance(part.text, str) for part in template.parts(told))


DATED = st.sampled_from([pattern for pattern, _ in dates.PATTERNS]).flatmap(st.from_regex)
DIGITS = st.from_regex(
    re.compile(r"[0-9 .:/TZ+-]{1,30}|\d{1,9}[a-z]{0,3} [A-Z][a-z]{2} \d+ [A-Z]{1,4}", re.ASCII),
    fullmatch=True,
)
MOMENTS = st.tuples(DATED | DIGITS | PIECES | TEXTS, st.sampled_from(ANCHORS))
TARGETS = {
    "files": Target("damaged files of 27 formats, read", damage.sample, plain(a_file), 12_000),
    "imports": Target("damaged files and zips, imported", imported, imports, 2_000),
    "questions": Target("texts of any kind", TEXTS | FAR, questions, 2_000),
    "statements": Target("texts of any kind", TEXTS | FAR, statements, 2_000),
    "dates": Target("texts of any kind", MOMENTS, plain(a_date), 5_000),
    "secrets": Target("texts of any kind", TEXTS | FAR, plain(a_secret), 3_000),
    "summaries": Target("texts of any kind", st.lists(TEXTS, min_size=1, max_size=5), plain(a_summary), 1_000),
    "repetitions": Target("one scrap of text up to 60 000 characters long", repeated(), plain(a_repetition), 150),
    "answers": Target("answers of models that were to point at memories", an_answer, plain(extracted), 4_000),
    "forms": Target("what an editor gives back", FORMS, forms, 1_000),
    "blobs": Target("stored cells and states, some with a right checksum", a_blob, blobs, 6_000),
    "headers": Target("headers of model files", a_header, headers, 12_000),
    "archives": Target("archives of all that was remembered", lambda rng: rng.getrandbits(40), archives, 1_500),
    "settings": Target("settings", lambda rng: rng.getrandbits(40), written_settings, 3_000),
    "templates": Target("chat templates", a_template, plain(rendered), 1_500),
}  # fmt: skip
