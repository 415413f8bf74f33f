"""Fetching models, against a real server that cuts, stalls and lies."""

import json
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest
from ggufs import write_llama
from hub_server import Bad, HubServer, later

from memcli import paths
from memcli.cli.common import model_path
from memcli.engine import download, gguf, hub, shelf, web
from memcli.engine.catalogue import OFFERS
from memcli.engine.download import Part
from memcli.engine.pull import pull
from memcli.errors import InvalidInput, MemcliError, ModelError, NotFound, Offline

REPO = "Ana/Tiny-GGUF"
ALL = "hf:Ana/Tiny-GGUF:Q4_K_M"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The bytes of a model."""
    return write_llama(tmp_path_factory.mktemp("model") / "tiny.gguf").read_bytes()


@pytest.fixture
def server(model, monkeypatch):
    made = HubServer()
    made.put(REPO, "tiny-q4_k_m.gguf", model)
    monkeypatch.setenv("HF_ENDPOINT", made.url)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setattr(download, "WAITS", (0.0, 0.0, 0.0))
    monkeypatch.setattr(web, "TIMEOUT", 0.3)
    yield made
    made.close()


@pytest.fixture
def said():
    return []


@pytest.fixture
def fetch(said):
    """Pull something, keeping what was said."""

    def fetch(source, name="", **more):
        options = {"offline": False, "tell": lambda done, total: None, "say": said.append}
        return pull(source, name, **options | more)

    return fetch


def place(name="tiny-q4_k_m"):
    return paths.models() / f"{name}.gguf"


def left():
    """Return the names of all files in the models folder that are not locks."""
    names = {file.name for file in paths.models().iterdir()}
    return {name for name in names if not name.startswith(".")}


# --- From the hub ---------------------------------------------------------------------------------


def test_pull_from_the_hub(server, model, fetch, said):
    """A file is found by its quantisation, checked by the hub's sha256, and private to its owner."""
    told = []
    pulled = fetch(ALL.lower().replace("ana/tiny-gguf", REPO), tell=lambda *far: told.append(far))
    assert pulled.path == place()
    assert place().read_bytes() == model
    assert place().stat().st_mode & 0o777 == 0o600
    assert told[-1] == (len(model), len(model))
    assert said == [f"checking {len(model) / 1000:.3g} kB"]
    assert left() == {"tiny-q4_k_m.gguf", "tiny-q4_k_m.json"}
    assert not [path for path, *_ in server.asked if "telemetry" in path]


def test_token_stays_with_the_hub(server, fetch):
    """The hub's token goes to the hub, and not along to the host that it redirects to."""
    server.cdn = f"http://localhost:{server.port}"
    fetch(ALL)
    sent = {host: headers.get("Authorization") for path, host, headers in server.asked}
    assert sent == {
        f"127.0.0.1:{server.port}": "Bearer hf_secret",
        f"localhost:{server.port}": None,
    }


def test_hub_is_resumed(server, model, fetch):
    """After a cut only what is missing is asked for."""
    server.script.extend([Bad("cuts", 1000), Bad("resets", 2000), Bad("stalls", 500)])
    fetch(ALL)
    assert place().read_bytes() == model
    assert server.ranges()[0] == ""
    assert server.ranges()[1] == "bytes=1000-"
    assert all(asked for asked in server.ranges()[1:])


def test_wrong_sum(server, model, fetch):
    """What does not match is kept as a part, said so, and fetched anew by the next pull."""
    server.wrong_sums[f"{REPO}/tiny-q4_k_m.gguf"] = "0" * 64
    with pytest.raises(ModelError, match=r"its sha256 is .* It is kept as .*\.part") as failed:
        fetch(ALL)
    assert "once more from the start" in failed.value.hint
    assert Part(place()).path.read_bytes() == model
    assert not place().exists()
    server.wrong_sums.clear()
    fetch(ALL)
    assert place().read_bytes() == model
    assert server.ranges() == ["", ""]


def test_a_flipped_bit_is_found(server, model, fetch):
    """One wrong bit among the weights is found by the sum, and the next pull begins anew."""
    server.script.append(Bad("flips a bit", 150_000))
    with pytest.raises(ModelError, match="sha256"):
        fetch(ALL)
    assert fetch(ALL).path.read_bytes() == model


