"""Documented calls: each client method with its place in the platform's document, callable by the document's names."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

from platforms.contract import FALSE_WORDS, Call, Parameter, WrongParameters
from platforms.transport.http import Answer
from platforms.values import gettext_noop, say

F = TypeVar("F", bound=Callable[..., Any])

UNKNOWN_PARAMETER = gettext_noop("%(call)s has no parameter “%(name)s”. Expected: %(expected)s.")
MISSING_PARAMETER = gettext_noop("%(call)s needs the parameter “%(name)s”. Expected: %(expected)s.")
WRONG_PARAMETER = gettext_noop("“%(name)s” must be %(type)s, not “%(value)s”. Expected: %(expected)s.")
TRUE_WORDS = frozenset({"1", "true", "yes"})


@dataclass(frozen=True, slots=True)
class _Mark:
    number: str
    http: str
    source: str
    danger: str
    danger_when: str
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def documented(
    number: str, http: str, source: str, *, danger: str = "", danger_when: str = "", **names: str
) -> Callable[[F], F]:
    """Mark a client method as a documented call; `names` maps its parameters to the document's, where they differ."""

    def mark(method: F) -> F:
        method.__documented__ = _Mark(number, http, source, danger, danger_when, names)  # type: ignore[attr-defined]
        return method

    return mark


def calls_of(client: type) -> dict[str, Call]:
    """The documented calls of a client class, by method name, in the order of their numbers."""
    found = {}
    for name, method in inspect.getmembers(client, callable):
        mark: _Mark | None = getattr(method, "__documented__", None)
        if mark:
            found[name] = Call(
                mark.number,
                name,
                mark.http,
                mark.source,
                mark.danger,
                mark.danger_when,
                _parameters(method, mark.names),
            )
    return dict(sorted(found.items(), key=lambda item: item[1].number))


def bind(call: Call, given: Mapping[str, str]) -> dict[str, Any]:
    """The Python arguments for parameters given as texts under the document's names; raises `WrongParameters`."""
    known = {parameter.name: parameter for parameter in call.parameters}
    for name in given:
        if name not in known:
            raise WrongParameters(say(UNKNOWN_PARAMETER, call=call.method, name=name, expected=call.expected()))
    for parameter in call.parameters:
        if parameter.required and parameter.name not in given:
            raise WrongParameters(
                say(MISSING_PARAMETER, call=call.method, name=parameter.name, expected=call.expected())
            )
    return {known[name].python: _converted(call, known[name], value) for name, value in given.items()}


def _converted(call: Call, parameter: Parameter, value: str) -> Any:
    try:
        return CONVERTERS[parameter.type](value)
    except (ValueError, OSError):
        raise WrongParameters(
            say(WRONG_PARAMETER, name=parameter.name, type=parameter.type, value=value, expected=call.expected())
        ) from None


def _flag(value: str) -> bool:
    word = value.strip().lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ValueError(value)
    return word in TRUE_WORDS


def _texts(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


CONVERTERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "integer": int,
    "number": float,
    "date": date.fromisoformat,
    "time": datetime.fromisoformat,
    "list": _texts,
    "flag": _flag,
    "file": lambda value: Path(value).read_bytes(),
}
TYPES: Mapping[Any, str] = {
    str: "text", int: "integer", float: "number", date: "date", datetime: "time", bool: "flag", bytes: "file",
    Sequence: "list", Collection: "list",
}  # fmt: skip


def _parameters(method: Callable[..., Any], names: Mapping[str, str]) -> tuple[Parameter, ...]:
    hints = get_type_hints(method)
    return tuple(
        Parameter(
            names.get(name, name), name, _type(hints[name]), parameter.default is parameter.empty,
            "" if parameter.default in (parameter.empty, None) else str(parameter.default),
        )
        for name, parameter in list(inspect.signature(method).parameters.items())
        if name != "self"
    )  # fmt: skip


def _type(hint: Any) -> str:
    if get_origin(hint) in (Union, UnionType):
        (hint,) = [part for part in get_args(hint) if part is not type(None)]
    origin = get_origin(hint)
    return TYPES[{list: Sequence, tuple: Sequence}.get(origin, origin) if origin else hint]


class CallsByName:
    """A driver's documented calls, for drivers that keep their client as `api`."""

    client: ClassVar[type]
    api: Any

    @classmethod
    def documented_calls(cls) -> Mapping[str, Call]:
        return calls_of(cls.client)

    @classmethod
    def arguments(cls, method: str, given: Mapping[str, str]) -> dict[str, Any]:
        return bind(cls.documented_calls()[method], given)

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        getattr(self.api, method)(**arguments)
        answer: Answer | None = self.api.http.last_answer
        return None if answer is None else _readable(answer)


def _readable(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return answer.body.decode("utf-8", "replace")
