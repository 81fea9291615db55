from __future__ import annotations

import hashlib
import random

import pytest

from platforms.contract import Interrupted, SourceChanged
from platforms.transport.bodies import BLOCK, BytesBody, FileBody, LanedSource
from platforms.transport.lanes import Line
from tests.drivers.lent import BytesSource

DATA = random.Random(1).randbytes(2 * BLOCK + 7)


def read_all(body: FileBody | BytesBody) -> bytes:
    return b"".join(body)


def test_it_holds_the_bytes_inside_a_form() -> None:
    body = FileBody(BytesSource(DATA), 0, len(DATA))
    body.as_form("data")
    text = read_all(body)
    assert text.partition(b"\r\n\r\n")[2].startswith(DATA + b"\r\n--")
    assert len(body) == len(text)


def test_it_reads_a_part_of_the_file() -> None:
    body = FileBody(BytesSource(DATA), 5, BLOCK + 3)
    assert read_all(body) == DATA[5 : BLOCK + 8]
    assert len(body) == BLOCK + 3


def test_it_never_holds_more_than_a_block() -> None:
    source = BytesSource(DATA)
    read_all(FileBody(source, 0, len(DATA)))
    assert max(length for _, length in source.reads) <= BLOCK


def test_it_counts_the_bytes_of_the_file_that_were_handed_out() -> None:
    body = FileBody(BytesSource(DATA), 0, len(DATA))
    body.as_form("data")
    blocks = iter(body)
    next(blocks)
    assert body.sent == 0
    list(blocks)
    assert body.sent == len(DATA)


def test_it_begins_anew_when_it_is_sent_again() -> None:
    body = FileBody(BytesSource(DATA), 1, BLOCK + 1, hashlib.md5)
    next(iter(body))
    assert read_all(body) == DATA[1 : BLOCK + 2]
    assert body.sent == len(body)
    assert body.hexdigest() == hashlib.md5(DATA[1 : BLOCK + 2]).hexdigest()


def test_its_bytes_are_read_only_when_they_are_sent() -> None:
    source = BytesSource(DATA)
    blocks = iter(FileBody(source, 0, len(DATA)))
    next(blocks)
    assert len(source.reads) == 1


@pytest.mark.parametrize("kind", ["file", "bytes"])
def test_it_breaks_off_once_the_lane_is_closed(kind: str) -> None:
    with Line(4, 4).lane() as lane:
        source = LanedSource(BytesSource(DATA), lane)
        body = FileBody(source, 0, len(DATA)) if kind == "file" else BytesBody(DATA, lane)
        blocks = iter(body)
        next(blocks)
        lane.close()
        with pytest.raises(Interrupted):
            next(blocks)


@pytest.mark.parametrize("kind", ["file", "bytes"])
def test_every_byte_is_spent_on_its_lane(kind: str) -> None:
    with Line(4, 4).lane() as lane:
        source = LanedSource(BytesSource(DATA), lane)
        body = FileBody(source, 0, len(DATA)) if kind == "file" else BytesBody(DATA, lane)
        assert read_all(body) == DATA
        assert lane.moved == len(DATA)


def test_its_blocks_are_small_under_a_limit() -> None:
    with Line(4, 4).lane() as lane:
        lane.limit(1e6)
        source = BytesSource(DATA[: BLOCK + 1])
        blocks = iter(FileBody(LanedSource(source, lane), 0, source.size))
        assert len(next(blocks)) == lane.block <= 100_000


def test_a_file_that_became_shorter_ends_it() -> None:
    class Shorter(BytesSource):
        def read(self, offset: int, length: int) -> bytes:
            raise SourceChanged("ends early")

    with pytest.raises(SourceChanged):
        read_all(FileBody(Shorter(DATA), 0, len(DATA)))


def test_a_form_holds_one_file_field() -> None:
    body = FileBody(BytesSource(b"film", "lesson.mp4"), 0, 4)
    content_type = body.as_form("data")
    boundary = content_type.partition("boundary=")[2]
    text = read_all(body).decode()
    assert text.startswith(f'--{boundary}\r\nContent-Disposition: form-data; name="data"; filename="video.mp4"\r\n')
    assert text.endswith(f"\r\n\r\nfilm\r\n--{boundary}--\r\n")
    assert len(body) == len(text)


def test_a_part_that_the_file_does_not_have_is_told_before_anything_is_sent() -> None:
    source = BytesSource(DATA)
    with pytest.raises(SourceChanged, match=f"{len(DATA)} bytes"):
        FileBody(source, 8, len(DATA))
    assert source.reads == []
