"""What every storage does: it keeps a file, says how it is, and hands out any part of it to several threads."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.base import ContentFile

from platforms.contract import ReadsAhead, SourceChanged
from platforms.storage import ClosingSource, MediaStorage

NAME = "videos/2026/11/lesson.mp4"
DATA = random.Random(7).randbytes(3_000_017)
MD5 = hashlib.md5(DATA).hexdigest()
BLOCK = 64 * 1024


@pytest.fixture
def storage(place) -> MediaStorage:
    """One that keeps a file."""
    made: MediaStorage = place.storage()
    assert made.save(NAME, ContentFile(DATA)) == NAME
    return made


def opened(storage: MediaStorage, size: int = len(DATA)) -> ClosingSource:
    return storage.open_ranges(NAME, called="第一课.MP4", size=size, md5=MD5)


def part(source: ClosingSource, offset: int, length: int) -> bytes:
    """Read as uploads read: announced as a whole, in blocks."""
    if isinstance(source, ReadsAhead):
        source.expect(offset, length)
    ends = range(offset, offset + length, BLOCK)
    return b"".join(source.read(at, min(BLOCK, offset + length - at)) for at in ends)


def test_a_file_is_kept_under_its_name(storage, place):
    assert place.names() == [NAME]
    assert storage.exists(NAME)
    assert storage.size(NAME) == len(DATA)
    with storage.open(NAME, "rb") as file:
        assert file.read(100) == DATA[:100]
        file.seek(-100, 2)
        assert file.read() == DATA[-100:]
        file.seek(1_000_000)
        assert file.read(5) == DATA[1_000_000:1_000_005]


def test_an_open_file_says_what_drivers_ask(storage):
    with opened(storage) as source:
        assert (source.name, source.extension, source.size, source.md5) == ("第一课.MP4", "mp4", len(DATA), MD5)


def test_any_part_is_read_by_several_threads_at_once(storage):
    step = 300_000
    offsets = list(range(0, len(DATA), step))
    random.Random(1).shuffle(offsets)
    with opened(storage) as source, ThreadPoolExecutor(4) as threads:
        parts = threads.map(lambda at: part(source, at, min(step, len(DATA) - at)), offsets)
        read = dict(zip(offsets, parts, strict=True))
    assert hashlib.md5(b"".join(read[at] for at in sorted(read))).hexdigest() == MD5


def test_a_part_is_sent_again_from_its_middle_or_its_beginning(storage):
    with opened(storage) as source:
        if isinstance(source, ReadsAhead):
            source.expect(1000, 500_000)
        assert source.read(1000, BLOCK) == DATA[1000 : 1000 + BLOCK]
        assert part(source, 1000, 500_000) == DATA[1000:501_000]
        assert source.read(300_000, 10) == DATA[300_000:300_010]
        assert source.read(300_000, BLOCK) == DATA[300_000 : 300_000 + BLOCK]


def test_nothing_is_read_beyond_the_end(storage):
    with opened(storage) as source, pytest.raises(SourceChanged):
        source.read(len(DATA) - 1, 2)


def test_nothing_is_read_once_it_is_closed(storage):
    with opened(storage) as source:
        source.read(0, 10)
    with pytest.raises(SourceChanged):
        source.read(10, 10)


def test_a_file_of_another_size_is_not_opened(storage):
    with pytest.raises(SourceChanged, match="bytes instead of"):
        opened(storage, len(DATA) + 1)


def test_a_file_that_was_removed_is_told_as_such(storage, place):
    place.drop(NAME)
    assert not storage.exists(NAME)
    with pytest.raises(SourceChanged):
        storage.look(NAME)
    with pytest.raises(SourceChanged):
        opened(storage)


def test_a_look_tells_a_file_from_another_of_the_same_length(storage, place):
    before = storage.look(NAME)
    assert (before.size, len(before.mark)) == (len(DATA), 16)
    assert storage.look(NAME) == before
    place.replace(NAME, bytes(len(DATA)))
    after = storage.look(NAME)
    assert after.size == before.size
    assert after.mark != before.mark
    assert after.identity != before.identity


def test_deleting_twice_does_no_harm(storage, place):
    storage.delete(NAME)
    storage.delete(NAME)
    assert place.names() == []
