from __future__ import annotations

import random

import pytest

from platforms.contract import Interrupted
from platforms.transport.bodies import BLOCK, FileBody
from tests.drivers.lent import BytesSource

DATA = random.Random(1).randbytes(2 * BLOCK + 7)


def read_all(body: FileBody, size: int) -> bytes:
    return b"".join(iter(lambda: body.read(size), b""))


@pytest.mark.parametrize("size", [1000, 16384, BLOCK, 5 * BLOCK, -1])
def test_it_reads_the_bytes_inside_a_form(size: int) -> None:
    body = FileBody(BytesSource(DATA), 0, len(DATA))
    body.as_form("data")
    text = read_all(body, size)
    assert text.partition(b"\r\n\r\n")[2].startswith(DATA + b"\r\n--")
    assert len(body) == len(text)


def test_it_reads_a_part_of_the_file() -> None:
    body = FileBody(BytesSource(DATA), 5, BLOCK + 3)
    assert read_all(body, 4096) == DATA[5 : BLOCK + 8]
    assert len(body) == BLOCK + 3


def test_it_never_holds_more_than_a_block() -> None:
    source = BytesSource(DATA)
    read_all(FileBody(source, 0, len(DATA)), -1)
    assert max(length for _, length in source.reads) <= BLOCK


def test_it_counts_the_bytes_of_the_file_that_were_handed_out() -> None:
    body = FileBody(BytesSource(DATA), 0, len(DATA))
    body.as_form("data")
    body.read(4)
    assert body.sent == 0
    read_all(body, BLOCK)
    assert body.sent == len(DATA)


def test_it_breaks_off_once_stopped() -> None:
    body = FileBody(BytesSource(DATA), 0, len(DATA))
    body.read(10)
    body.stop()
    with pytest.raises(Interrupted):
        body.read(10)


def test_a_form_holds_one_file_field() -> None:
    body = FileBody(BytesSource(b"film", "lesson.mp4"), 0, 4)
    content_type = body.as_form("data")
    boundary = content_type.partition("boundary=")[2]
    text = read_all(body, -1).decode()
    assert text.startswith(f'--{boundary}\r\nContent-Disposition: form-data; name="data"; filename="video.mp4"\r\n')
    assert text.endswith(f"\r\n\r\nfilm\r\n--{boundary}--\r\n")
    assert len(body) == len(text)
