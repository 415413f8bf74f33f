"""The same memories, listed, drawn, counted and asked for in SQL."""

import json
import sqlite3

import pytest

from memcli.api import Memcli


def ids(result):
    return [line.split("\t")[0] for line in result.out.splitlines()]


def texts(result):
    return [line.split("\t")[3] for line in result.out.splitlines()]


@pytest.fixture
def told(run, tmp_path):
    """Statements, a chat and imported notes."""
    run("remember", "My sister Ana lives in Oslo.", "--tag", "family")
    run("remember", "Ana likes tea.")
    run("remember", "I live in Lisbon.")
    run("remember", "I live in Porto.")
    run("remember", "I'm flying to Rome on 3 July 2099.")
    run("chat", stdin="The weather is grey. I work at Quarzwerk.\n")
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "old.md").write_text(
        "---\ndate: 2019-05-04\n---\n\nThe roof leaks. The ladder is red.\n", "utf-8"
    )
    run("import", folder)
    return folder


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--subject", "ana"), ["Ana likes tea.", "My sister Ana lives in Oslo."]),
        (("--subject", "me", "--kind", "profile"), ["I work at Quarzwerk.", "I live in Porto."]),
        (("--superseded",), ["I live in Lisbon."]),
        (("--tag", "family"), ["My sister Ana lives in Oslo."]),
        (("--until", "2019"), ["The roof leaks. The ladder is red."]),
        (("--since", "May 2019", "--until", "2019-05-04", "--kind", "fact"), None),
        (("--pinned",), None),
        (("--kind", "fact", "--sort", "text"), ["My sister Ana lives in Oslo."]),
    ],
)
def test_list(run, told, options, found):
    """The conditions of a list hold together."""
    result = run("memory", "list", *options)
    if found is None:
        assert (result.code, result.out) == (3, "")
    else:
        assert texts(result) == found


def test_list_of_a_source(run, told):
    """A source is a file, a folder above it, or the end of its path."""
    found = [texts(run("memory", "list", "--source", s)) for s in (told, told / "old.md", "old.md")]
    assert len(found[0]) == 1
    assert found[0] == found[1] == found[2]


def test_list_of_a_session(run, told):
    """A session's memories are those learnt from its turns."""
    (session,) = ids(run("session", "list"))
    assert texts(run("memory", "list", "--session", session)) == ["I work at Quarzwerk."]


def test_list_of_conflicts_and_marks(run, told):
    """Pinned, muted and conflicting memories can be listed by themselves."""
    first, second = ids(run("memory", "list", "--subject", "Ana"))
    run("memory", "pin", first)
    run("memory", "mute", second)
    assert ids(run("memory", "list", "--pinned")) == [first]
    assert ids(run("memory", "list", "--muted")) == [second]
    with Memcli() as memory, memory.store.action("test"):
        pair = [memory.memory.find(id).id for id in (first, second)]
        memory.store.judgements.add_conflict(*pair)
    assert set(ids(run("memory", "list", "--conflicts"))) == {first, second}


def test_list_says_how_much_more_there_is(run, told):
    """What the limit leaves out is counted."""
    assert "2 of 6 are shown" in run("memory", "list", "-n", "2").err
    assert run("memory", "list", "--sort", "luck").code == 2


def test_show_in_context(run, told):
    """A memory is shown with the sentence around it, its session and what hangs on it."""
    (id,) = ids(run("memory", "list", "--session", ids(run("session", "list"))[0]))
    shown = run("memory", "show", id).out
    assert "in context: The weather is grey. »I work at Quarzwerk.«" in shown
    assert "session:    " in shown
    assert "derived:    " in shown
    (found,) = [json.loads(line) for line in run("memory", "show", id, "--json").out.splitlines()]
    assert found["text"] == "I work at Quarzwerk."
    assert found["media"]["text"] == 20
    assert [turn["role"] for turn in found["derived"]] == ["assistant"]


def test_show_a_line(run, told):
    """A note is shown with the line it stands on, as long as the file says the same."""
    (id,) = ids(run("memory", "list", "--source", "old.md"))
    assert "old.md, line 5" in run("memory", "show", id).out
    (told / "old.md").write_text("gone", "utf-8")
    assert "old.md\n" in run("memory", "show", id).out


