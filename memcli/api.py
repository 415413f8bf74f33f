"""Put the rooms together: settings, store, memory, engine. CLI and Python API start here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from memcli import config as configuration
from memcli import keys, paths
from memcli.engine.base import Engine
from memcli.recall.rerank import Rerank
from memcli.records import Kind, Memory, Session, Turn
from memcli.store import Store
from memcli.text import clean
from memcli.tiers.learning import Learnt
from memcli.tiers.long_term import LongTerm

if TYPE_CHECKING:
    from memcli.chat.turn import Conversation, Exchange
    from memcli.engine.embed import Embedder
    from memcli.importing import Report
    from memcli.index.base import VectorIndex
    from memcli.index.status import IndexStatus
    from memcli.manage.consolidate import Consolidated
    from memcli.manage.forget import Forgotten
    from memcli.media.documents import Document
    from memcli.media.kv import KVMemory
    from memcli.media.seal import Seal
    from memcli.media.state import States
    from memcli.recall.recall import Recalled

BLOB_KEY = "blob_key"  # in the database's own table of settings


class Memcli:
    """One profile, opened. Use it as a context manager, or ``close`` it."""

    def __init__(
        self,
        profile: str = paths.DEFAULT_PROFILE,
        *,
        folder: Path | None = None,
        settings: Mapping[str, Any] | None = None,
        passphrase: str | keys.Ask = "",
    ) -> None:
        """Open a profile, creating it at its first use; with ``folder``, a memory kept there.

        ``settings`` override file and environment, as in ``{"model.path": "chat.gguf"}``. For an
        encrypted profile, ``passphrase`` is one, or is called for one; see ``keys``.

        Raises:
            InvalidInput: a setting or the profile's name cannot be used.
            StoreError: the database cannot be opened.
        """
        self.config = configuration.load(settings)
        self.paths = paths.ProfilePaths(folder) if folder else paths.profile(profile)
        self.paths.drop_typed()
        self.paths.sweep(paths.FORSAKEN_S)
        key = partial(keys.key_of, self.paths.folder, passphrase)
        self.store = Store(self.paths.database, key=key)
        recalling = self.config.recall
        rerank = Rerank(recalling, self.config.model.path) if recalling.rerank != "off" else None
        self.memory = LongTerm(
            self.store, self._load_embedder, self._choose_index, rerank, self.config.memory
        )
        self._engine: Engine | None = None
        self._conversation: Conversation | None = None

    def remember(
        self, text: str, *, kind: Kind | None = None, pin: bool = False, tags: Sequence[str] = ()
    ) -> list[Learnt]:
        """Keep a text; see ``LongTerm.remember``."""
        return self.memory.remember(text, kind=kind, pin=pin, tags=tags)

    def recall(
        self,
        query: str,
        *,
        limit: int = 10,
        asked_at: datetime | None = None,
        as_of: datetime | None = None,
    ) -> Recalled:
        """Return at most ``limit`` memories and turns that may answer, the best first.

        The result is a list of hits that says in ``enough`` whether they seem to hold an answer.
        ``asked_at`` is the moment that words such as "last week" count from (now, if not given);
        ``as_of`` leaves out all that was not known then, and takes for true what held then.
        """
        return self.memory.recall(query, limit=limit, asked_at=asked_at, as_of=as_of)

    def consolidate(self, *, seconds: float = float("inf")) -> Consolidated:
        """Tidy up what was said, with the model if there is one; see ``manage.consolidate``.

        Nothing new is begun after ``seconds``; the next call goes on from there.
        """
        from memcli.manage.consolidate import nearly_same

        if self.config.model.path:
            from memcli.acquire.extract import ModelExtractor
            from memcli.engine.base import complete

            ask = partial(complete, self.engine)
            extractor = ModelExtractor(ask)
            done = self.memory.consolidate(complete=ask, extractor=extractor, seconds=seconds)
        else:
            done = self.memory.consolidate(seconds=seconds)
        done.alike = nearly_same(self.store)
        return done

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the id and the text of all that ``recall`` can find."""
        return self.store.texts.all()

    def forget(self, *ids: str, keep_source: bool = False, dry_run: bool = False) -> Forgotten:
        """Erase memories or turns by id, with all that was derived from them, and prove it.

        ``proof`` of what is returned says whether any of it is left; a receipt is written. With
        ``keep_source`` what was said stays as it was said, and the proof leaves it out.

        Raises:
            NotFound: no memory or turn has such an id.
        """
        found = [self.memory.find(id) for id in ids]
        memories = [record for record in found if isinstance(record, Memory)]
        turns = [record for record in found if isinstance(record, Turn)]
        gone = self.memory.forget(memories, turns, keep_source=keep_source, dry_run=dry_run)
        if not dry_run:
            self.paths.sweep()
            self.states.drop_all()  # what was read from there is held in memory, too
            self.kv.drop_all()
        return gone if dry_run else self._proved(gone)

    def _proved(self, gone: Forgotten) -> Forgotten:
        from memcli.manage.prove import Proof, prove, rare_words, write_receipt

        if gone.kept:  # the words are to stay, but not as a memory
            proof = Proof(0, 0)
        else:
            files = self.store.sources.uris().lower()  # their names may hold any word
            rare = rare_words(gone.texts, self.store.texts.holding)
            rare = [word for word in rare if word not in files]
            proof = prove(
                self.paths.folder, gone.texts, rare,
                self.memory.recall, gone.triples, self.memory.learning.states,
                self.store.contents if self.store.key else tuple,
            )  # fmt: skip
        at = self.store.clock()
        write_receipt(self.paths.receipts, at, gone.ids, gone.texts, proof)
        return replace(gone, proof=proof)

    def chat_turn(self, text: str) -> Exchange:
        """Say something in this handle's session, and return the whole exchange."""
        if self._conversation is None:
            self._conversation = self.conversation()
        exchange, pieces = self._conversation.say(text)
        for _ in pieces:
            pass
        return exchange

    def import_paths(
        self,
        source: Iterable[str | Path],
        *,
        me: Iterable[str] = (),
        tags: Sequence[str] = (),
        since: datetime | None = None,
        allow_again: bool = False,
        **more: Any,
    ) -> Report:
        """Import files and folders; ``me`` are names of the owner beside ``user.name``.

        ``more`` is as for ``importing.Importer``.
        """
        from memcli.importing import Choices, Importer

        names = frozenset(name.strip().casefold() for name in (self.config.user.name, *me))
        choices = Choices(names - {""}, tuple(map(clean, tags)), since, allow_again)
        return Importer(self.memory, choices, **more).paths(Path(path) for path in source)

    def conversation(
        self,
        session: Session | None = None,
        *,
        private: bool = False,
        document: Document | None = None,
    ) -> Conversation:
        """Begin a session, or go on with one; about a document, if ``states`` opened it."""
        from memcli.chat.turn import Conversation

        return Conversation(
            self.memory, self.engine, self.config,
            session=session, private=private, states=self.states, document=document,
        )  # fmt: skip

    def fork(self, session: Session, *, at: Turn | None = None, title: str = "") -> Session:
        """Begin a session with copies of another one's turns; see ``LongTerm.fork_session``."""
        fork = self.memory.fork_session(session, at=at, title=title)
        self.states.copy(session.id, fork.id)
        return fork

    @cached_property
    def states(self) -> States:
        """What the model had in mind at the end of sessions."""
        from memcli.media.state import States

        return States(self.paths.states, self.config.state.budget * 2**20, self._seal)

    @cached_property
    def kv(self) -> KVMemory:
        """The cells that models made of memories."""
        from memcli.media.kv import KVMemory

        return KVMemory(self.paths.cells, self.config.kv, paths.cache() / "kv.json", self._seal)

    @cached_property
    def _seal(self) -> Seal | None:
        """What closes the blobs of an encrypted profile; its key is in the database alone."""
        if not self.store.key:
            return None
        from memcli.media.seal import Seal, new_secret

        with self.store.upkeep():
            if not (secret := self.store.meta(BLOB_KEY)):
                self.store.set_meta(BLOB_KEY, secret := new_secret())
        return Seal(secret)

    @property
    def engine(self) -> Engine:
        """The engine of the settings, loaded at the first use."""
        if self._engine is None:
            self._engine = self._load_engine(self.config.model.path)
        return self._engine

    def use_model(self, path: str) -> Engine:
        """Change to another model for as long as this handle is open; empty: to none."""
        engine = self._load_engine(path)
        if self._engine is not None:
            self._engine.close()
        self._engine = engine
        return engine

    def index_status(self) -> IndexStatus:
        """Say what the index of vectors holds, and how far it is behind the store."""
        from memcli.index.status import read_status

        return read_status(self.store, self._choose_index(self.memory.meaning.embedder))

    def rebuild_index(self, *, vectors: bool = False) -> int:
        """Compute the missing vectors (or all), make a derived index anew; return how many."""
        from memcli.index.chroma import ChromaIndex

        if vectors:
            with self.store.upkeep():
                self.store.vectors.reset()
        embedded = self.memory.meaning.embed_missing()
        self.memory.meaning.close()  # it may hold Chroma, as after a search
        index = self._choose_index(self.memory.meaning.embedder)
        if isinstance(index, ChromaIndex):
            index.rebuild()
            index.close()
        return embedded

    def close(self) -> None:
        """Free the engine, let go of the index, close the database."""
        if self._engine is not None:
            self._engine.close()
            self.kv.flush()
        self.memory.close()

    def __enter__(self) -> Memcli:  # noqa: PYI034 (Self came with Python 3.11)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _load_engine(self, path: str) -> Engine:
        if not path:
            from memcli.engine.extractive import ExtractiveEngine

            return ExtractiveEngine()
        import dataclasses

        from memcli.engine.llama import LlamaEngine

        model = dataclasses.replace(self.config.model, path=path)
        cells = self.kv if self.config.kv.splice != "off" else None
        return LlamaEngine(model, self.config.sampling, cache=paths.cache(), cells=cells)

    def _load_embedder(self) -> Embedder:
        from memcli.engine.embed import load_embedder

        return load_embedder(self.config.embedder.model)

    def _choose_index(self, embedder: Embedder) -> VectorIndex:
        from memcli.index.choose import choose_index

        return choose_index(self.config, self.paths, self.store, embedder)


def open(
    profile: str = paths.DEFAULT_PROFILE,
    *,
    folder: str | Path | None = None,
    passphrase: str = "",
    **settings: Any,
) -> Memcli:
    """Open a profile's memory, or one that is kept in a folder of its own.

    Settings are spelled with an underscore: ``memcli.open(model_path="chat.gguf")``.
    """
    keys = {key.replace(".", "_"): key for key, _ in configuration.declared()}
    named = {keys.get(name, name): value for name, value in settings.items()}
    where = Path(folder) if folder else None
    return Memcli(profile, folder=where, settings=named, passphrase=passphrase)
