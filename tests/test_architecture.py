"""The shape of the house: what imports what, what loads when, what the wheel carries."""

import ast
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import memcli

PACKAGE = Path(memcli.__file__).parent
ROOT = PACKAGE.parent

# From the ground up; a module may import its own floor and those below.
FLOORS = [
    ["sieve"],
    ["errors", "paths", "config", "records", "dates", "text", "sentences", "ids", "periods"],
    ["store", "prompts"],
    ["engine", "index", "importers"],
    ["acquire", "media"],
    ["recall"],
    ["manage"],
    ["tiers"],
    ["archive"],
    ["importing", "chat.screen", "chat.turn", "keys"],
    ["api", "testing"],
    ["chat", "doctor", "evaluate", "export", "backup"],
    ["demo", "encryption"],
    ["cli"],
    ["__main__"],
]
HEAVY = (
    "chromadb llama_cpp numpy tiktoken onnxruntime wordllama sqlite_utils"
    " huggingface_hub httpx httpx2 requests urllib.request filelock"
).split()
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def floor(module):
    """Return the number of a module's floor; the longest name that fits counts."""
    fitting = [
        (len(name), number)
        for number, names in enumerate(FLOORS)
        for name in names
        if f"{module}.".startswith(f"{name}.")
    ]
    return max(fitting)[1] if fitting else None


def imports(path):
    """Yield the modules of memcli that a file imports when it runs, with the line of each.

    Imports for type checking alone are left out: they bind nothing when the program runs.
    """
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "memcli":
                yield node.lineno, ".".join(parts[1:])


@pytest.mark.parametrize("module", [name for name in MODULES if name != "__init__"])
def test_imports_go_down(module):
    """A module imports only from its own floor and those below."""
    here = floor(module)
    assert here is not None, f"memcli/{module} stands on no floor: give it one above"
    above = [
        f"line {line}: {name}"
        for line, name in imports(MODULES[module])
        if (there := floor(name)) is not None and there > here
    ]
    assert not above


def test_terminal_and_database_stay_in_their_rooms():
    """No importer knows the database, and only the command line knows typer and rich."""
    for module, path in MODULES.items():
        text = path.read_text("utf-8")
        if module.startswith("importers"):
            assert "memcli.store" not in text, module
        if not module.startswith("cli"):
            assert "import typer" not in text, module
            assert "import rich" not in text, module
            assert "from rich" not in text, module


@pytest.mark.parametrize("path", MODULES.values(), ids=MODULES)
def test_no_click(path):
    """Nothing imports click: typer carries its own copy, and does not catch click's exceptions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert all(alias.name.split(".")[0] != "click" for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] != "click"


@pytest.mark.parametrize("path", MODULES.values(), ids=MODULES)
def test_no_relative_imports(path):
    """Imports are absolute, so that the floors can be read off them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not (isinstance(node, ast.ImportFrom) and node.level)


@pytest.mark.parametrize("path", MODULES.values(), ids=MODULES)
def test_files_are_short(path):
    """A file is split before it reaches 500 lines."""
    assert len(path.read_text("utf-8").splitlines()) < 500


def loaded(*statements):
    """Return which heavy libraries a fresh interpreter has loaded after some statements."""
    code = "; ".join(["import sys", *statements, "print(*sys.modules)"])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return [name for name in HEAVY if name in done.stdout.splitlines()[-1].split()]


@pytest.mark.parametrize("module", ["memcli", "memcli.cli", "memcli.__main__", "memcli.api"])
def test_importing_loads_nothing_heavy(module):
    """Heavy libraries are paid for by those who use them."""
    assert loaded(f"import {module}") == []


def test_recall_loads_no_engine():
    """Recall needs the database and the embedder, and neither Chroma nor llama.cpp."""
    used = loaded("import memcli", "m = memcli.open()", "m.remember('x')", "m.recall('x')")
    assert set(used) <= {"numpy", "sqlite_utils", "wordllama"}


def test_public_names():
    """These names are promised to those who import memcli."""
    assert memcli.__all__ == [
        "Hit",
        "Memcli",
        "MemcliError",
        "Memory",
        "ModelError",
        "NotFound",
        "Session",
        "Source",
        "StoreError",
        "Triple",
        "Turn",
        "open",
    ]
    for name in memcli.__all__:
        assert getattr(memcli, name).__module__.startswith("memcli.")
        assert getattr(memcli, name).__doc__


def test_unknown_name():
    """A name that is not promised is an ordinary AttributeError."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = memcli.nonsense


def public(tree):
    """Yield the public functions and classes of a module, and the public methods of the latter."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


@pytest.mark.parametrize("path", MODULES.values(), ids=MODULES)
def test_docstrings(path):
    """Every module, public class and public function says what it is."""
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree)
    assert [node.name for node in public(tree) if not ast.get_docstring(node)] == []


def test_wheel(tmp_path):
    """The wheel carries the prompts, the example notes and the mark of typed packages."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1718193600"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = tmp_path.glob("memcli-*-py3-none-any.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"memcli/_prompts/{path.name}" for path in (ROOT / "prompts").glob("*.md")}
    notes = ROOT / "examples" / "notes"
    wanted |= {f"memcli/_examples/notes/{path.name}" for path in notes.iterdir()}
    wanted |= {f"memcli/{path.relative_to(PACKAGE).as_posix()}" for path in MODULES.values()}
    wanted |= {"memcli/py.typed", "memcli/acquire/worth.tsv", "memcli/manage/akin.tsv"}
    assert wanted <= names
    assert len([name for name in wanted if "_prompts" in name]) >= 3
    stray = [n for n in names - wanted if not n.startswith(f"memcli-{memcli.__version__}")]
    assert stray == []
