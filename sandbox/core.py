"""What every simulated platform is built from: the shared world, routes, and the stages of a video's life."""

import json
import os
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, TypedDict, TypeVar

from sandbox.faults import FaultKind, Strike
from sandbox.messages import Request, Response
from sandbox.received import Received
from sandbox.store import Store

MAIN_ACCOUNT = "main"
BEIJING = timezone(timedelta(hours=8))

StageT = TypeVar("StageT")


class Clock:
    """The simulator's own time; a restart keeps its distance from the machine's.

    ``advance`` lets time pass (or takes some back) without sleeping: clients are thought to have lived through it, so
    what they sign with the machine's time stays right. ``skew`` sets the platforms' clocks wrong, so it does not.
    ``hold`` is for clients whose own clock is moved, too: both stand still at the same moment.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        kept = {"seconds": 0.0, "skew": 0.0} | (store.get("clock", "offset") or {})
        self._offset, self._skew = float(kept["seconds"]), float(kept["skew"])
        self._held: float | None = None

    def now(self) -> float:
        """Unix seconds."""
        return self.signing() + self._offset

    def signing(self) -> float:
        """Unix seconds with which the time in a client's signature is compared."""
        return self.of_clients() + self._skew

    def of_clients(self) -> float:
        """Unix seconds as whoever talks to the platforms reads them."""
        return time.time() if self._held is None else self._held

    def advance(self, seconds: float) -> None:
        self._offset += seconds
        self._keep()

    def hold(self, moment: float | None) -> None:
        """It is this moment (unix seconds) for clients and platforms until another is set; None: time runs again.

        A restart lets it run.
        """
        self._held = moment

    def skew(self, seconds: float) -> None:
        """The platforms' clocks are so many seconds ahead of the clients' (negative: behind) from now on."""
        self._skew = seconds
        self._keep()

    def _keep(self) -> None:
        self._store.put("clock", "offset", {"seconds": self._offset, "skew": self._skew})


@dataclass
class World:
    """What the simulated platforms share. ``pace``: seconds that a video stays in each state."""

    data: Path
    store: Store
    clock: Clock
    pace: float
    #: ``http://127.0.0.1:N``, known once the server listens.
    url: str = ""
    received: Received = field(init=False)

    def __post_init__(self) -> None:
        self.received = Received(self.store)

    def folder(self, name: str) -> Path:
        """``DATA/files/NAME``, made when missing."""
        folder = self.data / "files" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def stage(self, since: float, stages: Sequence[StageT], pace: float | None = None) -> StageT:
        """The stage reached by now: each lasts ``pace`` seconds from ``since``, the last one for ever.

        Without a ``pace`` the world's counts.
        """
        pace = self.pace if pace is None else pace
        if pace <= 0:
            return stages[-1]
        passed = int(max(0.0, self.clock.now() - since) / pace)
        return stages[min(passed, len(stages) - 1)]


class Outcome(StrEnum):
    """What a platform makes of a video in the end; a title may ask for one (docs/sandbox.md)."""

    PUBLISHED = "published"
    REJECTED = "rejected"
    FAILED = "failed"
    BANNED = "banned"


TITLE_MARKS = {
    Outcome.BANNED: ("违禁", "[banned]"),
    Outcome.REJECTED: ("审核拒绝", "[reject]"),
    Outcome.FAILED: ("转码失败", "[fail]"),
}


def outcome_of(title: str) -> Outcome:
    """``[banned]`` is refused at create, ``[reject]`` in review, ``[fail]`` in transcoding."""
    for outcome, marks in TITLE_MARKS.items():
        if any(mark in title for mark in marks):
            return outcome
    return Outcome.PUBLISHED


