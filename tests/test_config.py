"""Settings: default < file < environment < flag, and what is said of wrong ones."""

import os
import stat

import pytest

from memcli import config
from memcli.errors import InvalidInput, StoreError


@pytest.fixture
def file(own_home):
    """Write the configuration file."""
    own_home.mkdir()
    path = own_home / "config.toml"

    def file(text):
        path.write_text(text, "utf-8")
        return path

    return file


def seed(flags=None):
    loaded = config.load(flags)
    return loaded.sampling.seed, loaded.origins.get("sampling.seed", "default")


def test_each_place_wins_over_the_one_before(file, monkeypatch):
    """A flag wins over the environment, that over the file, and that over the default."""
    assert seed() == (-1, "default")
    path = file("[sampling]\nseed = 1\n")
    assert seed() == (1, str(path))
    monkeypatch.setenv("MEMCLI_SAMPLING_SEED", "2")
    assert seed() == (2, "MEMCLI_SAMPLING_SEED")
    assert seed({"sampling.seed": 3}) == (3, "flag")


def test_short_name_of_offline(monkeypatch):
    """MEMCLI_OFFLINE=1 forbids the network, by its short name, too."""
    assert not config.load().network.offline
    monkeypatch.setenv("MEMCLI_OFFLINE", "1")
    assert config.load().network.offline


@pytest.mark.parametrize("word", ["1", "true", "YES", " on "])
def test_true(monkeypatch, word):
    """There are several words for yes."""
    monkeypatch.setenv("MEMCLI_NETWORK_OFFLINE", word)
    assert config.load().network.offline is True


@pytest.mark.parametrize("word", ["0", "false", "No", "off"])
def test_false(word):
    """There are several words for no."""
    assert config.load({"chat.learn": word}).chat.learn is False


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("sampling.tempreature", "sampling.temperature"),
        ("model.pth", "model.path"),
        ("recal.limit", "recall.limit"),
    ],
)
def test_unknown_key_with_a_near_name(key, near):
    """A misspelt key is answered with the key that was meant."""
    with pytest.raises(InvalidInput) as error:
        config.load({key: "1"})
    assert error.value.message == f"There is no setting {key!r} (from flag)."
    assert error.value.hint == f"Did you mean {near}?"


@pytest.mark.parametrize("key", ["zzz", "a.b.c", "", "sampling", "sampling."])
def test_unknown_key(key):
    """A key that is like no other is answered with where they are listed."""
    with pytest.raises(InvalidInput) as error:
        config.load({key: "1"})
    assert error.value.message == f"There is no setting {key!r} (from flag)."
    assert error.value.hint


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("sampling.top_p", "1.5", "sampling.top_p = 1.5 must be at least 0.0 and at most 1.0."),
        ("sampling.top_p", "nan", "sampling.top_p = nan must be at least 0.0 and at most 1.0."),
        ("sampling.max_tokens", "0", "sampling.max_tokens = 0 must be at least 1."),
        (
            "sampling.max_tokens",
            "many",
            "sampling.max_tokens = 'many' (from flag) is not a whole number.",
        ),
        ("sampling.seed", 1.5, "sampling.seed = 1.5 (from flag) is not a whole number."),
        ("sampling.seed", True, "sampling.seed = True (from flag) is not a whole number."),
        ("chat.learn", "maybe", "chat.learn = 'maybe' (from flag) is not yes or no."),
        ("model.context", "-1", "model.context = -1 must be at least 0."),
        ("recall.share", "0.95", "recall.share = 0.95 must be at least 0.0 and at most 0.9."),
        ("recall.limit", "201", "recall.limit = 201 must be at least 0 and at most 200."),
        (
            "index.backend",
            "faiss",
            "index.backend = 'faiss' is not one of auto, exact, chroma.",
        ),
    ],
)
def test_limits(key, value, message):
    """A value out of bounds, or of another type, is named with what is allowed."""
    with pytest.raises(InvalidInput) as error:
        config.load({key: value})
    assert error.value.message == message
    assert error.value.hint == dict(config.declared())[key].metadata["doc"]


