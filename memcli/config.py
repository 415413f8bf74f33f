"""Settings: default < file < environment < flag, each documented where it is declared.

A setting is a field of one of the sections below. ``sampling.top_p`` stands under ``[sampling]``
in ``config.toml``, is ``MEMCLI_SAMPLING_TOP_P`` in the environment, and ``memcli config show``
prints its value with where it came from.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from memcli import paths
from memcli.errors import InvalidInput

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TRUE = {"1", "true", "yes", "on"}
KINDS = {bool: "yes or no", int: "a whole number", float: "a number", str: "a text"}
FALSE = {"0", "false", "no", "off"}


def _setting(default: Any, doc: str, **limits: Any) -> Any:
    """Declare a setting; ``limits`` may hold ``choices`` or ``least`` and ``most``."""
    return field(default=default, metadata={"doc": doc, **limits})


@dataclass(frozen=True, slots=True)
class UserConfig:
    """Who the memory belongs to."""

    name: str = _setting("", "Your name: in imported chats, turns by this speaker are yours.")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The chat model."""

    path: str = _setting("", "Path of a GGUF chat model; empty: answer by quoting memories.")
    context: int = _setting(0, "Context size in tokens; 0: the model's own, at most 8192.", least=0)
    gpu_layers: int = _setting(
        -1, "Layers to put on the GPU where the build has one; -1: all.", least=-1
    )
    threads: int = _setting(0, "CPU threads; 0: measured once on this machine.", least=0)


@dataclass(frozen=True, slots=True)
class SamplingConfig:
    """How the next token is chosen."""

    temperature: float = _setting(0.7, "0: always the likeliest token.", least=0.0, most=10.0)
    top_p: float = _setting(0.95, "Keep the likeliest tokens up to this mass.", least=0.0, most=1.0)
    min_p: float = _setting(
        0.05, "Drop tokens below this share of the likeliest one.", least=0.0, most=1.0
    )
    repeat_penalty: float = _setting(
        1.1, "Above 1: recent tokens become less likely.", least=0.1, most=10.0
    )
    seed: int = _setting(-1, "The same seed gives the same answer; -1: random.", least=-1)
    max_tokens: int = _setting(1024, "The longest answer, in tokens.", least=1)


@dataclass(frozen=True, slots=True)
class EmbedderConfig:
    """What turns text into vectors for search by meaning."""

    model: str = _setting("wordllama", "'wordllama' (built in) or the path of an embedding GGUF.")


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """Where the nearest vectors are looked for."""

    backend: str = _setting(
        "auto",
        "'exact' scans; 'chroma' uses its HNSW; 'auto' scans up to index.crossover.",
        choices=("auto", "exact", "chroma"),
    )
    chroma: str = _setting("", "Address of a Chroma server, as host:port; empty: embedded.")
    crossover: int = _setting(
        250_000, "With 'auto', the number of vectors from which Chroma is used.", least=1
    )


@dataclass(frozen=True, slots=True)
class RecallConfig:
    """What enters the prompt from long-term memory."""

    limit: int = _setting(8, "The most memories that enter one prompt.", least=0, most=200)
    share: float = _setting(
        0.35, "The share of the context that recalled memories may take.", least=0.0, most=0.9
    )
    rerank: str = _setting(
        "off",
        "Judge the best hits anew: by a 'cross-encoder', or by the 'likelihood' of the question"
        " after each one to the chat model.",
        choices=("off", "cross-encoder", "likelihood"),
    )
    rerank_model: str = _setting(
        "", "Path of the GGUF that judges; empty: the chat model, by likelihood."
    )
    rerank_top: int = _setting(20, "The number of hits judged anew.", least=2, most=100)
    rerank_weight: float = _setting(
        0.2, "The share of the new judgement in a hit's score.", least=0.0, most=1.0
    )


