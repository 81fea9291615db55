"""What one upload may use of a process's line: connections, shared fairly, and bytes a second."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from platforms.contract import Interrupted

BURST_SECONDS = 0.25
LOOK_SECONDS = 0.5  # at most so long does a waiting thread believe in a limit that may have changed
SHORTEST_WAIT = 0.001  # seconds; less than that is no wait
LARGEST_BLOCK, SMALLEST_BLOCK = 256 * 1024, 1024
BLOCKS_A_SECOND = 10  # under a limit, so that the flow is even


class Line:
    """The connections of one process. Uploads that run in it side by side share them evenly.

    `connections`: at most so many parts are under way at once in the process; `per_upload`: and so many of one upload.
    """

    def __init__(self, connections: int, per_upload: int) -> None:
        self._connections, self._per_upload = connections, per_upload
        self._lock = threading.Lock()
        self._lanes: set[Lane] = set()

    def lane(self) -> Lane:
        """A place on the line for one more upload; use it in `with`."""
        return Lane(self)

    def join(self, lane: Lane) -> None:
        with self._lock:
            self._lanes.add(lane)

    def leave(self, lane: Lane) -> None:
        with self._lock:
            self._lanes.discard(lane)

    def share(self) -> int:
        """How many connections each upload may use now."""
        return max(1, min(self._per_upload, self._connections // max(1, len(self._lanes))))

    def take(self, lane: Lane) -> bool:
        """A lane always gets one connection once others have shrunk to their share."""
        with self._lock:
            if lane.taken >= self.share() or sum(other.taken for other in self._lanes) >= self._connections:
                return False
            lane.taken += 1
            return True

    def give_back(self, lane: Lane) -> None:
        with self._lock:
            lane.taken -= 1


class Lane:
    """One upload's part of the line. Threads share it.

    `taken` connections are in use; `moved` counts the bytes that were handed to the network, repeated ones too.
    """

    def __init__(self, line: Line) -> None:
        self.taken = self.moved = 0
        self._line = line
        self._changed = threading.Condition()
        self._closed = False
        self._rate: float | None = None
        self._credit = 0.0
        self._counted_at = 0.0

    @property
    def share(self) -> int:
        """How many connections this upload may use now."""
        return self._line.share()

    @property
    def block(self) -> int:
        """How many bytes a thread is best to `spend` at once."""
        rate = self._rate
        return LARGEST_BLOCK if not rate else max(SMALLEST_BLOCK, min(LARGEST_BLOCK, int(rate / BLOCKS_A_SECOND)))

    def take(self) -> bool:
        """Take a connection for one more part; False while this upload has its share."""
        return self._line.take(self)

    def give_back(self) -> None:
        """Leave a connection that was taken to others."""
        self._line.give_back(self)

    def limit(self, bytes_a_second: float | None) -> None:
        """Send at most so much from now on; None: as fast as the line allows."""
        with self._changed:
            self._debt()
            self._rate, self._counted_at = bytes_a_second, time.monotonic()
            # A block that was sent under a high limit is no debt of hours under a tiny one.
            self._credit = max(self._credit, -float(self.block)) if bytes_a_second else 0.0
            self._changed.notify_all()

    def spend(self, count: int) -> None:
        """Count bytes that are about to be sent and wait until they may be. Raises `Interrupted` once closed.

        Bytes are sent on credit, then waited for: the wait is over as soon as the debt is paid, or the limit raised.
        """
        with self._changed:
            while not self._closed and (debt := self._debt()) > SHORTEST_WAIT:
                self._changed.wait(min(debt, LOOK_SECONDS))
            if self._closed:
                raise Interrupted
            self._credit -= count
            self.moved += count

    def close(self) -> None:
        """Stop whoever waits or wants to send."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _debt(self) -> float:
        """The seconds until more may be sent."""
        if not self._rate:
            return 0.0
        now = time.monotonic()
        earned = (now - self._counted_at) * self._rate
        self._credit = min(self._credit + earned, self._rate * BURST_SECONDS)
        self._counted_at = now
        return -self._credit / self._rate if self._credit < 0 else 0.0

    def __enter__(self) -> Lane:
        self._line.join(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
        self._line.leave(self)
