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

from platforms.contract import FALSE_WORDS, Access, Call, Driver, Parameter, Source, SourceChanged, WrongParameters
from platforms.errors import PlatformError, Refused
from platforms.transport.answers import BEIJING
from platforms.transport.http import Http
from platforms.transport.redact import SHORTEST_SECRET, masked
from platforms.transport.slices import ByteRange, LocalFile
from platforms.values import gettext_noop, say

F = TypeVar("F", bound=Callable[..., Any])

UNKNOWN_PARAMETER = gettext_noop("%(call)s has no parameter “%(name)s”. Expected: %(expected)s.")
MISSING_PARAMETER = gettext_noop("%(call)s needs the parameter “%(name)s”. Expected: %(expected)s.")
# By the type of the parameter; what takes any text cannot be wrong.
WRONG_PARAMETER = {
    "integer": gettext_noop("“%(name)s” must be a whole number, not “%(value)s”. Expected: %(expected)s."),
    "number": gettext_noop("“%(name)s” must be a number, not “%(value)s”. Expected: %(expected)s."),
    "date": gettext_noop("“%(name)s” must be a day such as 2026-11-01, not “%(value)s”. Expected: %(expected)s."),
    "time": gettext_noop(
        "“%(name)s” must be a time such as 2026-11-01 09:30:00 (Beijing), not “%(value)s”. Expected: %(expected)s."
    ),
    "flag": gettext_noop("“%(name)s” must be 1 or 0, not “%(value)s”. Expected: %(expected)s."),
    "range": gettext_noop("“%(name)s” must be a range such as 0-1023, not “%(value)s”. Expected: %(expected)s."),
    "file": gettext_noop("“%(name)s” must be a file that can be read, not “%(value)s”. Expected: %(expected)s."),
}
FILE_TOO_SHORT = gettext_noop("%(call)s was not sent: the file does not have these bytes (%(reason)s).")
TRUE_WORDS = frozenset({"1", "true", "yes"})


@dataclass(frozen=True, slots=True)
class _Mark:
    number: str
    http: str
    source: str
    danger: str
    danger_when: str
    also: tuple[str, ...]
    secrets: tuple[str, ...]
    hides: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def documented(
    number: str,
    http: str,
    source: str,
    *,
    danger: str = "",
    danger_when: str = "",
    also: tuple[str, ...] = (),
    secrets: tuple[str, ...] = (),
    hides: tuple[str, ...] = (),
    **names: str,
) -> Callable[[F], F]:
    """Mark a client method as a documented call (see `Call`); `names` maps its parameters to the document's, where
    they differ."""

    def mark(method: F) -> F:
        mark = _Mark(number, http, source, danger, danger_when, also, secrets, hides, names)
        method.__documented__ = mark  # type: ignore[attr-defined]
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
                mark.also,
                mark.secrets,
                mark.hides,
            )
    return dict(sorted(found.items(), key=lambda item: item[1].number))


def bind(call: Call, given: Mapping[str, str]) -> dict[str, Any]:
    """The Python arguments for parameters given as texts under the document's names; raises `WrongParameters`.

    An empty text is a parameter that is not given, as it is to the platforms.
    """
    known = {parameter.name: parameter for parameter in call.parameters}
    for name in given:
        if name not in known:
            raise WrongParameters(say(UNKNOWN_PARAMETER, call=call.method, name=name, expected=call.expected()))
    filled = {name: value for name, value in given.items() if value.strip()}
    for name, parameter in known.items():
        if parameter.required and name not in filled:
            raise WrongParameters(say(MISSING_PARAMETER, call=call.method, name=name, expected=call.expected()))
    return {known[name].python: _converted(call, known[name], value) for name, value in filled.items()}


def _converted(call: Call, parameter: Parameter, value: str) -> Any:
    try:
        return CONVERTERS[parameter.type](value)
    except (ValueError, OSError, RuntimeError):  # the last one: a home folder that cannot be told
        sentence = WRONG_PARAMETER[parameter.type]
        raise WrongParameters(say(sentence, name=parameter.name, value=value, expected=call.expected())) from None


def _flag(value: str) -> bool:
    word = value.strip().lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ValueError(value)
    return word in TRUE_WORDS


def _texts(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _time(value: str) -> datetime:
    """Without a zone it is Beijing's, as in the platforms' documents."""
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


CONVERTERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "integer": int,
    "number": float,
    "date": date.fromisoformat,
    "time": _time,
    "list": _texts,
    "flag": _flag,
    "range": ByteRange.parse,
    "file": lambda value: LocalFile(Path(value).expanduser()),
}
TYPES: Mapping[Any, str] = {
    str: "text", int: "integer", float: "number", date: "date", datetime: "time", bool: "flag", ByteRange: "range",
    Source: "file", Sequence: "list", Collection: "list",
}  # fmt: skip


def _parameters(method: Callable[..., Any], names: Mapping[str, str]) -> tuple[Parameter, ...]:
    hints = get_type_hints(method)
    return tuple(
        Parameter(
            names.get(name, name), name, _type(hints[name]), parameter.default is parameter.empty,
            _shown(parameter.default),
        )
        for name, parameter in list(inspect.signature(method).parameters.items())
        if name != "self"
    )  # fmt: skip


def _shown(default: Any) -> str:
    """A default as it would be given; "" for none and for an empty one."""
    if default is inspect.Parameter.empty or default is None or default == ():
        return ""
    return str(int(default)) if isinstance(default, bool) else str(default)


def _type(hint: Any) -> str:
    """The type of the first choice of a hint: the others are for callers in Python."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    origin = get_origin(hint)
    return TYPES[{list: Sequence, tuple: Sequence}.get(origin, origin) if origin else hint]


class ClientDriver(Driver):
    """A driver whose calls all go through one client, an instance of `client` kept as `api`."""

    client: ClassVar[type]
    api: Any

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.api = self.client(access)

    @property
    def calls(self) -> int:
        return int(self.api.http.calls)

    def ask_before_calls(self, may_call: Callable[[], None]) -> None:
        self.api.http.may_call = may_call

    @classmethod
    def documented_calls(cls) -> Mapping[str, Call]:
        return calls_of(cls.client)

    @classmethod
    def arguments(cls, method: str, given: Mapping[str, str]) -> dict[str, Any]:
        return bind(cls.documented_calls()[method], given)

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        before = self.api.http.calls
        try:
            result = getattr(self.api, method)(**arguments)
        except SourceChanged as error:
            raise WrongParameters(say(FILE_TOO_SHORT, call=method, reason=str(error))) from None
        except PlatformError as error:
            sent = self.api.http.calls > before
            if isinstance(error, Refused) and not sent:
                raise WrongParameters(error.sentence) from None
            error.answer = _refusal(self.api.http) if sent else None
            raise
        if self.api.http.calls == before:
            # Nothing was to be sent: the result itself is the answer, such as an address for a browser.
            return result if isinstance(result, str) else None
        return _last_answer(self.api.http)


def _refusal(http: Http) -> Any:
    """What came last, without the secrets of the request: a refusal may repeat what it refuses."""
    secrets = http.last_answer.secrets if http.last_answer else frozenset()
    return masked(_last_answer(http), (), [secret for secret in secrets if len(secret) >= SHORTEST_SECRET])


def _last_answer(http: Http) -> Any:
    """What came last: parsed where it is JSON, else a text; None when nothing came."""
    if http.last_answer is None:
        return None
    try:
        return json.loads(http.last_answer.body)
    except ValueError:
        return http.last_answer.body.decode("utf-8", "replace")
