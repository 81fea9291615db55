from __future__ import annotations

import itertools
import random

import pytest
from oss2.utils import Crc64 as TheirCrc64

from platforms.transport.crc64 import Crc64, Pieces, combine

DATA = random.Random(64).randbytes(100_003)


def crc_of(data: bytes) -> int:
    checksum = Crc64()
    checksum.update(data)
    return checksum.value


def test_it_is_the_checksum_of_oss() -> None:
    theirs = TheirCrc64()
    theirs.update(DATA)
    assert crc_of(DATA) == theirs.crc
    assert crc_of(b"123456789") == 0x995DC9BBDF1939FA


def test_it_runs_over_blocks() -> None:
    checksum = Crc64()
    for at in range(0, len(DATA), 777):
        checksum.update(DATA[at : at + 777])
    assert (checksum.value, checksum.hexdigest()) == (crc_of(DATA), f"{crc_of(DATA):016x}")


@pytest.mark.parametrize("at", [0, 1, 4096, len(DATA) - 1, len(DATA)])
def test_two_checksums_combine_to_that_of_both(at: int) -> None:
    assert combine(crc_of(DATA[:at]), crc_of(DATA[at:]), len(DATA) - at) == crc_of(DATA)


def test_pieces_join_in_any_order() -> None:
    cuts = [0, 10, 500, 501, 70_000, len(DATA)]
    spans = list(itertools.pairwise(cuts))
    random.Random(7).shuffle(spans)
    pieces = Pieces([])
    for first, end in spans:
        assert pieces.whole(len(DATA)) is None
        pieces = Pieces(pieces.rows)
        pieces.add(first, end, crc_of(DATA[first:end]))
    assert pieces.whole(len(DATA)) == crc_of(DATA)
    assert len(pieces.rows) == 1


def test_it_tells_what_is_not_known() -> None:
    pieces = Pieces([])
    pieces.add(10, 20, 1)
    pieces.add(30, 40, 2)
    assert list(pieces.gaps(50)) == [(0, 10), (20, 30), (40, 50)]
    assert pieces.whole(50) is None


def test_a_piece_that_is_known_already_changes_nothing() -> None:
    pieces = Pieces([])
    pieces.add(0, 20, crc_of(DATA[:20]))
    pieces.add(10, 20, 5)
    assert pieces.whole(20) == crc_of(DATA[:20])