def test_another_version_is_not_mixed_in(server, model, fetch):
    """When the hub's file changes between two pulls, the second begins anew."""
    server.script.extend([Bad("cuts", 200_000)] + [Bad("hangs up")] * 9)
    with pytest.raises(MemcliError, match=r"200 kB of .* are here"):
        fetch(ALL)
    server.script.clear()
    other = model[:100_000] + bytes(100) + model[100_100:]
    server.put(REPO, "tiny-q4_k_m.gguf", other)
    fetch(ALL)
    assert place().read_bytes() == other


def test_shards(server, model, fetch, run):
    """All shards come, named so that llama.cpp finds them; what is here already is kept."""
    for i in (1, 2, 3):
        server.put("Ana/Big", f"sub/big-Q8_0-{i:05d}-of-00003.gguf", model + bytes(i))
    server.script.extend([Bad("ok"), Bad("cuts", 5)] + [Bad("hangs up")] * 9)
    with pytest.raises(MemcliError):
        fetch("hf:Ana/Big", "big")
    assert run("model", "list").err == "big is here in part: memcli model pull big goes on\n"
    assert "33%" in run("model", "list").out
    server.script.clear()
    told = []
    big = fetch("big", tell=lambda *far: told.append(far))
    assert [file.name for file in big.files] == [f"big-{i:05d}-of-00003.gguf" for i in (1, 2, 3)]
    assert [file.read_bytes() for file in big.files] == [model + bytes(i) for i in (1, 2, 3)]
    assert told[-1] == (big.total, big.total) == (3 * len(model) + 6,) * 2
    assert len([path for path, *_ in server.asked if "cdn" in path and "00001" in path]) == 1
    assert run("model", "list").out.count("\n") == 1


def test_shards_of_one_version(server, model, fetch):
    """When the hub has another version by then, shards that came before are fetched anew."""
    names = [f"big-Q8_0-{i:05d}-of-00002.gguf" for i in (1, 2)]
    for name in names:
        server.put("Ana/Big", name, model)
    for _ in range(2):  # the second time the first shard is of the new version already
        server.script.extend([Bad("ok")] + [Bad("hangs up")] * 9)
        with pytest.raises(MemcliError):
            fetch("hf:Ana/Big", "big")
        server.script.clear()
        for name in names:
            server.put("Ana/Big", name, model + b"new")
    big = fetch("big")
    assert [file.read_bytes() for file in big.files] == [model + b"new"] * 2


def test_missing_shard(server, model, fetch):
    """A model of which the hub has not all shards is refused."""
    server.put("Ana/Big", "big-00002-of-00003.gguf", model)
    with pytest.raises(InvalidInput, match="not complete"):
        fetch("hf:Ana/Big")


def test_which_file(server, model, fetch):
    """A quantisation is looked for as a word; several or none are named; pictures are no models."""
    for name in ("a-Q4_0.gguf", "a-IQ4_XS.gguf", "a-Q4_K_S.gguf", "mmproj-a-F16.gguf", "x.txt"):
        server.put("Ana/Many", name, model)
    with pytest.raises(NotFound, match=r"Ana/Many has no Q4_K_M, but: IQ4_XS, Q4_0, Q4_K_S\."):
        fetch("hf:Ana/Many")
    with pytest.raises(NotFound, match="has no Q4, but"):
        fetch("hf:Ana/Many:Q4")
    assert fetch("hf:Ana/Many:iq4_xs").name == "a-iq4_xs"
    assert fetch("hf:Ana/Many:a-Q4_0.gguf").name == "a-q4_0"
    server.put("Ana/Many", "b-Q4_0.gguf", model)
    with pytest.raises(InvalidInput, match="fits several: a-Q4_0, b-Q4_0"):
        fetch("hf:Ana/Many:Q4_0")
    with pytest.raises(NotFound, match="has no GGUF file"):
        server.put("Ana/Text", "x.txt", b"") and fetch("hf:Ana/Text")