@dataclass(frozen=True, slots=True)
class MemoryConfig:
    """What is kept, and what takes the place of what."""

    secrets: str = _setting(
        "mask",
        "'mask' passwords, keys, card numbers … in all that is stored, or 'keep' them.",
        choices=("mask", "keep"),
    )
    single_valued: str = _setting(
        "", "Relations with one value at a time besides the known ones, as in 'car, desk'."
    )
    many_valued: str = _setting("", "Relations with many values, which memcli takes for single.")
    profile: int = _setting(
        160, "Tokens of every prompt for what matters most about you; 0: none.", least=0
    )


@dataclass(frozen=True, slots=True)
class StateConfig:
    """The section [state]."""

    budget: int = _setting(
        1024, "MiB for what models had in mind at the end of sessions; 0: keep none.", least=0
    )


@dataclass(frozen=True, slots=True)
class KVConfig:
    """Memories as KV cells."""

    splice: str = _setting(
        "auto",
        "'auto': splice memories' stored cells where a model reads them like text; 'off': read"
        " text; 'on': never compare.",
        choices=("auto", "on", "off"),
    )
    again: int = _setting(
        -1, "First tokens of each memory that are read again; -1: a quarter, at most 6.", least=-1
    )
    mode: str = _setting(
        "series",
        "'series': memories one after the other; 'parallel': all at the same positions.",
        choices=("series", "parallel"),
    )
    keep: float = _setting(
        1.0, "The share of a memory's tokens whose cells are kept.", least=0.1, most=1.0
    )
    select: str = _setting(
        "surprise",
        "Which these are: the ones with most 'surprise' (and names and numbers), or with most"
        " 'attention' from the others.",
        choices=("surprise", "attention"),
    )
    codec: str = _setting(
        "q8",
        "How cells are stored: 'f16' as they are; 'q8', 'q6', 'q4' in as many bits; 'lowrank';"
        " 'merged' in pairs.",
        choices=("f16", "q8", "q6", "q4", "lowrank", "merged"),
    )
    budget: int = _setting(1024, "MiB for stored cells on disk; 0: store none.", least=0)
    ram: int = _setting(256, "MiB of them that a running memcli holds ready.", least=0)
    limit: float = _setting(
        0.05,
        "Divergence (KL of the next token, in nats) from which a model reads text instead.",
        least=0.0,
    )


