"""Fetch a model by its short name, from the hub, or from any address, and give it a name here."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from memcli import paths
from memcli.engine import hub, shelf
from memcli.engine.catalogue import offer
from memcli.engine.download import Tell, fetch, no_space
from memcli.engine.shelf import Named
from memcli.engine.web import Remote, check_url, shown
from memcli.errors import InvalidInput, Offline
from memcli.text import size

Say = Callable[[str], None]


def pull(source: str, name: str = "", *, offline: bool, tell: Tell, say: Say) -> Named:
    """Fetch a model, or what is missing of it. ``tell`` hears of each piece, ``say`` of troubles.

    ``source`` is a name of the catalogue or of a model begun before, ``hf:ORG/REPO[:QUANT]``, or
    an address; ``name`` is what it will be called, by default after its file.

    Raises:
        Offline: the network may not be used.
        MemcliError: it cannot be had; what came is kept.
    """
    if offline:
        raise Offline(
            f"{shown(source)} cannot be fetched: the network is off.",
            "Leave --offline away, and network.offline at no.",
        )
    source, default = _meant(source)
    found = _found(source)
    model = _named(name or default or shelf.tidy(found.name), found)
    with shelf.alone(model.name):
        old = shelf.get(model.name)
        if old and old.whole:
            newer = old.sha256 != model.sha256
            say(f"{old.name} is here already" + f"; another version is at {old.source}" * newer)
            return old
        _complete(model, found.remotes, old.sha256 if old else (), tell, say)
    return model


def _meant(source: str) -> tuple[str, str]:
    """Return the source that a name stands for, with that name; or the source as it is."""
    if (begun := shelf.get(source)) and begun.source:
        return begun.source, begun.name
    if known := offer(source):
        return known.source, known.name
    if ":" not in source:
        raise InvalidInput(
            f"{source!r} is no model that is known here.",
            "memcli model pull lists those; hf:ORG/REPO and https://… fetch any other.",
        )
    return hub.source_of(source), ""


def _found(source: str) -> hub.Found:
    if source.startswith("hf:"):
        return hub.find(source)
    check_url(source)
    file = PurePosixPath(unquote(urlsplit(source).path))
    return hub.Found(file.name.removesuffix(".gguf"), shown(source), (Remote(source),))


def _named(name: str, found: hub.Found) -> Named:
    """Return what the model will be here: named by us, whatever its files are called there."""
    if not name:
        raise InvalidInput("The address ends in no name.", "Give it one, as in: --as qwen")
    count, sizes = len(found.remotes), [remote.size for remote in found.remotes]
    shards = [f"{name}-{i + 1:05d}-of-{count:05d}.gguf" for i in range(count)]  # as llama.cpp says
    files = tuple(paths.models() / file for file in (shards if count > 1 else [f"{name}.gguf"]))
    shelf.check_name(name, files, found.source)
    total = None if None in sizes else sum(filter(None, sizes))
    return Named(name, files, found.source, total, tuple(one.sha256 for one in found.remotes))


def _complete(
    model: Named, remotes: Sequence[Remote], before: Sequence[str], tell: Tell, say: Say
) -> None:
    """Fetch what is missing; ``before`` are the checksums that files here were fetched by."""
    needed, free = (model.total or 0) - model.here, shutil.disk_usage(paths.models()).free
    if needed > free:
        raise no_space(needed, free, paths.models())
    for file, known, promised in zip(model.files, before, model.sha256, strict=False):
        if known != promised:  # a shard of another version
            file.unlink(missing_ok=True)
    model.save()
    done = 0
    try:
        for remote, file in zip(remotes, model.files, strict=True):
            if not file.is_file():
                fetch(remote, file, tell=_after(done, model.total, tell), say=say)
            done += file.stat().st_size
    except KeyboardInterrupt:
        if model.here:
            say(f"stopped: {size(model.here)} are here; memcli model pull {model.name} goes on")
        raise
    finally:
        if not model.here:
            model.forget()


def _after(done: int, total: int | None, tell: Tell) -> Tell:
    return lambda here, of: tell(done + here, total or of)