@pytest.mark.parametrize("value", [5, ["a"], {"b": 1}])
def test_text_setting_takes_text_only(file, value):
    """In the file a text is a text: a list is not silently spelled out."""
    import tomlkit

    file(tomlkit.dumps({"model": {"path": value}}))
    with pytest.raises(InvalidInput):
        config.load()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[sampling\n", "config.toml cannot be read"),
        ("seed = 1\n", "There is no setting 'seed'"),
        ("[nonsense]\nx = 1\n", "There is no setting 'nonsense.x'"),
        ("[sampling.seed]\nx = 1\n", "sampling.seed = {'x': 1}"),
        ("[sampling]\nseed = 'x'\n", "sampling.seed = 'x'"),
    ],
)
def test_bad_file(file, text, message):
    """What is wrong with the file is said with its path."""
    path = file(text)
    with pytest.raises(InvalidInput) as error:
        config.load()
    assert message in error.value.message
    assert str(path) in error.value.message


def test_file_that_is_no_text(file):
    """A configuration file that is no UTF-8 is named, not a traceback."""
    path = file("")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput) as error:
        config.load()
    assert str(path) in error.value.message


def test_set_keeps_comments(file):
    """Setting a value keeps the comments and the other values of the file."""
    path = file("# mine\n[sampling]\nseed = 1  # lucky\ntop_p = 0.5\n\n[user]\nname = 'Ana'\n")
    assert config.set_value("sampling.seed", "7") == 7
    assert config.set_value("recall.limit", "5") == 5
    assert path.read_text("utf-8") == (
        "# mine\n[sampling]\nseed = 7  # lucky\ntop_p = 0.5\n\n[user]\nname = 'Ana'\n"
        "\n[recall]\nlimit = 5\n"
    )
    assert config.load().recall.limit == 5


def test_set_creates_the_file(own_home):
    """The first setting creates the file, readable by its owner only."""
    config.set_value("user.name", "Zoë “Z”\\")
    path = own_home / "config.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert config.load().user.name == "Zoë “Z”\\"
    assert [entry.name for entry in own_home.iterdir()] == ["config.toml"]


def test_set_refuses_a_bad_value(file):
    """A value that cannot be is not written."""
    path = file("[sampling]\nseed = 1\n")
    with pytest.raises(InvalidInput):
        config.set_value("sampling.seed", "x")
    with pytest.raises(InvalidInput):
        config.set_value("nonsense", "x")
    assert path.read_text("utf-8") == "[sampling]\nseed = 1\n"


def test_set_in_a_broken_file(file):
    """A file that is no TOML is not overwritten, and the error names it."""
    path = file("[sampling\n")
    with pytest.raises(InvalidInput) as error:
        config.set_value("sampling.seed", "1")
    assert str(path) in error.value.message
    assert path.read_text("utf-8") == "[sampling\n"


def test_items():
    """Every setting is listed with its value and where it came from."""
    listed = {key: (value, origin) for key, value, origin in config.load().items()}
    assert list(listed) == [key for key, _ in config.declared()]
    assert listed["recall.limit"] == (8, "default")


def test_every_setting_is_documented():
    """Each setting says in a sentence what it is."""
    for key, setting in config.declared():
        assert setting.metadata["doc"].endswith("."), key


def test_open_takes_settings():
    """From Python a setting is spelled with an underscore."""
    import memcli

    with memcli.open(recall_limit=3, sampling_top_p=0.5) as memory:
        assert (memory.config.recall.limit, memory.config.sampling.top_p) == (3, 0.5)
    with pytest.raises(InvalidInput):
        memcli.open(recall_limits=3)


def test_file_that_cannot_be_written(file):
    """Where the file cannot be written, that is said with its path, and it stays as it is."""
    path = file("[sampling]\nseed = 1\n")
    (path.parent / f".config.toml.{os.getpid()}.tmp").mkdir()
    with pytest.raises(StoreError) as error:
        config.set_value("sampling.seed", "2")
    assert str(path) in error.value.message
    assert seed() == (1, str(path))


def test_a_file_nested_too_deep_is_refused(run, own_home):
    """A parser's own limit is said like any other fault of the file."""
    own_home.mkdir(exist_ok=True)
    (own_home / "config.toml").write_text("x = " + "[" * 100_000)
    result = run("config", "show")
    assert (result.code, "cannot be read" in result.err) == (2, True)