def test_page_of_a_file_is_its_file(server, model):
    """An address copied from the hub's pages means the file, with its sum."""
    assert hub.source_of("https://huggingface.co/a/b/blob/main/c.gguf?x=1") == "hf:a/b:c.gguf"
    assert hub.source_of(f"{server.url}/a/b/resolve/main/d/c.gguf") == "hf:a/b:d/c.gguf"
    assert hub.source_of("https://else.org/a/b/blob/main/c.gguf").startswith("https:")


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, "or it is private|asks for a login|HTTP 401"), (429, "HTTP 429"), (500, "HTTP 500")],
)
def test_hub_refuses(server, fetch, status, expected):
    """What the hub answers instead of a list of files is said, and nothing stays here."""
    server.api_status = status
    with pytest.raises(MemcliError, match=expected) as failed:
        fetch(ALL)
    assert failed.value.hint
    assert "hf_secret" not in str(failed.value) + failed.value.hint
    assert not paths.models().exists()


def test_no_such_repository(server, fetch, monkeypatch):
    """A repository that is not there, one that cannot be, and a hub that is not there."""
    with pytest.raises(NotFound, match=r"There is no http://.*/Ana/Nothing"):
        fetch("hf:Ana/Nothing")
    with pytest.raises(InvalidInput, match="names no model"):
        fetch("hf:nothing")
    server.close()
    with pytest.raises(MemcliError, match="Connect"):
        fetch(ALL)


# --- From any address -----------------------------------------------------------------------------

KINDS = [
    Bad("ignores ranges"), Bad("is slow", 20_000), Bad("says nothing"), Bad("sends chunks"),
    Bad("cuts chunks", 40_000), Bad("sends another piece", 5), Bad("has no more"),
    Bad("talks nonsense"), Bad("hangs up"), Bad("says more"), Bad("says", 500), Bad("says", 429, "0"),
    Bad("says", 503, later(0)),
]  # fmt: skip


@pytest.mark.parametrize("bad", KINDS, ids=lambda bad: bad.kind)
def test_in_the_end_the_file_is_right(server, model, fetch, bad):
    """Whatever a server does after a cut, the right file comes of it."""
    url = server.put("x", "it.gguf", model)
    server.script.extend([Bad("cuts", 70_001), bad])
    assert fetch(url).path.read_bytes() == model


@pytest.mark.parametrize("bad", [Bad("sends another piece"), Bad("has no more")])
def test_a_server_that_cannot_go_on(server, model, fetch, bad):
    """Where no piece can be had in the end all is fetched at once."""
    server.script.extend([Bad("cuts", 70_001)] + [bad] * 9)
    assert fetch(ALL).path.read_bytes() == model
    assert server.ranges() == ["", "bytes=70001-", ""]