@dataclass(frozen=True, slots=True)
class ChatConfig:
    """The conversation."""

    learn: bool = _setting(True, "Keep what you say about yourself as memories.")
    system: str = _setting("", "System prompt; empty: prompts/system.md.")
    window: str = _setting(
        "window",
        "Turns that leave the context are 'window': summarised, and what follows is read again;"
        " 'sinks': cut out; 'compressive': thinned to the tokens that say most.",
        choices=("window", "sinks", "compressive"),
    )


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The world outside, which memcli only meets when asked to."""

    offline: bool = _setting(False, "Make every use of the network an error.")


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. ``origins`` says where each value that is not a default came from."""

    user: UserConfig = field(default_factory=UserConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    embedder: EmbedderConfig = field(default_factory=EmbedderConfig)
    index: IndexConfig = field(default_factory=IndexConfig)
    recall: RecallConfig = field(default_factory=RecallConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    state: StateConfig = field(default_factory=StateConfig)
    kv: KVConfig = field(default_factory=KVConfig)
    chat: ChatConfig = field(default_factory=ChatConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    origins: Mapping[str, str] = field(default_factory=dict)

    def items(self) -> Iterator[tuple[str, Any, str]]:
        """Yield ``(key, value, origin)`` for every setting, in the order of declaration."""
        for key, _ in declared():
            section, name = key.split(".")
            yield key, getattr(getattr(self, section), name), self.origins.get(key, "default")


def sections() -> dict[str, type]:
    """Return the section classes by name."""
    hints = get_type_hints(Config)
    return {f.name: hints[f.name] for f in dataclasses.fields(Config) if f.name != "origins"}


def declared() -> Iterator[tuple[str, dataclasses.Field[Any]]]:
    """Yield every setting's key with its field."""
    for section, cls in sections().items():
        for setting in dataclasses.fields(cls):
            yield f"{section}.{setting.name}", setting


def load(flags: Mapping[str, Any] | None = None) -> Config:
    """Read the settings of this run.

    Raises:
        InvalidInput: the file is not TOML, or a key or a value is not known.
    """
    path = paths.config_file()
    values = {key: (value, str(path)) for key, value in _from_file(path).items()}
    variables = {"MEMCLI_" + key.replace(".", "_").upper(): key for key, _ in declared()}
    variables["MEMCLI_OFFLINE"] = "network.offline"
    for variable, key in variables.items():
        if variable in os.environ:
            values[key] = (os.environ[variable], variable)
    values.update({key: (value, "flag") for key, value in (flags or {}).items()})
    return _build(values)


def set_value(key: str, text: str) -> Any:
    """Check a setting, write it to the file, keeping its comments, and return its value.

    Raises:
        InvalidInput: the key or the value is not known.
    """
    import tomlkit  # 30 ms, and only writing needs it

    value = _parse(key, text, "the command line")
    path = paths.config_file()
    _from_file(path)  # a broken file is refused, not written over
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    section, name = key.split(".")
    document.setdefault(section, tomlkit.table())[name] = value
    paths.write_private(path, tomlkit.dumps(document))
    return value


def _from_file(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"{path} cannot be read: {error}", "Mend it, or move it away to start from defaults."
        ) from error
    flat: dict[str, Any] = {}
    for section, settings in document.items():
        if not isinstance(settings, dict):
            raise _unknown(section, str(path))
        flat.update({f"{section}.{name}": value for name, value in settings.items()})
    return flat


def _build(values: Mapping[str, tuple[Any, str]]) -> Config:
    chosen: dict[str, dict[str, Any]] = {name: {} for name in sections()}
    for key, (raw, origin) in values.items():
        value = _parse(key, raw, origin)
        section, name = key.split(".")
        chosen[section][name] = value
    built = {name: cls(**chosen[name]) for name, cls in sections().items()}
    return Config(**built, origins={key: origin for key, (_, origin) in values.items()})


def _parse(key: str, raw: Any, origin: str) -> Any:
    known = dict(declared())
    if key not in known:
        raise _unknown(key, origin)
    default, limits = known[key].default, known[key].metadata
    try:
        value = _convert(raw, type(default))
    except (TypeError, ValueError):
        raise InvalidInput(
            f"{key} = {raw!r} (from {origin}) is not {KINDS[type(default)]}.", limits["doc"]
        ) from None
    _check_limits(key, value, limits)
    return value


def _convert(raw: Any, kind: type) -> Any:
    if kind is bool:
        word = str(raw).strip().lower()
        if word not in TRUE | FALSE:
            raise ValueError(raw)
        return word in TRUE
    whole = isinstance(raw, float) and kind is int and not raw.is_integer()
    if isinstance(raw, bool) or whole or (kind is str and not isinstance(raw, str)):
        raise TypeError(raw)
    return kind(raw)


def _check_limits(key: str, value: Any, limits: Mapping[str, Any]) -> None:
    least, most = limits.get("least"), limits.get("most", math.inf)
    if "choices" in limits and value not in limits["choices"]:
        raise InvalidInput(
            f"{key} = {value!r} is not one of {', '.join(limits['choices'])}.", limits["doc"]
        )
    if least is not None and not least <= value <= most:  # so that NaN fails too
        bounds = f"at least {least}" + (f" and at most {most}" if "most" in limits else "")
        raise InvalidInput(f"{key} = {value} must be {bounds}.", limits["doc"])


def _unknown(key: str, origin: str) -> InvalidInput:
    near = difflib.get_close_matches(key, [known for known, _ in declared()], n=1)
    hint = f"Did you mean {near[0]}?" if near else "memcli config show lists every setting."
    return InvalidInput(f"There is no setting {key!r} (from {origin}).", hint)
