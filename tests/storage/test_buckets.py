"""What goes wrong between the hub and a bucket: lines that break, objects that change, keys that do not fit."""

from __future__ import annotations

import hashlib
import random
import threading
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from django.utils.translation import override

from platforms.contract import SourceAway, SourceChanged
from platforms.models.wording import render
from platforms.storage import bucket
from platforms.storage.bucket import MIB, part_size
from tests.storage.line import Line
from tests.storage.places import S3, Moto, port_of
from tests.storage.test_every_storage import BLOCK, DATA, MD5, NAME, opened, part


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path: Path = tmp_path / "landed.mp4"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def kept(far, file):
    """A bucket that has the file."""
    far.storage().bring(file, NAME, lambda: None)
    far.line.requests.clear()
    return far


def sentence(error: SourceAway) -> str:
    with override("en"):
        return render(error.sentence.as_json())


# Reading --------------------------------------------------------------------------------------------------------------


def test_a_part_is_one_request_however_small_its_blocks(kept):
    with opened(kept.storage()) as source:
        kept.line.requests.clear()
        for at in range(0, 3_000_000, 1_000_000):
            assert part(source, at, 1_000_000) == DATA[at : at + 1_000_000]
    assert len(kept.line.asked("GET")) == 3


def test_a_file_that_is_read_from_front_to_back_is_one_request(kept):
    with kept.storage().open(NAME) as stream:
        assert hashlib.md5(stream.read()).hexdigest() == MD5
    assert len(kept.line.asked("GET")) <= 3


def test_an_answer_that_breaks_off_is_asked_for_again_from_there(kept):
    with opened(kept.storage()) as source:
        kept.line.requests.clear()
        kept.line.break_next(after=700_000, times=2)
        assert part(source, 0, len(DATA)) == DATA
    assert kept.line.breaks_left == 0
    assert len(kept.line.asked("GET")) == 3


def test_a_bucket_that_cannot_be_reached_is_no_changed_file(kept):
    with opened(kept.storage()) as source:
        kept.line.down = True
        kept.line.cut()
        with pytest.raises(SourceAway) as away:
            part(source, 0, 1_000_000)
        assert "cannot be reached" in sentence(away.value)
        kept.line.down = False
        assert part(source, 0, 1_000_000) == DATA[:1_000_000]


def test_an_object_that_was_replaced_is_noticed_at_the_next_request(kept):
    with opened(kept.storage()) as source:
        part(source, 0, BLOCK)
        kept.replace(NAME, bytes(len(DATA)))
        with pytest.raises(SourceChanged):
            part(source, BLOCK, BLOCK)


def test_an_object_that_was_deleted_is_noticed_at_the_next_request(kept):
    with opened(kept.storage()) as source:
        kept.drop(NAME)
        with pytest.raises(SourceChanged):
            part(source, 0, BLOCK)