@pytest.mark.parametrize(
    ("bad", "error", "expected"),
    [
        (Bad("shows a page"), ModelError, "is no GGUF file: the server sends text/html"),
        (Bad("says less"), ModelError, "its last 99 bytes are missing"),
        (Bad("says", 401), MemcliError, "HTTP 401, it asks for a login"),
        (Bad("says", 404), NotFound, "HTTP 404, it is not there"),
        (Bad("says", 418), MemcliError, "HTTP 418"),
        (Bad("says", 429, "3600"), MemcliError, "asks to wait 60 minutes"),
        (Bad("says", 503, later(9e9)), MemcliError, "asks to wait"),
        (Bad("leads on", value="file:///etc/passwd"), InvalidInput, "no address to fetch"),
        (Bad("leads on", value="ftp://u:pw@host/x"), InvalidInput, "no address to fetch"),
        (Bad("leads on", value=""), MemcliError, "leads from one address to the next"),
        (Bad("leads round"), MemcliError, "leads from one address to the next"),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_refused(server, model, fetch, bad, error, expected):
    """What cannot be had is said with a hint, and nothing is put in place."""
    url = server.put("x", "it.gguf", model)
    server.script.extend([bad] * (20 if bad.value == "" and bad.kind == "leads on" else 1))
    with pytest.raises(error, match=expected) as failed:
        fetch(url)
    assert failed.value.hint
    assert "pw" not in str(failed.value)
    assert not place("it").exists()
    assert (shelf.get("it") is None) == (Part(place("it")).size == 0)
    server.script.clear()
    assert fetch(url).path.read_bytes() == model


@pytest.mark.parametrize("bad", [Bad("shows a page"), Bad("says", 403), Bad("says", 404)])
def test_a_part_outlives_a_bad_answer(server, model, fetch, bad):
    """A hotel's login page does not cost what was fetched before."""
    url = server.put("x", "it.gguf", model)
    server.script.extend([Bad("cuts", 70_001), bad])
    with pytest.raises(MemcliError):
        fetch(url)
    assert Part(place("it")).size == 70_001
    fetch(url)
    assert server.ranges()[-1] == "bytes=70001-"
    assert place("it").read_bytes() == model


def test_more_than_promised(server, model, fetch):
    """A server that sends more than the hub says is refused."""
    server.script.append(Bad("sends more"))
    with pytest.raises(ModelError, match="sends more than the"):
        fetch(ALL)
    assert not place().exists()


def test_a_changed_file_is_not_mixed(server, model, fetch):
    """Without a sum the ETag tells that the file changed; without that all is fetched anew."""
    url = server.put("x", "it.gguf", model)
    for etags in (True, False):
        server.etags = etags
        server.script.extend([Bad("cuts", 70_001)] + [Bad("hangs up")] * 9)
        with pytest.raises(MemcliError):
            fetch(url, f"it-{etags}".lower())
        server.script.clear()
        other = server.put("x", "it.gguf", model[:50_000] + bytes(100) + model[50_100:])
        assert other == url
        assert fetch(url, f"it-{etags}".lower()).path.read_bytes() == server.files["x/it.gguf"]
        assert ("If-Range" in server.asked[-1][2]) == etags
        server.put("x", "it.gguf", model)
    assert server.ranges()[-1] == ""


def test_a_server_that_ignores_versions(server, model, fetch):
    """A server that goes on with a changed file, whatever was asked, is caught by its new ETag."""
    url = server.put("x", "it.gguf", model)
    server.script.extend([Bad("cuts", 70_001)] + [Bad("hangs up")] * 9)
    with pytest.raises(MemcliError):
        fetch(url)
    server.script.clear()
    server.script.append(Bad("ignores versions"))
    server.put("x", "it.gguf", model[:50_000] + bytes(100) + model[50_100:])
    assert fetch(url).path.read_bytes() == server.files["x/it.gguf"]


def test_whole_part_needs_no_network(server, model, fetch):
    """A part that was killed after its last byte is checked and put in place."""
    server.script.append(Bad("cuts", 70_001))
    with pytest.raises(MemcliError):
        fetch(ALL, tell=lambda done, total: (_ for _ in ()).throw(MemcliError("")))
    with Part(place()).open(0) as write:
        write(model)
    before = len(server.ranges())
    assert fetch(ALL).path.read_bytes() == model
    assert len(server.ranges()) == before


def test_endless_cuts_end(server, model, fetch):
    """A server that never gives more is given up, with what is here and how to go on."""
    url = server.put("x", "it.gguf", model)
    server.script.extend([Bad("cuts", 70_001)] + [Bad("cuts", 0)] * 50)
    with pytest.raises(MemcliError, match=r"70 kB of http://.*/x/it.gguf are here") as failed:
        fetch(url)
    assert failed.value.hint == "The same command goes on from there."
    assert len(server.ranges()) == 5


def test_encryption_is_not_given_up():
    """A redirect from https to http is refused; to another https host it is followed."""
    assert web._moved("https://a.org/x", "//b.org/y z") == "https://b.org/y%20z"
    with pytest.raises(MemcliError, match=r"leads to http://a\.org/x, which is not encrypted"):
        web._moved("https://a.org/x?token=1", "http://a.org/x?token=1")


@pytest.mark.parametrize(
    "url",
    ["ftp://a.org/x", "file:///etc/passwd", "https://", "https://a.org:x/y", "https://a b/x", "a:b",
     "https://a.org/x\r\nHost: b", "C:\\models\\x.gguf"],
)  # fmt: skip
def test_no_address(fetch, url):
    """Only http and https are fetched from."""
    with pytest.raises(InvalidInput, match="no address to fetch a model from"):
        fetch(url)


def test_secrets_are_not_shown(server, model, fetch, said, run):
    """User, password and query of an address are sent, and never printed or written down."""
    url = server.put("x", "it.gguf", model).replace("//", "//ana:pw9@") + "?token=tk7"
    server.script.append(Bad("says", 404))
    with pytest.raises(NotFound) as failed:
        fetch(url)
    server.script.append(Bad("cuts", 4))
    fetch(url)
    written = " ".join(file.read_text("latin1") for file in paths.models().glob("*.json"))
    talk = f"{failed.value} {failed.value.hint} {said} {run('model', 'list')}"
    assert "pw9" not in talk + written
    assert "tk7" not in talk + written
    assert server.asked[0][2]["Authorization"] == "Basic YW5hOnB3OQ=="


# --- Names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("../../../etc/evil", "evil"), ("..%2F..%2Fevil", "evil"), ("C:\\evil", "c-evil"),
        ("%2Fetc%2Fevil", "evil"), ("e%00vil", "e-vil"), ("x" * 300, "x" * 80),
        ("nul", ""), ("..", ""), ("é", ""), ("it.gguf.part", ""), (".hidden", "hidden"),
    ],
)  # fmt: skip
def test_names_of_servers(server, model, fetch, name, called, tmp_path):
    """What a server calls a file never says where it is written."""
    server.everything = model
    url = f"{server.url}/cdn/x/{name}.gguf"
    if called:
        assert fetch(url).name == called
        assert set(tmp_path.rglob("*.gguf")) == {place(called)}
    else:
        with pytest.raises(InvalidInput, match="ends in no name") as failed:
            fetch(url)
        assert "--as" in failed.value.hint


