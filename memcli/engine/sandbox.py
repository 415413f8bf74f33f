"""A sandbox for chat templates: each is a program that came with a model, and must come to an end.

Jinja2's own keeps a template from what is outside. Here it cannot run for ever, nor make texts
that no machine has room for. What a template may use is what Transformers gives it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any

from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension, loopcontrols
from jinja2.filters import do_format
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST = 200_000  # of work in one rendering: turns of loops, calls, and what they are given
EACH = 2_000  # more for each message; templates in use take up to three hundred
PARTS = 16  # characters or items that are as much work as a turn of a loop
CALL = 20  # times as much work as a turn of a loop
STEPS = "steps of a loop"  # the name of a filter that no template can spell
ABSENT = ("tools", "tool_choice", "functions", "function_call")  # which many templates ask for


class Unbounded(Exception):
    """A template does not come to an end, or makes something that is too large."""


class _Generation(Extension):
    """The tag ``generation`` of Transformers, around what an assistant says."""

    tags = {"generation"}  # noqa: RUF012 (as the class above declares it)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        parser.stream.skip(1)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Code(CodeGenerator):
    """Lets the sandbox put texts together, too."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 (Jinja2's name)
        self.write("environment.concat((")
        for part in node.nodes:
            self.write("str(")
            self.visit(part, frame)
            self.write("), ")
        self.write("))")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 as chat templates know it, which does so much work and then no more."""

    code_generator_class = _Code
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        # Nothing is computed before it is rendered, when its work counts.
        super().__init__(
            trim_blocks=True, lstrip_blocks=True, optimized=False,
            extensions=[_Generation, loopcontrols],
        )  # fmt: skip
        self.filters.update({name: self._counted(made) for name, made in self.filters.items()})
        self.filters.update({"tojson": _to_json, STEPS: self._steps})
        self.globals.update(raise_exception=_refuse, strftime_now=_now)
        self._left = MOST

    def rendered(self, template: Template, **values: Any) -> str:
        """Return what a template makes of some values.

        Raises:
            Exception: whatever a template does wrong; Unbounded if it is too much.
        """
        self._left = MOST + EACH * len(values.get("messages", ()))
        return template.render({**dict.fromkeys(ABSENT), **values})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Count what an operator makes before it is made."""
        one, other = _size(left), _size(right)
        if operator == "%":
            made = _width(left, right) if isinstance(left, str) else 1
        else:
            made = one + other if operator == "+" else one * other
        self._spend(made // PARTS)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, called: Any, /, *given: Any, **named: Any) -> Any:
        """Count a call, and what a function or the method of a text is given."""
        if isinstance(called, LoopContext):  # a loop within itself
            given = (self._steps(given[0]), *given[1:])
        owner = getattr(called, "__self__", "")
        if getattr(called, "__name__", "") in ("format", "format_map") and isinstance(owner, str):
            self._spend(_width(owner, given) // PARTS)
        self._count((*given, *named.values()), len(owner) if isinstance(owner, str) else 1)
        return super().call(context, called, *given, **named)

    def concat(self, parts: Iterable[str]) -> str:
        """Put texts together; a whole prompt is made with this, too."""
        kept = []
        for part in parts:
            self._spend(len(part) // PARTS)
            kept.append(part)
        return "".join(kept)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            counted = nodes.Filter(loop.iter, STEPS, [], [], None, None, lineno=loop.lineno)
            loop.iter = counted.set_environment(self)
        return tree

    def _steps(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._spend(1)
            yield value

    def _spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise Unbounded("it does not come to an end, or makes something too large")

    def _count(self, given: Iterable[Any], times: int = 1) -> None:
        """Count what a function is given: a number may be the width of a text."""
        for value in given:
            self._spend(_size(value) * max(times, 1) // (1 if isinstance(value, int) else PARTS))
        self._spend(CALL)

    def _counted(self, made: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(made)
        def counted(*given: Any, **named: Any) -> Any:
            self._count((*given, *named.values()))
            if made is do_format:
                self._spend(_width(str(given[0]), given[1:]) // PARTS)
            return made(*given, **named)

        return counted


def _size(value: Any) -> int:
    """Return how many items or characters something has; of a number, how often it repeats."""
    if isinstance(value, int):
        return abs(value)
    return len(value) if isinstance(value, (str, list, tuple, dict, range)) else 1


def _width(form: str, given: Any) -> int:
    """Return how wide a format may make what it is given."""
    widths = [int(number[:9]) for number in re.findall(r"\d{4,}", form)]
    taken = given if isinstance(given, tuple) else (given,)
    named = "*" in form or "{:{" in form  # the width is among what it is given
    return sum(widths) + sum(abs(n) for n in taken if named and isinstance(n, int))


def _to_json(value: Any, **options: Any) -> str:
    return json.dumps(value, **{"ensure_ascii": False, **options})


def _refuse(message: str) -> None:
    raise ValueError(message)


def _now(form: str) -> str:
    return datetime.now().strftime(form)  # noqa: DTZ005 (the day where the owner is)
