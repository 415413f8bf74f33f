"""What of an encrypted profile stands in the clear: every text is looked for in every file."""

import json
import random

from figures import Figure

import memcli
from memcli import backup, encryption
from memcli.api import Memcli
from memcli.testing import HashEmbedder

KEY = "a passphrase"


def words(seed, count):
    """Names that stand nowhere by chance."""
    rng = random.Random(seed)
    return ["".join(rng.choices("bcdfgklmnprstv", k=12)) for _ in range(count)]


def readable(folder, names):
    """Return the names that stand in a file or its name, in three encodings."""
    found = set()
    for file in (path for path in folder.rglob("*") if path.is_file()):
        data = file.name.encode() + file.read_bytes().lower()
        found |= {n for n in names for code in ("utf-8", "utf-16-le", "utf-16-be")
                  if n.encode(code) in data}  # fmt: skip
    return found


def figures(top, share):
    """Store texts in every way, before and after encrypting, and look for them."""
    real, Memcli._load_embedder = Memcli._load_embedder, lambda self: HashEmbedder()
    try:
        yield _looked_for(top, round(400 * share) or 8)
    finally:
        Memcli._load_embedder = real


def _looked_for(top, count):
    profile, backups = top / "profile", top / "backups"
    backups.mkdir()
    names = words(7, 2 * count)
    with memcli.open(folder=profile) as memory:
        _use(memory, top, names[:count])
    plain = readable(profile, names[:count])
    encryption.rewrite(memory.paths, "", KEY)
    with memcli.open(folder=profile, passphrase=KEY) as memory:
        _use(memory, top, names[count:])
        open_ = readable(profile, names)  # while the log is in use
        backup.backup(memory.store, backups / "copy")
        kept = sum(memory.store.texts.holding([name]) != [] for name in names)
    left = open_ | readable(profile, names) | readable(backups, names)
    found = f"{len(plain)} of {count} stood in the clear before it was encrypted"
    assert kept > count, "the texts are not there at all"
    return Figure(
        "Encrypted profile", "texts stored in every way, and looked for in every file and backup",
        len(names), len(left), found, tuple(sorted(left)[:5]),
    )  # fmt: skip


def _use(memory, top, names):
    quarter = len(names) // 4
    for name in names[:quarter]:
        memory.remember(f"The boat {name} lies in the harbour.")
    for name in names[quarter : 2 * quarter]:
        memory.chat_turn(f"My sister's name is {name.title()}.")
    file = top / f"{names[0]}.jsonl"
    file.write_text(
        "".join(json.dumps({"text": n, "title": n}) + "\n" for n in names[2 * quarter :])
    )
    memory.import_paths([file])
    memory.consolidate()
    memory.recall(names[0])
