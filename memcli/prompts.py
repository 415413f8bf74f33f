"""The prompts that are sent to a model: Markdown files, filled in by Jinja2 in a sandbox.

A file of the same name in the user's own ``prompts`` folder wins over the one memcli ships.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from memcli import paths
from memcli.errors import InvalidInput, NotFound

PACKAGE = Path(__file__).parent


def folders() -> list[Path]:
    """Return where prompts are looked for, the user's own folder first.

    An installed memcli carries ``prompts/`` inside the package; in a checkout it stands beside it.
    """
    return [paths.user_prompts(), PACKAGE / "_prompts", PACKAGE.parent / "prompts"]


def find(name: str) -> Path:
    """Return the file that holds a prompt.

    Raises:
        NotFound: no folder has it.
    """
    for folder in folders():
        if (path := folder / f"{name}.md").is_file():
            return path
    raise NotFound(f"There is no prompt {name!r}.", f"It should be in {folders()[1]}.")


def render(name: str, **values: Any) -> str:
    """Return a prompt with its blanks filled in, without surrounding white space.

    Raises:
        InvalidInput: the file is no valid template.
    """
    from jinja2 import StrictUndefined  # 60 ms
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    path = find(name)
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    try:
        return environment.from_string(path.read_text("utf-8")).render(**values).strip()
    except Exception as error:  # a template is a program
        raise InvalidInput(f"The prompt {path} is broken: {error}", "Mend or delete it.") from error