def beijing_time(moment: float) -> str:
    """Unix seconds as ``2011-07-15 09:00:42`` in Beijing time."""
    return datetime.fromtimestamp(moment, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def utc_time(moment: float) -> str:
    """Unix seconds as ``2019-01-07T13:03:04Z``."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Refusal(Exception):
    """Ends a handler with the platform's own refusal as the answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"refused with HTTP {response.status}")
        self.response = response


Handler = Callable[[Request], Response]


@dataclass(frozen=True)
class Route:
    """One documented call: ``path`` is the whole path, ``{name}`` in it matches one segment's part.

    The handler finds what ``{name}`` matched in ``request.captured``.
    """

    method: str
    path: str
    handler: Handler
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        escaped = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        object.__setattr__(self, "pattern", re.compile(escaped))

    def may_start_with(self, path: str) -> bool:
        """Whether a path of this call, or its name, can start so."""
        given, own = path.split("/"), self.path.split("/")
        return len(given) <= len(own) and all(
            "{" in segment or (segment.startswith(start) if number == len(given) else segment == start)
            for number, (start, segment) in enumerate(zip(given, own, strict=False), start=1)
        )


class Service(ABC):
    """Something that answers every path below its ``prefixes`` (first path segments)."""

    name: ClassVar[str]
    prefixes: ClassVar[tuple[str, ...]]

    def __init__(self, world: World) -> None:
        self.world = world
        self._routes = tuple(self.routes())

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Every call that is answered: adding one is one row and one handler."""

    @abstractmethod
    def no_such_path(self, request: Request) -> Response:
        """How this service says that it has no such call."""

    @abstractmethod
    def wrong_method(self, request: Request, allowed: Sequence[str]) -> Response:
        """How this service says that the call wants another HTTP method."""

    def strikes(self) -> Mapping[FaultKind, Strike]:
        """The faults that this service alone can bring about (``sandbox/faults.py``)."""
        return {}

    def upload_key(self, request: Request) -> str:
        """Under what ``world.received`` counts the bytes that this request brings; "": it brings none of a file."""
        return ""

    def call_of(self, request: Request) -> str:
        """The name of the call that a request makes, ``Route.path``; "" when there is no such call."""
        return next((route.path for route in self._routes if route.pattern.fullmatch(request.path)), "")

    def calls_below(self, path: str) -> frozenset[str]:
        """The names of the calls whose own path, or that of one of their requests, can start with ``path``.

        A path that is some call's own means that call.
        """
        own = {route.path for route in self._routes if path == route.path or route.pattern.fullmatch(path)}
        return frozenset(own or {route.path for route in self._routes if route.may_start_with(path)})

    def start(self) -> None:  # noqa: B027 (few services go on without requests)
        """Begin what goes on without requests; the address is known by now."""

    def stop(self) -> None:  # noqa: B027
        """End it; the store closes next. Called also when ``start`` never was."""

    def handle(self, request: Request) -> Response:
        try:
            return self._route(request)
        except Refusal as refusal:
            return refusal.response

    def _route(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        allowed: list[str] = []
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == method:
                request.captured = match.groupdict()
                return route.handler(request)
            if match:
                allowed.append(route.method)
        return self.wrong_method(request, allowed) if allowed else self.no_such_path(request)


class VideoRow(TypedDict):
    """One video as tests and the control pages see it. ``created``: unix seconds; ``md5``: "" until assembled.

    ``received``: bytes of its file that have arrived, repeated and refused ones too, in ``parts`` requests.
    """

    platform: str
    id: str
    account: str
    title: str
    state: str
    md5: str
    size: int
    created: float
    page: str
    received: int
    parts: int


@dataclass(frozen=True)
class Planted:
    """A video that a platform is to have without a byte being sent: its file has ``arrived`` (unix seconds).

    It stays ``pace`` seconds in each state; its title may ask for an ending. No list has it before it has arrived.
    """

    title: str
    arrived: float
    pace: float


class Platform(Service):
    """A service with accounts and videos."""

    @abstractmethod
    def credentials(self, account: str = MAIN_ACCOUNT) -> dict[str, str]:
        """What this account's owner would type into a hub now: the current secrets and tokens.

        An account that does not exist yet is made, once for this data folder.
        """

    @abstractmethod
    def videos(self) -> list[VideoRow]:
        """Every video that was ever created here, deleted ones too, oldest first."""

    @abstractmethod
    def plant(self, videos: Iterable[Planted], account: str = MAIN_ACCOUNT) -> list[str]:
        """Have these videos, thousands at once; answers their ids in order. There is nothing to play in them."""

    @abstractmethod
    def remove(self, video_id: str) -> None:
        """Delete a video as its owner would on the platform's own pages. Raises LookupError when there is none."""

    def credentials_path(self, account: str = MAIN_ACCOUNT) -> Path:
        """``DATA/credentials/PLATFORM.json``; other accounts have their name in it."""
        name = self.name if account == MAIN_ACCOUNT else f"{self.name}-{account}"
        return self.world.data / "credentials" / f"{name}.json"

    def write_credentials(self, account: str = MAIN_ACCOUNT) -> Path:
        """Put ``credentials(account)`` into its file, readable for this user only; call it after each change."""
        path = self.credentials_path(account)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self.credentials(account), file, indent=2)
        draft.replace(path)
        return path
