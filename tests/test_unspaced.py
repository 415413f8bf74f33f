"""Full-text search in scripts that put no spaces between words."""

from __future__ import annotations

import sqlite3
import time

import pytest

from memcli.ids import new_id, utc_now
from memcli.recall.candidates import weigh
from memcli.records import Memory
from memcli.store import Store
from memcli.store.schema import spaced as spaced_in_sql
from memcli.text import apart, spaced, words

TOKYO = "私は東京に住んでいます"
TEXTS = [
    TOKYO,
    "母はコーヒーが好きです。",
    "我昨天在北京买了一辆自行车。",
    "ฉันอยู่กรุงเทพและชอบแมว",
    "ຂ້ອຍຢູ່ວຽງຈັນ",
    "ខ្ញុំរស់នៅភ្នំពេញ",
    "ကျွန်တော် ရန်ကုန်မှာ နေတယ်",
    "저는 서울에서 친구를 만났어요",
    "My GPU東京サーバー costs 3000円 a month",
    "The café in Kyoto has a cat 🐈‍⬛ and 👩🏽‍🚀",
    "naïve re\u0301sume\u0301 with combining marks",
]


def add(store, *texts, **more):
    """Store notes and return their ids."""
    notes = [Memory(new_id(), "note", text, utc_now(), **more) for text in texts]
    with store.action("add"):
        store.memories.add(notes)
    return [note.id for note in notes]


def found(store, *asked):
    """Return the texts of the notes that a search finds, the best first."""
    items = [item // 2 for item, _ in store.texts.search(asked, 10)]
    by_number = store.memories.by_number(items)
    return [by_number[n].text for n in items]


def check(store):
    """Compare the full-text index with what it was made from."""
    store.db.execute("INSERT INTO items_fts(items_fts, rank) VALUES ('integrity-check', 1)")


@pytest.fixture
def full(store: Store):
    """Give a store of notes in many scripts."""
    add(store, *TEXTS)
    return store


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("東京", TOKYO),
        ("住んで", TOKYO),
        ("コーヒー", TEXTS[1]),
        ("好き", TEXTS[1]),
        ("自行车", TEXTS[2]),
        ("กรุงเทพ", TEXTS[3]),
        ("แมว", TEXTS[3]),
        ("ວຽງຈັນ", TEXTS[4]),
        ("ភ្នំពេញ", TEXTS[5]),
        ("ရန်ကုန်", TEXTS[6]),
        ("서울", TEXTS[7]),
        ("친구", TEXTS[7]),
        ("サーバー", TEXTS[8]),
        ("GPU東京", TEXTS[8]),
        ("3000円", TEXTS[8]),
        ("kyoto", TEXTS[9]),
        ("résumé", TEXTS[10]),
        ("猫カフェ京", None),
        ("京東", None),  # the letters are there, but in another order
    ],
)
def test_a_part_of_a_run_is_found(full, asked, text):
    """A word inside a run of letters without spaces is found, and only there."""
    texts = found(full, *words(asked))
    assert (texts[:1] == [text]) if text else texts == []


def test_a_lone_letter_is_found(full):
    """A search for one letter finds the texts that hold it."""
    assert found(full, "辆") == [TEXTS[2]]
    assert sorted(found(full, "京")) == sorted([TOKYO, TEXTS[2], TEXTS[8]])


def test_spaced_words_are_found_as_ever(full):
    """A text in two scripts is found by its spaced words, accents or none."""
    assert found(full, "gpu") == [TEXTS[8]]
    assert found(full, "months") == [TEXTS[8]]
    assert found(full, "cafe") == [TEXTS[9]]


def test_words_that_must_stand_together(full):
    """Common words are searched together, and with fewer of them where no text holds all."""
    assert [item for item, _ in full.texts.search_together(["東京", "GPU"], 5)] == [19]
    assert [item for item, _ in full.texts.search_together(["東京", "GPU", "dog"], 5)] == [19]
    assert full.texts.search_together(["dog"], 5) == []
    assert full.texts.search_together([], 5) == []


