"""Which files of a repository on the Hugging Face hub make a model, and what they must be.

The hub's own client library answers that, with the user's login; $HF_ENDPOINT may name a mirror.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from memcli.engine.web import GATED, Remote
from memcli.errors import InvalidInput, MemcliError, NotFound, Offline

SOURCE = re.compile(r"hf:(?P<repo>[\w.-]+/[\w.-]+)(?::(?P<which>[^:\x00-\x1f]+))?")
PAGE = re.compile(
    r"https?://[^/]+/(?P<repo>[\w.-]+/[\w.-]+)/(?:resolve|blob)/[^/]+/(?P<which>[^?#]+).*"
)
QUANT = re.compile(r"(?:UD-)?(?:I?Q\d\w*|T?Q\d_\d|BF16|F16|F32|MXFP4)(?![a-z])", re.IGNORECASE)
SHARD = re.compile(r"-(?P<number>\d{5})-of-(?P<count>\d{5})$")
NO_MODEL = re.compile(r"mmproj|imatrix|[\x00-\x1f\x7f-\x9f]", re.IGNORECASE)  # or no name
PREFERRED = "Q4_K_M"
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Found:
    """A model to fetch: its shards in order, most often one, and what to call it."""

    name: str
    source: str  # spelled in full, without secrets
    remotes: tuple[Remote, ...]


def source_of(text: str) -> str:
    """Return ``hf:…`` for the address of a file on the hub, and anything else as it is."""
    page = PAGE.fullmatch(text)
    here = text.startswith((f"{_endpoint()}/", "https://huggingface.co/", "https://hf.co/"))
    return f"hf:{page['repo']}:{page['which']}" if page and here else text


def find(source: str) -> Found:
    """Ask the hub for ``hf:ORGANISATION/REPOSITORY[:QUANT or file]``.

    Raises:
        InvalidInput: the source is not of this form, or fits several models.
        NotFound: there is no such repository, or no such model in it.
        Offline: the hub's library was told to stay offline.
    """
    parts = SOURCE.fullmatch(source)
    if not parts:
        raise InvalidInput(
            f"{source} names no model.", "As in: memcli model pull hf:Qwen/Qwen3-4B-GGUF:Q4_K_M"
        )
    repo, which = parts["repo"], parts["which"] or ""
    info, authorization = _ask(repo)
    groups: dict[str, list[Any]] = {}
    for file in sorted(info.siblings or [], key=lambda file: str(file.rfilename)):
        path = PurePosixPath(file.rfilename)
        if path.suffix.lower() == ".gguf" and not NO_MODEL.search(str(path)):
            groups.setdefault(SHARD.sub("", str(path)[: -len(path.suffix)]), []).append(file)
    chosen = _choose(repo, which, sorted(groups))
    files = groups[chosen]
    _check_shards(chosen, [PurePosixPath(file.rfilename).stem for file in files])
    remotes = tuple(_remote(repo, info.sha, file, authorization) for file in files)
    return Found(PurePosixPath(chosen).name, f"hf:{repo}:{chosen}", remotes)


def _ask(repo: str) -> tuple[Any, str]:
    """Return what the hub says of a repository, and the header that shows who asks."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import HfApi, errors  # 300 ms
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    page = f"{_endpoint()}/{repo}"
    try:
        info = HfApi(endpoint=_endpoint()).model_info(repo, files_metadata=True, timeout=TIMEOUT)
        return info, build_hf_headers().get("authorization", "")
    except errors.GatedRepoError:
        raise MemcliError(f"{page} asks for a login.", GATED) from None
    except (errors.RepositoryNotFoundError, errors.HFValidationError):
        raise NotFound(f"There is no {page}, or it is private.", GATED) from None
    except errors.OfflineModeIsEnabled:
        raise Offline("HF_HUB_OFFLINE forbids to ask the hub.", "Unset it.") from None
    except Exception as error:  # the library's HTTP client changes from one version to the next
        status = getattr(getattr(error, "response", None), "status_code", None)
        what = f"HTTP {status}" if status else type(error).__name__
        raise MemcliError(f"{page} cannot be asked for: {what}.", "Try again later.") from None


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def _choose(repo: str, which: str, names: Sequence[str]) -> str:
    """Return the one model that is meant: by its file's name, or by its quantisation."""
    wanted = which.removesuffix(".gguf").lower()
    wanted = SHARD.sub("", wanted)
    fitting = [name for name in names if wanted and wanted == name.lower()]
    fitting = fitting or [name for name in names if _has(name, which or PREFERRED)]
    if not which and not fitting and len(names) == 1:
        fitting = list(names)
    if len(fitting) == 1:
        return fitting[0]
    there = ", ".join(fitting or sorted({_quant(name) for name in names}))
    if not there:
        raise NotFound(f"{repo} has no GGUF file.", "Its name often ends in -GGUF where it has.")
    if fitting:
        raise InvalidInput(
            f"hf:{repo}:{which or PREFERRED} fits several: {there}.", f"Name one: hf:{repo}:FILE"
        )
    raise NotFound(
        f"{repo} has no {which or PREFERRED}, but: {there}.", f"Name one: hf:{repo}:QUANT"
    )


def _has(name: str, quant: str) -> bool:
    return bool(re.search(rf"(?<![a-z0-9]){re.escape(quant)}(?![a-z0-9_])", name, re.IGNORECASE))


def _quant(name: str) -> str:
    found = QUANT.findall(PurePosixPath(name).name)
    return found[-1].upper() if found else name


def _check_shards(name: str, stems: Sequence[str]) -> None:
    shards = [SHARD.search(stem) for stem in stems]
    if len(stems) == 1 and not shards[0]:
        return
    numbers = [(int(shard["number"]), int(shard["count"])) for shard in shards if shard]
    if numbers != [(i + 1, len(stems)) for i in range(len(stems))]:
        raise InvalidInput(f"The shards of {name} are not complete there.", "Choose another one.")


def _remote(repo: str, revision: str | None, file: Any, authorization: str) -> Remote:
    from huggingface_hub import hf_hub_url

    url = hf_hub_url(repo, file.rfilename, revision=revision, endpoint=_endpoint())
    sha256 = str(file.lfs.sha256).lower() if file.lfs else ""
    return Remote(url, file.size, sha256, authorization)
