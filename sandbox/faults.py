"""Faults on demand: what breaks, at which calls, how often, with which chance (docs/sandbox.md)."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Protocol

from sandbox.messages import Request


class FaultKind(StrEnum):
    """What breaks. The kinds from ``WRONG_MD5`` on befall only the calls for which a platform has them."""

    #: The connection is reset (TCP RST), after ``after_bytes`` of the body.
    RESET = "reset"
    #: The connection ends after ``after_bytes`` of the body.
    CLOSE_AFTER = "close_after"
    HTTP_500 = "http_500"
    HTTP_503 = "http_503"
    #: Everything is read and nothing answered until the connection ends after ``seconds``.
    HANG = "hang"
    #: Each ``after_bytes`` of the body (0: the body as a whole) and the answer take ``seconds``.
    SLOW = "slow"
    #: The work is done, and half of the answer is the answer.
    CUT_JSON = "cut_json"
    #: A proxy's page for people with HTTP ``status`` (502, or 200).
    HTML = "html"
    #: The work is done, and the connection ends without an answer.
    LOST_ANSWER = "lost_answer"
    #: The bytes arrive changed: the platform says so in its own way and keeps none of them.
    WRONG_MD5 = "wrong_md5"
    #: The access token that the call carries has expired.
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 (the name of a fault)
    #: The temporary storage access that the call carries has expired.
    EXPIRED_STS = "expired_sts"
    #: The address that was handed out for the bytes has expired.
    EXPIRED_ADDRESS = "expired_address"
    #: The platform has dropped the upload that the call is about.
    DROPPED_SESSION = "dropped_session"


class FaultError(ValueError):
    """A fault that cannot be; the text says why."""


@dataclass(frozen=True)
class Fault:
    """One fault. ``path`` is the start of a request's path or of a call's name as ``Faults.counts`` tells it ("": every
    call of the platforms); ``times`` None: for ever; ``chance``: the probability at each call that matches.
    """

    kind: FaultKind
    path: str = ""
    method: str | None = None
    times: int | None = 1
    chance: float = 1.0
    after_bytes: int = 0
    seconds: float = 30.0
    status: int = 502

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Fault":
        """From JSON. Raises FaultError for a name or a type that a fault does not have."""
        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown or "kind" not in values:
            raise FaultError(f"a fault has a kind and no {', '.join(sorted(unknown)) or 'other way to say it'}")
        wrong = [name for name, value in values.items() if not isinstance(value, _TYPES[name])]
        if wrong:
            raise FaultError(f"of a wrong type: {', '.join(sorted(wrong))}")
        return cls(**{**values, "kind": _kind(values["kind"])})

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """From ``kind=http_503,chance=0.05``; without ``times`` it is there for ever. Raises FaultError."""
        pairs = dict(pair.partition("=")[::2] for pair in text.split(","))
        return cls.of({"times": None} | {name.strip(): _value(name.strip(), value) for name, value in pairs.items()})


_TEXTS = frozenset({"kind", "path", "method"})
_TYPES: dict[str, Any] = {
    "kind": str,
    "path": str,
    "method": str | None,
    "times": int | None,
    "chance": int | float,
    "after_bytes": int,
    "seconds": int | float,
    "status": int,
}


def _value(name: str, text: str) -> object:
    try:
        return text if name in _TEXTS else json.loads(text)
    except ValueError as error:
        raise FaultError(f"{name} is no number: {text!r}") from error


def _kind(name: str) -> FaultKind:
    try:
        return FaultKind(name)
    except ValueError as error:
        raise FaultError(f"there is no fault {name!r}; there are {', '.join(FaultKind)}") from error


@dataclass(frozen=True)
class Strike:
    """A fault of a platform's own: the calls that can have it, by name, and what brings it about.

    ``strike`` changes the platform or the request; then the call is answered as ever.
    """

    calls: frozenset[str]
    strike: Callable[[Request], None]


class Target(Protocol):
    """A service as its faults see it."""

    @property
    def name(self) -> str: ...

    def calls_below(self, path: str) -> frozenset[str]:
        """The names of the calls that a fault of this ``path`` can meet."""

    def call_of(self, request: Request) -> str:
        """The name of the call that a request makes; "" when there is no such call."""

    def strikes(self) -> Mapping[FaultKind, Strike]:
        """The faults that this service alone can bring about."""


@dataclass
class _Standing:
    fault: Fault
    left: int | None


class Faults:
    """The faults that stand, in the order in which they were added. Threads share it.

    ``counts``: how often each kind has struck, by (service, call, kind).
    """

    def __init__(self, targets: Iterable[Target], owner_of: Callable[[str], object]) -> None:
        """``owner_of``: which service a path belongs to before all others, None when to no one in particular."""
        self._targets = tuple(targets)
        self._owner_of = owner_of
        self._lock = threading.Lock()
        self._standing: dict[int, _Standing] = {}
        self._last = 0
        self._random = random.Random()  # noqa: S311 (no secret comes of it)
        self._counts: Counter[tuple[str, str, FaultKind]] = Counter()

    def add(self, fault: Fault) -> int:
        """Let it strike from now on; answers its id. Raises FaultError when no call could ever have it."""
        self._check(fault)
        with self._lock:
            self._last += 1
            self._standing[self._last] = _Standing(fault, fault.times)
            return self._last

    def remove(self, number: int) -> bool:
        """True when the fault was standing."""
        with self._lock:
            return self._standing.pop(number, None) is not None

    def clear(self) -> None:
        """Remove all; the counts stay."""
        with self._lock:
            self._standing.clear()

    def seed(self, number: int) -> None:
        """Begin the chances anew: the same calls in the same order then meet the same faults."""
        with self._lock:
            self._random.seed(number)

    @property
    def counts(self) -> Counter[tuple[str, str, FaultKind]]:
        with self._lock:
            return self._counts.copy()

    def listed(self) -> list[dict[str, Any]]:
        """The standing faults as JSON, with ``id`` and ``left``."""
        with self._lock:
            return [{"id": key, **asdict(each.fault), "left": each.left} for key, each in self._standing.items()]

    def counted(self) -> list[dict[str, Any]]:
        """``counts`` as JSON."""
        rows = sorted(self.counts.items())
        return [{"platform": name, "call": call, "kind": kind, "count": n} for (name, call, kind), n in rows]

    def take(self, target: Target, request: Request) -> Fault | None:
        """The fault that strikes this request, counted and used up by asking."""
        if not self._standing or target not in self._targets:
            return None
        call = target.call_of(request)
        with self._lock:
            for key, standing in self._standing.items():
                if not self._meets(standing.fault, target, request, call):
                    continue
                if standing.left is not None:
                    standing.left -= 1
                    if not standing.left:
                        del self._standing[key]
                self._counts[target.name, call, standing.fault.kind] += 1
                return standing.fault
        return None

    def _meets(self, fault: Fault, target: Target, request: Request, call: str) -> bool:
        if fault.method not in (None, request.method):
            return False
        if not (request.path.startswith(fault.path) or call.startswith(fault.path)):
            return False
        if fault.kind in OWN and not _can_have(target, fault.kind, frozenset({call})):
            return False
        return fault.chance >= 1 or self._random.random() < fault.chance

    def _check(self, fault: Fault) -> None:
        _check_values(fault)
        owner = self._owner_of(fault.path) if fault.path.strip("/") else None
        met = [(each, each.calls_below(fault.path)) for each in self._targets if owner in (None, each)]
        if not any(calls for _, calls in met):
            raise FaultError(f"no platform has a call below {fault.path!r}")
        if fault.kind in OWN and not any(_can_have(target, fault.kind, calls) for target, calls in met):
            able = sorted(call for each in self._targets for call in _calls_with(each, fault.kind))
            raise FaultError(f"no call below {fault.path!r} can have {fault.kind}; these can: {', '.join(able)}")


#: The kinds that only some calls of some platforms can have.
OWN = frozenset(
    {
        FaultKind.WRONG_MD5,
        FaultKind.EXPIRED_TOKEN,
        FaultKind.EXPIRED_STS,
        FaultKind.EXPIRED_ADDRESS,
        FaultKind.DROPPED_SESSION,
    }
)


def _calls_with(target: Target, kind: FaultKind) -> frozenset[str]:
    strike = target.strikes().get(kind)
    return strike.calls if strike else frozenset()


def _can_have(target: Target, kind: FaultKind, calls: frozenset[str]) -> bool:
    return bool(calls & _calls_with(target, kind))


def _check_values(fault: Fault) -> None:
    _kind(fault.kind)
    if fault.times is not None and fault.times < 1:
        raise FaultError("times is at least 1, or none at all: for ever")
    if not 0 <= fault.chance <= 1:
        raise FaultError("chance is from 0 to 1")
    if fault.after_bytes < 0 or not 0 <= fault.seconds < float("inf"):
        raise FaultError("after_bytes and seconds are not negative")
    if not 200 <= fault.status <= 599:
        raise FaultError("status is from 200 to 599")