def test_show_what_was_replaced(run, told):
    """Who took whose place is shown on both sides."""
    (old,) = ids(run("memory", "list", "--superseded"))
    assert "replaced by:" in run("memory", "show", old).out
    (new,) = [r.split("\t")[0] for r in run("memory", "list").out.splitlines() if "Porto" in r]
    assert f"replaced:   {old} I live in Lisbon." in run("memory", "show", new).out


def test_search(run, told):
    """Search finds memories, and no turns."""
    assert texts(run("memory", "search", "where does my sister live"))[0].startswith("My sister")
    assert run("memory", "search", "zyxw").code == 3


def test_graph(run, told):
    """A graph goes on from what a triple leads to, in three spellings."""
    drawn = run("memory", "graph").out
    assert "├── sister: Ana\n│   ├── home: Oslo\n│   └── likes: tea\n" in drawn
    assert "Lisbon" not in drawn
    assert '"Ana" -> "tea" [label="likes"];' in run("memory", "graph", "ana", "--dot").out
    assert {"subject": "user", "predicate": "home", "object": "Porto"} in [
        json.loads(line) for line in run("memory", "graph", "--json").out.splitlines()
    ]
    assert run("memory", "graph", "nobody").code == 3


def test_graph_page_is_safe(run):
    """What is remembered is text in a page, whatever it looks like."""
    with Memcli() as memory, memory.store.action("test"):
        from memcli.records import Memory, Triple

        triples = (Triple("user", "likes", '<script>alert(1)</script> & "quotes"'),)
        now = memory.store.clock()
        memory.store.memories.add([Memory("a" * 26, "fact", "x", now, triples=triples)])
    page = run("memory", "graph", "--html").out
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert '\\"quotes\\"' in run("memory", "graph", "--dot").out


def test_a_circle_of_triples_ends(run):
    """Two people who are each other's friends are drawn once each."""
    run("remember", "My friend Ana is from Oslo.")
    with Memcli() as memory, memory.store.action("test"):
        from memcli.records import Memory, Triple

        pairs = (Triple("Ana", "friend", "Bo"), Triple("Bo", "friend", "Ana"))
        now = memory.store.clock()
        memory.store.memories.add([Memory("b" * 26, "fact", "x", now, triples=pairs)])
    assert run("memory", "graph", "Ana", "--depth", "9").out.count("friend") == 2


def test_timeline(run, told):
    """A timeline goes by when things happen, not by when they were said."""
    found = run("memory", "timeline").out.splitlines()
    assert "2019-05-04" in found[0]
    assert "2099-07-03" in found[-1]
    assert "Rome" in run("memory", "timeline", "flight", "to", "Rome").out
    assert run("memory", "timeline", "zyxw").code == 3


def test_on(run, told):
    """A day shows what happened and what was said on it."""
    assert "leaks" in run("memory", "on", "2019-05-04").out
    today = run("memory", "on", "today").out
    assert all(word in today for word in ("Porto", "Quarzwerk", "assistant"))
    assert "Rome" in run("memory", "on", "July", "2099").out
    assert run("memory", "on", "1999").code == 3
    assert run("memory", "on", "someday").code == 2


def test_stats(run, told):
    """Counts are by kind, subject, day and medium."""
    shown = run("memory", "stats").out
    assert "memories   6, and 1 that no longer hold" in shown
    assert "subjects   user" in shown
    (found,) = map(json.loads, run("memory", "stats", "--json").out.splitlines())
    assert found["kinds"]["profile"] == 2
    assert found["storage"]["vectors"] == 512 * 8
    assert found["days"]["2019-05-04"] == 1


def test_stats_of_nothing(run):
    """An empty memory has statistics, too."""
    assert "memories   0, and 0 that no longer hold" in run("memory", "stats").out


def test_diff(run, told):
    """A difference names what was learnt, changed, superseded and forgotten."""
    (tea,) = [r.split("\t")[0] for r in run("memory", "list").out.splitlines() if "tea" in r]
    run("memory", "edit", tea, "--set", "text=Ana likes coffee.")
    run("memory", "forget", "--source", "old.md", "--yes")
    result = run("memory", "diff", "yesterday")
    assert "Ana likes coffee." in result.out
    assert "leaks" not in result.out
    assert "forgettings 1" in result.err
    assert run("memory", "diff", "2999-01-01").out == ""


