"""How large the parts of an upload are, from what is left and how fast the line has been."""

from __future__ import annotations

import threading

from platforms.transport.slices import MIB

PARTS_A_CONNECTION = 2  # at least, so that all connections stay busy to the end
FIRST_PART = 4 * MIB  # before anything was measured
LONGEST_PART_SECONDS = 2.0  # what a stop or a crash costs on a slow line
WEIGHT = 0.5  # of the newest measurement


class Pace:
    """What one connection moves, in bytes a second, lately. Threads share it."""

    def __init__(self) -> None:
        self.rate: float | None = None
        self._lock = threading.Lock()

    def note(self, count: int, seconds: float) -> None:
        """A part of `count` bytes took so long, its answer included."""
        rate = count / max(seconds, 0.001)
        with self._lock:
            self.rate = rate if self.rate is None else WEIGHT * rate + (1 - WEIGHT) * self.rate

    def part_size(self, left: int, connections: int, smallest: int, largest: int) -> int:
        """The size of the next part when `left` bytes are to be sent over so many connections.

        As much as a connection moves in about two seconds, but so little that every connection has work to the end; at
        most `largest`. It is `smallest` doubled some times, so that parts begin at round offsets.
        """
        wanted = FIRST_PART if self.rate is None else int(self.rate * LONGEST_PART_SECONDS)
        fair = left // (PARTS_A_CONNECTION * connections)
        steps = max(1, min(wanted, fair, largest) // smallest)
        return smallest << (steps.bit_length() - 1)


def fixed_part_size(size: int, connections: int, smallest: int, largest: int, most_parts: int = 0) -> int:
    """The part size for a protocol that fixes it before the first byte: a multiple of `smallest`.

    A small file is split so that every connection has work to the end; a large one into 4 MiB and more, for fewer
    answers, while 4 MiB still move in seconds over a slow line. More than `largest` only for `most_parts` (0: any).
    """
    fair = min(size // (PARTS_A_CONNECTION * connections), FIRST_PART)
    wanted = min(max(fair, size // 32), largest)
    needed = -(-size // (smallest * most_parts)) if most_parts else 0
    return max(1, wanted // smallest, needed) * smallest
