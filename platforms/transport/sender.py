"""Send parts in parallel. Threads only move bytes: results, checkpoints and progress stay in the caller's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

P = TypeVar("P")
R = TypeVar("R")

PULSE_SECONDS = 1.0


def send_all(
    parts: Iterable[P],
    send: Callable[[P], R],
    on_sent: Callable[[P, R], P | None],
    on_wait: Callable[[], None],
    connections: int,
) -> None:
    """Run `send` for every part with at most `connections` at once.

    `parts` is drawn lazily, in this thread. `on_sent(part, result)` runs in this thread as each part is done and may
    answer one further part to send. `on_wait` runs in this thread at least every second. The first exception, from
    anywhere, stops the drawing, waits for what is in flight (finished parts are still reported to `on_sent`), and is
    raised.
    """
    waiting: Iterator[P] = iter(parts)
    running: dict[Future[R], P] = {}
    with ThreadPoolExecutor(connections, thread_name_prefix="send") as pool:
        try:
            more: list[P] = []
            while True:
                while len(running) < connections and (part := _next(more, waiting)) is not None:
                    running[pool.submit(send, part)] = part
                if not running:
                    return
                done, _ = wait(running, timeout=PULSE_SECONDS, return_when=FIRST_COMPLETED)
                for future in done:
                    further = on_sent(running.pop(future), future.result())
                    more += [] if further is None else [further]
                on_wait()
        except BaseException:
            _settle(running, on_sent)
            raise


def _next(more: list[P], waiting: Iterator[P]) -> P | None:
    return more.pop() if more else next(waiting, None)


def _settle(running: dict[Future[R], P], on_sent: Callable[[P, R], P | None]) -> None:
    """Let parts in flight finish, and report those that arrived so that they need not be sent again."""
    for future in running:
        future.cancel()
    wait([future for future in running if not future.cancelled()])
    for future, part in running.items():
        if not future.cancelled() and future.exception() is None:
            try:
                on_sent(part, future.result())
            except Exception:  # noqa: S112 - the first error is the one that is told
                continue