def test_diff_of_older_memories(run, told):
    """What was known before is shown as changed or as no longer holding."""
    with Memcli() as memory:
        since = memory.store.clock().isoformat()
    (rome,) = [r.split("\t")[0] for r in run("memory", "list").out.splitlines() if "Rome" in r]
    run("memory", "edit", rome, "--set", "text=I'm flying to Bari on 3 July 2099.")
    run("remember", "I live in Faro.")
    out = run("memory", "diff", since).out
    assert "+ " in out
    assert "→ I'm flying to Bari" in out
    assert "I live in Porto.  (no longer holds)" in out


def test_sql(run, told):
    """The four views answer; JSON has the columns' names."""
    query = "SELECT object FROM triples WHERE subject = 'Ana' ORDER BY 1"
    assert run("memory", "sql", query).out.split() == ["Oslo", "tea"]
    (row,) = map(json.loads, run("memory", "sql", "SELECT count(*) AS n FROM turns", "--json").out.splitlines())  # fmt: skip
    assert row == {"n": 2}
    assert "old.md" in run("memory", "sql", "SELECT source FROM memories").out
    assert "remember" in run("memory", "sql", "SELECT DISTINCT action FROM history").out


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM memories", "DROP VIEW memories", "INSERT INTO main.memories(id) VALUES (1)",
        "UPDATE main.turns SET text = ''", "ATTACH 'x.db' AS x", "PRAGMA query_only = OFF",
        "SELECT 1; DELETE FROM main.memories", "VACUUM INTO 'stolen.db'", "CREATE TABLE x(y)",
        "SELECT load_extension('x')", "BEGIN IMMEDIATE", "REINDEX", "nonsense", "SELECT \x00",
        "SELECT * FROM pragma_database_list", "SELECT nothing FROM memories",
    ],
)  # fmt: skip
def test_sql_only_reads(run, told, own_home, query, monkeypatch, tmp_path):
    """Whatever would write, or reach another file, is refused, and nothing is changed."""
    monkeypatch.chdir(tmp_path)
    before = run("memory", "list", "--json").out
    result = run("memory", "sql", query)
    assert result.code == 2, result
    assert "Traceback" not in result.err
    assert run("memory", "list", "--json").out == before
    assert not (tmp_path / "stolen.db").exists()


def test_sql_ends(run, told):
    """A query without an end is stopped."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
    assert "longer than 0.2 s" in run("memory", "sql", endless, "--seconds", "0.2").err
    rows = endless.replace("sum(i)", "i")
    assert "longer than 0.2 s" in run("memory", "sql", rows, "--seconds", "0.2").err


def test_sessions(run, told, tmp_path):
    """A session is found, renamed, written out and deleted with what was learnt from it."""
    (id,) = ids(run("session", "search", "employer"))
    run("session", "rename", id, "My work")
    assert run("session", "list").out.endswith("\tMy work\n")
    assert "**user**" in run("session", "export", id).out
    file = tmp_path / "work.md"
    assert run("session", "export", id, file).code == 0
    assert file.read_text("utf-8").startswith("# My work\n")
    assert run("session", "export", id, file).code == 2
    assert run("session", "delete", id).code == 2
    assert run("session", "delete", id, "--yes").code == 0
    assert run("session", "list").code == 3
    assert "Quarzwerk" not in run("memory", "list", "--all").out
    assert run("session", "search", "work").code == 3


def test_rename_is_undone(run, told):
    """A session's name is an action like any other."""
    (id,) = ids(run("session", "list"))
    run("session", "rename", id, "My work")
    assert "named a session" in run("undo", "--yes").out
    assert "My work" not in run("session", "list").out


def test_a_wal_that_another_holds_is_read(run, told, own_home):
    """A query reads what is committed, though another process has the database open."""
    (file,) = own_home.rglob("memory.db")
    db = sqlite3.connect(file)
    db.execute("SELECT 1 FROM memories").fetchone()
    run("remember", "The gate is open.")
    assert run("memory", "sql", "SELECT text FROM memories WHERE text LIKE '%gate%'").out
    db.close()