def test_names_of_the_hub(server, model, fetch, tmp_path):
    """Nor does what a repository calls it."""
    server.put("Ana/Evil", "../../../evil-Q4_K_M.gguf", model)
    server.everything = model
    assert fetch("hf:Ana/Evil").path == place("evil-q4_k_m")
    assert list(tmp_path.rglob("*.gguf")) == [place("evil-q4_k_m")]


@pytest.mark.parametrize(
    "name", ["../x", "/x", "C:x", "x\0", "x" * 81, "con", "X", "", ".x", "x.json"]
)
def test_names_of_users(server, model, fetch, name):
    """A name is a plain file name on every system."""
    if name:
        with pytest.raises(InvalidInput, match="is no name for a model"):
            fetch(server.put("x", "it.gguf", model), name)
    assert shelf.get(name) is None


def test_a_name_means_one_thing(server, model, fetch, said):
    """A name that is taken is not given again, nor is a file of the user's written over."""
    url, other = server.put("x", "it.gguf", model), server.put("y", "it.gguf", model)
    fetch(url)
    with pytest.raises(InvalidInput, match=r"it is already http://.*/x/it\.gguf") as failed:
        fetch(other)
    assert "memcli model remove it" in failed.value.hint
    assert fetch(other, "it2").name == "it2"
    assert fetch(url).name == "it"
    assert said[-1] == "it is here already"
    place("own").write_bytes(b"mine")
    with pytest.raises(InvalidInput, match="was not fetched by memcli"):
        fetch(url, "own")
    assert place("own").read_bytes() == b"mine"


def test_a_newer_version_is_said(server, model, fetch, said):
    """What is here stays when the hub has another version by now."""
    fetch(ALL)
    server.put(REPO, "tiny-q4_k_m.gguf", model[:-1] + b"\x01")
    fetch(ALL)
    assert said[-1] == f"tiny-q4_k_m is here already; another version is at hf:{REPO}:tiny-q4_k_m"
    assert place().read_bytes() == model


# --- This machine ---------------------------------------------------------------------------------


def test_offline(fetch, run, server):
    """With the network off nothing is asked for; the list of names needs none."""
    with pytest.raises(Offline, match="the network is off"):
        fetch("qwen2.5-0.5b", offline=True)
    result = run("--offline", "model", "pull", "https://u:pw@a.org/x.gguf?token=tk")
    assert (result.code, result.err.splitlines()[0]) == (
        1, "Error: https://a.org/x.gguf cannot be fetched: the network is off.",
    )  # fmt: skip
    run("config", "set", "network.offline", "yes")
    assert run("model", "pull", ALL).code == 1
    assert run("model", "pull").out.count("\n") == len(OFFERS)
    assert server.asked == []