def test_the_index_follows_every_change(full):
    """What was edited or deleted is found no more, and the index stays true to the texts."""
    check(full)
    (id,) = add(full, "大阪で働いています", title="引っ越し")
    assert found(full, "大阪") == found(full, "引っ", "越し") == ["大阪で働いています"]
    memory = full.memories.get(id)
    with full.action("edit"):
        full.db.execute("UPDATE memories SET text = '名古屋で働いています' WHERE id = ?", [id])
    check(full)
    assert found(full, "大阪") == []
    assert found(full, "古屋") == ["名古屋で働いています"]
    with full.action("delete"):
        full.memories.delete([memory.id])
    check(full)
    assert found(full, "古屋") == []
    assert full.db.execute("SELECT * FROM items_terms WHERE term IN ('屋', '阪')").fetchall() == []


def test_the_index_can_be_rebuilt(full):
    """The index that FTS5 makes anew from the texts finds the same."""
    full.db.execute("INSERT INTO items_fts(items_fts) VALUES ('rebuild')")
    check(full)
    assert found(full, "東京") == [TOKYO, TEXTS[8]]


def test_any_sqlite_may_write(full):
    """A connection that knows nothing of memcli keeps the index true."""
    other = sqlite3.connect(full.path)
    with other:
        other.execute("UPDATE memories SET text = '神戸です' WHERE text = ?", [TOKYO])
    other.close()
    check(full)
    assert found(full, "神戸") == ["神戸です"]


@pytest.mark.parametrize("text", [*TEXTS, "", "a", "東", "東京" * 300, "x" * 200 + "京" * 200])
def test_sql_sets_apart_as_python_does(store, text):
    """The two ways to set letters apart agree."""
    row = store.db.execute(f"SELECT {spaced_in_sql('text')} FROM (SELECT ? AS text)", [text])
    assert row.fetchone()[0] == spaced(text)


def test_a_long_text_takes_little_time(store):
    """100 KB without one space are stored in less than two seconds."""
    text = "".join(chr(0x4E00 + 7 * i % 20_000) for i in range(34_000))
    start = time.perf_counter()
    add(store, text)
    assert time.perf_counter() - start < 2
    assert found(store, text[33_000:33_002]) == [text]
    check(store)


@pytest.mark.parametrize(
    "asked", ['"', "*", "東*", '"東"京"', "東 AND", "NEAR(東 京)", "^東", "東:京", "-"]
)
def test_syntax_is_only_text(full, asked):
    """What FTS5 would read as syntax is searched as it stands."""
    full.texts.search([asked], 5)
    full.texts.search_together([asked, "東京"], 5)


def test_words_of_a_text():
    """Unspaced runs become their pairs of neighbouring letters, all else words."""
    assert words("Don't PANIC, snake_case 42") == ["don", "t", "panic", "snake", "case", "42"]
    assert words("GPU東京都 3円") == ["gpu", "東京", "京都", "3", "円"]
    assert words("私は、猫 🐈") == ["私は", "猫"]
    assert words("น้ำ") == words("นำ") == ["นำ"]  # the tone mark counts for nothing
    assert words("") == words("🐈 …") == []


def test_a_spaced_word_stays_whole():
    """Only unspaced letters are taken apart."""
    assert apart("don’t") == ["don’t"]
    assert apart("Übermut") == ["Übermut"]
    assert apart("東京GPU") == ["東京", "GPU"]


def test_pairs_are_weighed_by_their_rarer_letter(full):
    """A pair tells as much as the rarer of its letters; one that occurs nowhere is not searched."""
    assert full.texts.document_frequencies(["東京", "北京", "魚介"]) == {"東京": 2, "北京": 1}
    weighed = weigh(full, ["東京タワー", "北京", "魚介"])
    assert weighed.searched == ("北京", "東京")
    assert weighed.weights["北京"] > weighed.weights["東京"]


def test_question_of_unspaced_words_is_judged(memory):
    """Pairs of letters count as words where a hit is weighed and judged."""
    memory.remember("私は東京に住んでいます")
    memory.remember("猫は庭で眠っています")
    found = memory.recall("東京")
    assert found[0].text == "私は東京に住んでいます"
    assert "words" in found[0].parts