def test_what_threads_read_at_once_is_not_in_memory(far, tmp_path):
    large = tmp_path / "large.mp4"
    large.write_bytes(random.Random(2).randbytes(48 * MIB))
    storage = far.storage()
    storage.bring(large, NAME, lambda: None)
    digests: dict[int, str] = {}

    def read(source, at):
        digest = hashlib.md5()
        source.expect(at, 12 * MIB)
        for offset in range(at, at + 12 * MIB, BLOCK):
            digest.update(source.read(offset, BLOCK))
        digests[at] = digest.hexdigest()

    tracemalloc.start()
    with storage.open_ranges(NAME, called="large.mp4", size=48 * MIB, md5="") as source:
        threads = [threading.Thread(target=read, args=(source, at * 12 * MIB)) for at in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    data = large.read_bytes()
    assert digests == {at: hashlib.md5(data[at : at + 12 * MIB]).hexdigest() for at in range(0, 48 * MIB, 12 * MIB)}
    assert peak < 16 * MIB


# Bringing -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_pieces")
def test_what_has_arrived_is_not_sent_again(far, file, monkeypatch):
    storage = far.storage()
    monkeypatch.setattr(bucket, "CONNECTIONS", 1)
    sent: list[None] = []

    def stop_after_ten() -> None:
        sent.append(None)
        if len(sent) == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        storage.bring(file, NAME, stop_after_ten)
    before = len(far.line.asked("PUT"))
    assert 5 <= before < 30
    assert (far.names(), len(far.unfinished())) == ([], 1)
    assert far.storage().bring(file, NAME, lambda: None).size == len(DATA)
    assert len(far.line.asked("PUT")) == 30
    assert (far.names(), far.unfinished()) == ([NAME], [])
    with opened(storage) as source:
        assert part(source, 0, len(DATA)) == DATA


@pytest.mark.usefixtures("small_pieces")
def test_a_line_that_breaks_while_it_is_brought_costs_no_more_than_the_parts_on_their_way(far, file):
    far.line.break_next(after=1, times=2)
    with suppress(SourceAway):
        far.storage().bring(file, NAME, lambda: None)
    far.storage().bring(file, NAME, lambda: None)
    assert (far.names(), far.unfinished()) == ([NAME], [])
    with opened(far.storage()) as source:
        assert part(source, 0, len(DATA)) == DATA


@pytest.mark.usefixtures("small_pieces")
def test_two_who_bring_the_same_file_at_once_make_one_object(far, file):
    troubles: list[BaseException] = []

    def bring() -> None:
        try:
            far.storage().bring(file, NAME, lambda: None)
        except SourceAway as away:
            troubles.append(away)

    threads = [threading.Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        far.storage().bring(file, NAME, lambda: None)
    assert (far.names(), far.unfinished()) == ([NAME], [])
    with opened(far.storage()) as source:
        assert part(source, 0, len(DATA)) == DATA


def test_a_file_that_is_there_already_is_not_sent(kept, file):
    kept.storage().bring(file, NAME, lambda: None)
    assert kept.line.asked("PUT") == kept.line.asked("POST") == []


@pytest.mark.usefixtures("small_pieces")
def test_removing_takes_what_was_begun_along(far, file):
    storage = far.storage()
    storage.bring(file, NAME, lambda: None)
    storage.calls.begin(storage.key(NAME))
    storage.calls.begin(storage.key(NAME + "x"))
    storage.remove(NAME)
    storage.remove(NAME)
    assert (far.names(), far.unfinished()) == ([], ["hub/" + NAME + "x"])


@pytest.mark.parametrize(("size", "expected"), [(1, 8), (80_000 * MIB, 8), (80_001 * MIB, 9), (1024 * 1024 * MIB, 105)])
def test_parts_are_as_small_as_their_number_allows(size, expected):
    assert part_size(size) == expected * MIB
    assert -(-size // part_size(size)) <= bucket.MOST_PARTS


# Saying what is wrong -------------------------------------------------------------------------------------------------


def test_a_missing_bucket_is_no_missing_file(kept):
    with pytest.raises(SourceAway) as away:
        kept.storage(bucket="no-such-bucket").look(NAME)
    assert "no such bucket" in sentence(away.value)
    assert not away.value.passing
    assert "no such bucket" in kept.storage(bucket="no-such-bucket").trouble()
    assert kept.storage().trouble() == ""


@pytest.fixture(scope="module")
def strict_moto():
    with Moto(strict=True) as running:
        yield running


@pytest.fixture(params=["oss", "s3"])
def guarded(request, make):
    """A bucket that looks at the key."""
    if request.param == "oss":
        yield make("oss")
        return
    moto = request.getfixturevalue("strict_moto")
    with Line(port_of(moto.url)) as line:
        yield S3(moto, line)


@pytest.mark.parametrize("wrong", [{"key_secret": "wrong-secret-word"}, {"key_id": "AKIAWRONGKEYID000000"}])
def test_a_wrong_key_is_told_in_a_sentence_without_it(guarded, file, wrong):
    guarded.storage().bring(file, NAME, lambda: None)
    with pytest.raises(SourceAway) as away:
        guarded.storage(**wrong).look(NAME)
    told = sentence(away.value) + str(away.value) + repr(away.value) + guarded.storage(**wrong).trouble()
    assert "does not let the hub in" in told
    assert not away.value.passing
    assert away.value.__cause__ is None
    for secret in (*wrong.values(), guarded.options["key_secret"]):
        assert secret not in told