def test_all_shards_must_fit(server, model, fetch, monkeypatch):
    """A disk with room for the first shard alone is too small."""
    for i in (1, 2):
        server.put("Ana/Big", f"big-Q8_0-{i:05d}-of-00002.gguf", model)
    usage = shutil._ntuple_diskusage(10**9, 10**9, len(model) + 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(MemcliError, match="946 kB are still to come"):
        fetch("hf:Ana/Big")
    assert server.ranges() == []


@pytest.mark.parametrize("source", [ALL, "url"])
def test_a_full_disk_is_said_before(server, model, fetch, monkeypatch, source):
    """What does not fit is not begun, and what was fetched before stays."""
    source = source if source == ALL else server.put("x", "tiny-q4_k_m.gguf", model)
    server.script.extend([Bad("cuts", 70_001)] + [Bad("hangs up")] * 9)
    with pytest.raises(MemcliError):
        fetch(source)
    server.script.clear()
    usage = shutil._ntuple_diskusage(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    needed = f"{(len(model) - 70_001) / 1000:.3g} kB are still to come"
    with pytest.raises(MemcliError, match=f"{needed}, and .*/models has room for 1 kB"):
        fetch(source)
    assert Part(place()).size == 70_001


def test_a_disk_that_fills_up(server, model, fetch):
    """When no more can be written, it is said, and the part stays."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(MemcliError, match=r"Cannot write .*\.part: File too large"):
            fetch(ALL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert Part(place()).size == 50_000
    assert fetch(ALL).path.read_bytes() == model


def test_only_one_at_a_time(server, fetch):
    """A second pull of the same model says that the first is at it, and harms nothing."""
    with shelf.alone("tiny-q4_k_m"), pytest.raises(MemcliError, match="Another memcli is fetching"):
        fetch(ALL)


def test_interrupted(server, model, fetch, said, run):
    """Ctrl-C keeps what came and says how to go on; the name is enough to do so."""

    def interrupt(done, total):
        raise KeyboardInterrupt

    server.script.append(Bad("is slow", 50_000))
    with pytest.raises(KeyboardInterrupt):
        fetch(ALL, tell=interrupt)
    assert said[-1].endswith("are here; memcli model pull tiny-q4_k_m goes on")
    assert 0 < Part(place()).size < len(model)
    (listed,) = [json.loads(line) for line in run("model", "list", "--json").out.splitlines()]
    assert (listed["alias"], listed["here"] < 1) == ("tiny-q4_k_m", True)
    assert fetch("tiny-q4_k_m").path.read_bytes() == model


def test_killed(server, model):
    """A pull that was killed is gone on with, and the file is right."""
    command = [sys.executable, "-m", "memcli", "model", "pull", ALL]
    server.script.append(Bad("is slow", 10_000, "0.05"))
    child = subprocess.Popen(command, stderr=subprocess.PIPE)
    while Part(place()).size < 30_000:
        assert child.poll() is None
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    here = Part(place()).size
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert server.ranges() == ["", f"bytes={here}-"]
    assert place().read_bytes() == model
    assert done.stdout == f"tiny-q4_k_m: {len(model) / 1000:.3g} kB, {place()}\n"


# --- Commands -------------------------------------------------------------------------------------


def test_pull_and_use(server, model, run):
    """A pulled model is used by its short name, everywhere."""
    result = run("model", "pull", ALL, "--as", "tiny", "--use")
    assert result.out.startswith(f"model: tiny-0 ({place('tiny')})\ntiny: ")
    assert run("model", "list").out.split("\t")[3] == "tiny"
    assert run("model", "info", "tiny").out.startswith("name\ttiny-0\n")
    assert run("model", "use", "none").code == 0
    assert "answers" in run("model", "use", "none").out
    assert run("model", "use", "tiny").out == f"model: tiny-0 ({place('tiny')})\n"
    assert model_path("tiny") == str(place("tiny"))
    assert "qwen2.5-7b is not here yet" in run("chat", "--model", "qwen2.5-7b").err


def test_pull_json(server, run):
    """--json prints what the list would, and nothing else."""
    result = run("model", "pull", ALL, "--json")
    assert json.loads(result.out)["alias"] == "tiny-q4_k_m"
    assert '"licence"' in run("model", "pull", "--json").out


def test_catalogue(server, model, run, monkeypatch):
    """A name of the list is enough; before it is pulled it is said how."""
    result = run("model", "use", "qwen2.5-0.5b")
    assert (result.code, result.err) == (
        4, "Error: The model qwen2.5-0.5b is not here yet.\n  memcli model pull qwen2.5-0.5b\n",
    )  # fmt: skip
    server.put("Qwen/Qwen2.5-0.5B-Instruct-GGUF", "qwen2.5-0.5b-instruct-q4_k_m.gguf", model)
    result = run("model", "pull", "qwen2.5-0.5b")
    assert result.out.endswith(f"{place('qwen2.5-0.5b')}\n")
    assert "memcli model use qwen2.5-0.5b" in result.err
    result = run("model", "pull", "qwen")
    assert (result.code, "no model that is known here" in result.err) == (2, True)


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.name)
def test_offers(offer):
    """Each has a name that is one, and a source of the hub with a quantisation."""
    assert shelf.NAME.fullmatch(offer.name)
    assert hub.SOURCE.fullmatch(offer.source)["which"]
    assert offer.size < offer.ram


def test_a_name_for_a_file_in_place(model, run, tmp_path):
    """A local file gets a name where it stands; removing the name leaves the file."""
    file = tmp_path / "own.gguf"
    file.write_bytes(model)
    assert run("model", "use", file, "--as", "mine").code == 0
    assert run("model", "use", "mine").out == f"model: tiny-0 ({file})\n"
    assert list(paths.models().glob("*.gguf*")) == []
    assert run("model", "use", file, "--as", "Mine").code == 2
    assert run("model", "remove", "mine").out == f"the name mine is forgotten; {file} stays\n"
    assert file.read_bytes() == model
    assert run("model", "remove", "mine").code == 3
    run("model", "use", file, "--as", "mine")
    file.unlink()
    assert run("model", "list").err.endswith("memcli model remove mine forgets its name\n")


def test_remove(server, model, run):
    """What was pulled is deleted once that is confirmed, and unset where it was in use."""
    run("model", "pull", ALL, "--as", "tiny", "--use")
    place("own").write_bytes(model)
    assert run("model", "remove", "tiny").code == 2
    result = run("model", "remove", "tiny", "--yes")
    assert (result.out, "it was in use" in result.err) == ("tiny is deleted\n", True)
    assert left() == {"own.gguf"}
    assert run("model", "info").code == 3
    assert run("model", "remove", "own", "--yes").code == 3
    assert run("model", "info", "own").code == 0


def test_remove_what_embeds(server, model, run):
    """A model that other settings name is not removed."""
    run("model", "pull", ALL, "--as", "tiny")
    run("config", "set", "recall.rerank_model", place("tiny"))
    result = run("model", "remove", "tiny", "--yes")
    assert (result.code, "in use as recall.rerank_model" in result.err) == (1, True)
    assert place("tiny").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"files": 1}', "no", '{"source": "x", "files": []}']
)
def test_damaged_record(text, run):
    """What is written of a name may be damaged: then it is none."""
    paths.make_private_folder(paths.models())
    (paths.models() / "x.json").write_text(text)
    assert shelf.get("x") is None
    assert run("model", "list").code == 3


def test_a_record_cannot_lead_elsewhere(run, tmp_path):
    """Removing what was pulled deletes nothing outside the models folder."""
    paths.make_private_folder(paths.models())
    victim = tmp_path / "victim.gguf"
    victim.write_bytes(b"precious")
    about = {"source": "hf:a/b", "files": [str(victim)], "total": 1, "sha256": []}
    (paths.models() / "x.json").write_text(json.dumps(about))
    assert run("model", "remove", "x", "--yes").code == 0
    assert victim.exists()


# --- Whole files ----------------------------------------------------------------------------------


def test_block_sizes():
    """Our table of tensor types is that of the gguf package."""
    import gguf as theirs

    known = {int(kind): size for kind, size in theirs.GGML_QUANT_SIZES.items()}
    known[9] = gguf.BLOCKS[9]  # Q8_1 never stands in a file
    assert {kind: known[kind] for kind in gguf.BLOCKS} == gguf.BLOCKS


@pytest.mark.parametrize("missing", [0, 1, 31, 32, 1000, 100_000])
def test_whole(model, tmp_path, missing):
    """A file that lacks bytes of a tensor is found out."""
    file = tmp_path / "cut.gguf"
    file.write_bytes(model[: len(model) - missing])
    if missing:
        with pytest.raises(ModelError, match=r"bytes are missing"):
            gguf.check_whole(file)
    else:
        gguf.check_whole(file)
