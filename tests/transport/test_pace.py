from __future__ import annotations

import pytest

from platforms.transport.pace import Pace, fixed_part_size
from platforms.transport.slices import MIB

GIB = 1024 * MIB


def sizes(pace: Pace, size: int, connections: int = 4) -> list[int]:
    """The parts of a file, one after the other."""
    parts, left = [], size
    while left:
        parts.append(min(left, pace.part_size(left, connections, MIB, 32 * MIB)))
        left -= parts[-1]
    return parts


def test_a_small_file_keeps_every_connection_busy() -> None:
    assert len(sizes(Pace(), 32 * MIB)) >= 8
    assert 32 * MIB // fixed_part_size(32 * MIB, 4, MIB, 16 * MIB) >= 8


def test_parts_grow_with_the_line_and_shrink_towards_the_end() -> None:
    pace = Pace()
    pace.note(4 * MIB, 0.004)
    parts = sizes(pace, GIB)
    assert parts[0] == 32 * MIB
    assert parts == sorted(parts, reverse=True)
    assert parts[-1] <= MIB


def test_parts_take_about_two_seconds_on_a_slow_line() -> None:
    pace = Pace()
    for _ in range(10):
        pace.note(MIB, 0.5)
    assert pace.part_size(GIB, 4, MIB, 32 * MIB) == 4 * MIB


def test_a_line_that_hardly_moves_gets_the_smallest_parts() -> None:
    pace = Pace()
    pace.note(MIB, 600.0)
    assert pace.part_size(GIB, 4, MIB, 32 * MIB) == MIB


@pytest.mark.parametrize("size", [1, MIB, 100 * MIB, GIB, 20 * GIB, 500 * GIB])
def test_a_fixed_size_keeps_to_its_bounds(size: int) -> None:
    part = fixed_part_size(size, 4, MIB, 16 * MIB, 5000)
    assert part % MIB == 0
    assert -(-size // part) <= 5000
    assert MIB <= part <= max(16 * MIB, size // 4999 + MIB)
