"""What belongs to a run of the matrix, and running it: several things at once, each in a lab of its own."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from script.fault_matrix import clocks, databases, kills, many, powercuts, queues, strikes
from script.fault_matrix.lab import FAULT, Lab, Result
from script.fault_matrix.protocols import PROTOCOLS

KILLS, SMALL_KILLS = 25, 2
UPLOADS, SMALL_UPLOADS = 200, 12


@dataclass(frozen=True)
class Choice:
    """What to run. `database_url`: of a PostgreSQL server, else SQLite; `redis_url`: the broker, else the database."""

    protocols: tuple[str, ...] = tuple(PROTOCOLS)
    groups: tuple[str, ...] = ()
    small: bool = False
    seed: int = 0
    database_url: str = ""
    redis_url: str = ""

    def chance(self, name: str) -> random.Random:
        """The chances of one thing, the same for the same seed whatever runs beside it."""
        return random.Random(f"{self.seed} {name}")  # noqa: S311 - chances, not secrets


@dataclass(frozen=True)
class Thing:
    """A part of the matrix that runs by itself."""

    name: str
    run: Callable[[], Iterable[Result]]


class Labs:
    """Labs that are used again: to start one takes as long as several uploads. Use it in `with`."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._lock = threading.Lock()
        self._free: list[Lab] = []
        self._all = ExitStack()

    def __enter__(self) -> Labs:
        return self

    def __exit__(self, *_: object) -> None:
        self._all.close()

    @contextmanager
    def lent(self, name: str) -> Iterator[Lab]:
        """A lab with the chances of this thing. One in which something has failed is not lent again."""
        with self._lock:
            lab = self._free.pop() if self._free else None
        lab = lab or self._new()
        lab.chance = self._choice.chance(name)
        yield lab
        with self._lock:
            self._free.append(lab)

    def _new(self) -> Lab:
        mine = ExitStack()
        try:
            settings = mine.enter_context(databases.own(self._choice.database_url))
            lab = mine.enter_context(Lab(self._choice.chance(""), settings))
        except BaseException:
            mine.close()
            raise
        with self._lock:
            self._all.push(mine)
        return lab


def of_protocols(choice: Choice, labs: Labs, group: str, run: Callable[[Lab, str], Iterable[Result]]) -> list[Thing]:
    """A thing for each protocol."""

    def go(protocol: str) -> Iterator[Result]:
        with labs.lent(f"{group} {protocol}") as lab:
            yield from run(lab, protocol)

    return [Thing(f"{group} {protocol}", partial(go, protocol)) for protocol in choice.protocols]


def kill_things(choice: Choice, labs: Labs) -> list[Thing]:
    count = SMALL_KILLS if choice.small else KILLS
    return of_protocols(choice, labs, "kill", lambda lab, name: kills.run(lab, PROTOCOLS[name], count))


def strike_things(choice: Choice, labs: Labs) -> list[Thing]:
    return of_protocols(
        choice, labs, "platform", lambda lab, name: strikes.run(lab, PROTOCOLS[name], small=choice.small)
    )


def clock_things(choice: Choice, labs: Labs) -> list[Thing]:
    hours = clocks.HOURS[:1] if choice.small else clocks.HOURS
    return of_protocols(choice, labs, "clock", lambda lab, name: clocks.run(lab, PROTOCOLS[name], hours))


def many_things(choice: Choice, labs: Labs) -> list[Thing]:
    count = SMALL_UPLOADS if choice.small else UPLOADS

    def go() -> Iterator[Result]:
        with labs.lent("random") as lab:
            yield from many.run(lab, count, choice.seed, choice.protocols)

    return [Thing("random", go)]


def queue_things(choice: Choice, labs: Labs) -> list[Thing]:
    return [Thing("queue", lambda: queues.run(choice.chance("queue"), small=choice.small, redis_url=choice.redis_url))]


def power_things(choice: Choice, labs: Labs) -> list[Thing]:
    if choice.small:
        return []
    return [Thing("power", lambda: powercuts.run(choice.chance("power"), choice.protocols))]


def database_things(choice: Choice, labs: Labs) -> list[Thing]:
    if choice.small:
        return []
    return [Thing("database", lambda: databases.run(choice.chance("database"), choice.protocols))]


#: In this order: what takes long and waits much comes first.
GROUPS: dict[str, Callable[[Choice, Labs], list[Thing]]] = {
    "queue": queue_things,
    "random": many_things,
    "power": power_things,
    "database": database_things,
    "kill": kill_things,
    "platform": strike_things,
    "clock": clock_things,
}


def run_all(choice: Choice, jobs: int, limit: float) -> Iterator[Result]:
    """Every result as it is known. What does not end within `limit` seconds is a result too."""
    with Labs(choice) as labs:
        things = [thing for group in choice.groups for thing in GROUPS[group](choice, labs)]
        yield from run_things(things, jobs, limit)


def run_things(things: Sequence[Thing], jobs: int, limit: float) -> Iterator[Result]:
    found: queue.Queue[Result | None] = queue.Queue()
    over, deadline = threading.Event(), time.monotonic() + limit
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="matrix")
    try:
        for thing in things:
            pool.submit(_run, thing, found, over)
        left = len(things)
        while left:
            result = found.get(timeout=max(0.0, deadline - time.monotonic()))
            left -= result is None
            if result is not None:
                yield result
    except queue.Empty:
        yield Result("all", "the whole matrix", FAULT, note=f"not over after {limit:.0f} seconds")
    finally:
        over.set()
        pool.shutdown(cancel_futures=True)


def _run(thing: Thing, found: queue.Queue[Result | None], over: threading.Event) -> None:
    """Put the results of a thing into `found`, in the end None. Between two results it may be told to stop."""
    try:
        for result in thing.run():
            found.put(result)
            if over.is_set():
                break
    except Exception as error:
        found.put(Result("all", thing.name, FAULT, note=f"{type(error).__name__}: {error}"))
    finally:
        found.put(None)
