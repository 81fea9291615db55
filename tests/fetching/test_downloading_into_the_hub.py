"""Addresses are downloaded by a worker: begun, gone on with, refused, and never shown with their secrets."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime

import pytest
from django.core import serializers
from django.db import connection
from django.utils import timezone

from platforms.models import Arrival, Event, IncomingFile, Way
from platforms.services import waits
from platforms.services.fetching import reach, starting, wire, work
from platforms.services.fetching.reach import Net
from platforms.services.fetching.troubles import Refused
from platforms.services.files import incoming
from tests import hub
from tests.fetching import fetched
from tests.fetching.fetched import FILM, FILM_MD5, House
from tests.fetching.web import KIB, Server, Site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def worth_little(house: House, monkeypatch) -> None:
    """A few bytes are progress."""
    monkeypatch.setattr(work, "WORTH_A_TRY", 64 * KIB)


def is_whole(row: IncomingFile) -> bool:
    facts = (row.state, row.size, row.received, row.md5, row.error)
    return facts == (Arrival.READY, len(FILM), len(FILM), FILM_MD5, None)


def test_a_film_is_downloaded_named_hashed_and_looked_at() -> None:
    site = Site(FILM, headers={"Content-Disposition": "attachment; filename*=UTF-8''%E8%AF%BE.mp4"})
    with Server(site) as server:
        row = fetched.downloaded(server.address("/get?id=7"))
        assert (row.way, row.name, row.size, row.state) == (Way.ADDRESS, "get.download", None, Arrival.ARRIVING)
        fetched.run(row)
    assert is_whole(row)
    assert row.name == "课.mp4"
    assert fetched.landed(row) == FILM
    assert row.lease_until is None


def test_it_becomes_a_video_named_as_the_server_names_it() -> None:
    with Server(Site(FILM)) as server:
        row = fetched.run(fetched.downloaded(server.address("/films/%E8%AF%BE.mp4"), makes_video=True))
    assert row.state == Arrival.TAKEN
    assert row.video is not None
    assert (row.video.title, row.video.original_name, row.video.md5) == ("课", "课.mp4", FILM_MD5)


def test_a_cut_is_gone_on_with_and_nothing_comes_twice() -> None:
    with Server(Site(FILM, cut_at=300 * KIB, cuts=1)) as server:
        row = fetched.run(fetched.downloaded(server.address()))
        assert (row.state, row.attempts) == (Arrival.ARRIVING, 1)
        assert "broke off" in row.error_text
        assert row.next_run_at is not None
        assert fetched.landed(row) == FILM[: 300 * KIB]
        fetched.run_until_over(row)
        assert server.site.ranges_asked == ["", f"bytes={300 * KIB}-"]
    assert is_whole(row)


def test_a_server_without_ranges_that_cuts_once_gets_there_and_it_is_told() -> None:
    with Server(Site(FILM, cut_at=300 * KIB, cuts=1, ranges=False)) as server:
        row = fetched.run_until_over(fetched.downloaded(server.address()))
    assert is_whole(row)
    assert "file_restarted" in fetched.told(row)


def test_a_server_without_ranges_that_always_cuts_is_given_up_loudly() -> None:
    with Server(Site(FILM, cut_at=300 * KIB, cuts=1000, ranges=False)) as server:
        row = fetched.run_until_over(fetched.downloaded(server.address()))
    assert row.state == Arrival.FAILED
    assert "broke off" in row.error_text
    # The first attempt came further and starts the count; each later one only began again.
    assert len(server.site.seen) == waits.MOST_ATTEMPTS
    assert fetched.told(row)[-2:] == ["file_given_up", "file_failed"]
    assert not incoming.path_of(row).exists()


def test_a_file_that_changed_meanwhile_is_downloaded_again() -> None:
    other = FILM[::-1] * 2
    with Server(Site(other, cut_at=300 * KIB, cuts=1, etag='"old"')) as server:
        row = fetched.run(fetched.downloaded(server.address()))
        assert row.size == len(other)
        server.site.content, server.site.etag, server.site.modified = FILM, '"new"', datetime(2026, 5, 5, tzinfo=UTC)
        fetched.run_until_over(row)
    assert is_whole(row)
    assert "file_restarted" in fetched.told(row)


def test_parts_that_the_server_makes_small_are_all_taken() -> None:
    with Server(Site(FILM, cut_at=100 * KIB, cuts=1, most_at_once=200 * KIB)) as server:
        row = fetched.run(fetched.downloaded(server.address()))
        fetched.run_until_over(row)
        assert len(server.site.seen) == 2 + (len(FILM) - 100 * KIB) // (200 * KIB)
    assert is_whole(row)


@pytest.mark.parametrize("how", [{"tells_length": False}, {"chunked": True}])
def test_a_film_whose_length_nobody_tells_is_downloaded(how: dict[str, bool]) -> None:
    with Server(Site(FILM, **how)) as server:  # type: ignore[arg-type]
        assert is_whole(fetched.run(fetched.downloaded(server.address())))


@pytest.mark.parametrize("how", [{"tells_length": False, "endless": True}, {}])
def test_a_file_that_is_too_large_is_refused_and_its_bytes_are_removed(settings, how: dict[str, bool]) -> None:
    settings.INGEST_MAX_BYTES = 200 * KIB
    with Server(Site(FILM, **how)) as server:  # type: ignore[arg-type]
        row = fetched.run(fetched.downloaded(server.address()))
    assert row.state == Arrival.FAILED
    assert "larger than" in row.error_text
    assert not incoming.path_of(row).exists()


def test_a_page_is_refused_with_what_it_is() -> None:
    with Server(Site(answers={"/watch": (200, {"Content-Type": "text/html"}, b"<html>")})) as server:
        row = fetched.run(fetched.downloaded(server.address("/watch")))
    assert row.state == Arrival.FAILED
    assert "web page, not with a video" in row.error_text


def test_a_file_whose_kind_nobody_tells_is_refused() -> None:
    with Server(Site(FILM)) as server:
        row = fetched.run(fetched.downloaded(server.address("/film")))
    assert row.state == Arrival.FAILED
    assert "has no extension" in row.error_text


def test_a_server_that_is_down_is_asked_again_after_growing_waits() -> None:
    with Server(Site(answers={"/lesson.mp4": (503, {"Retry-After": "600"}, b"")})) as server:
        row = fetched.run(fetched.downloaded(server.address()))
        assert (row.state, row.attempts) == (Arrival.ARRIVING, 1)
        assert row.next_run_at is not None
        assert (row.next_run_at - timezone.now()).total_seconds() > 500
        del server.site.answers["/lesson.mp4"]
        server.site.content = FILM
        fetched.run_until_over(row)
    assert is_whole(row)


def test_a_failed_download_begins_again_when_asked() -> None:
    with Server(Site(answers={"/lesson.mp4": (404, {}, b"")})) as server:
        row = fetched.run(fetched.downloaded(server.address()))
        assert row.state == Arrival.FAILED
        del server.site.answers["/lesson.mp4"]
        server.site.content = FILM
        assert starting.resume(row)
        assert (row.state, row.error, row.attempts) == (Arrival.ARRIVING, None, 0)
        fetched.run(row)
    assert is_whole(row)
    assert not starting.resume(row)
    assert not starting.pause(row)


@pytest.mark.usefixtures("endless_patience")
@pytest.mark.parametrize("how", [{"hold": True}, {"hold": True, "tells_length": False}, {"drip": True}])
def test_a_pause_ends_a_download_that_waits_for_its_server_and_it_goes_on_later(how: dict[str, bool]) -> None:
    with Server(Site(FILM, **how)) as server:  # type: ignore[arg-type]
        row = fetched.downloaded(server.address())
        worker = fetched.working(row)
        if server.site.hold:
            assert server.site.held.wait(hub.PATIENCE_SECONDS)
        hub.until(lambda: server.site.seen)
        assert starting.pause(row)
        worker.finish()
        assert IncomingFile.objects.get(pk=row.pk).state == Arrival.PAUSED
        server.site.go_on.set()
        server.site.drip = False
        assert starting.resume(row)
        fetched.run_until_over(row)
    assert is_whole(row)


@pytest.mark.usefixtures("endless_patience")
def test_a_worker_that_shall_leave_does_so_at_once_although_the_server_is_silent(monkeypatch, tmp_path) -> None:
    with Server(Site(FILM, hold=True)) as server:
        row = fetched.downloaded(server.address())
        worker = fetched.working(row)
        assert server.site.held.wait(hub.PATIENCE_SECONDS)
        monkeypatch.setenv("MEDIAHUB_DRAIN_FILE", str(tmp_path))
        worker.finish()
        monkeypatch.delenv("MEDIAHUB_DRAIN_FILE")
        server.site.go_on.set()
        assert is_whole(fetched.run_until_over(row))


def test_a_server_that_drips_headers_cannot_hold_a_worker(monkeypatch) -> None:
    monkeypatch.setattr(wire, "ANSWER_SECONDS", 0.3)
    with Server(Site(drip=True)) as server:
        row = fetched.run(fetched.downloaded(server.address()))
    assert "does not answer in time" in row.error_text
    assert row.state == Arrival.ARRIVING


# Where it may lead ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/x.mp4", "http://[::1]:8000/x.mp4", "http://169.254.169.254/x.mp4"]
)
def test_an_address_of_the_inside_is_refused_at_once(address: str) -> None:
    with pytest.raises(Refused, match="private network"):
        fetched.downloaded(address)
    assert not IncomingFile.objects.exists()


def test_a_name_of_the_inside_is_refused_by_the_worker() -> None:
    row = fetched.downloaded("https://media.example/film.mp4")
    work.run_due(60, Net(resolver=lambda host, port: ["192.168.1.1"]))
    row.refresh_from_db()
    assert row.state == Arrival.FAILED
    assert "“media.example” lies in a private network" in row.error_text


def test_a_redirect_to_the_inside_is_refused() -> None:
    with Server(Site(redirects={"/lesson.mp4": "http://127.0.0.2:8080/film.mp4"})) as server:
        row = fetched.downloaded(server.address())
        work.run_due(60, Net(fetched.THIS_MACHINE, lambda host, port: [host]))
        row.refresh_from_db()
    assert row.state == Arrival.FAILED
    assert "private network" in row.error_text


def test_without_a_setting_this_machine_is_not_asked(settings) -> None:
    settings.INGEST_ALLOW_NETWORKS = ()
    with Server(Site(FILM)) as server:
        with pytest.raises(Refused, match="private network"):
            fetched.downloaded(server.address())
        row = fetched.downloaded(server.address(host="localhost"))
        work.run_due(60)
        row.refresh_from_db()
        assert row.state == Arrival.FAILED
        assert server.site.seen == []


# Secrets --------------------------------------------------------------------------------------------------------------

SECRET = "S3CR3T-in-the-address"


@pytest.mark.parametrize(
    "site",
    [
        Site(FILM), Site(FILM, cut_at=300 * KIB, cuts=1), Site(answers={"/p": (403, {}, b"")}), Site(drip=True),
        Site(redirects={f"/{SECRET}/lesson.mp4?key={SECRET}": f"http://10.0.0.1/{SECRET}"}),
        Site(redirects={f"/{SECRET}/lesson.mp4?key={SECRET}": f"http://user:{SECRET}@media.example/"}),
    ],
)  # fmt: skip
def test_what_an_address_carries_is_written_nowhere(site: Site, caplog, monkeypatch) -> None:
    monkeypatch.setattr(wire, "ANSWER_SECONDS", 0.3)
    caplog.set_level(logging.DEBUG)
    with Server(site) as server:
        row = fetched.run(fetched.downloaded(server.address(f"/{SECRET}/lesson.mp4?key={SECRET}")))
    assert SECRET not in caplog.text
    stored = serializers.serialize("json", [*IncomingFile.objects.all(), *Event.objects.all()])
    for item in json.loads(stored):
        item["fields"].pop("origin", None)
        assert SECRET not in json.dumps(item)
    assert SECRET not in row.error_text


def test_the_address_lies_encrypted_in_the_database(django_db_blocker) -> None:
    row = fetched.downloaded(f"https://media.example/film.mp4?key={SECRET}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT origin FROM platforms_incomingfile")
        (origin,) = cursor.fetchone()
    assert SECRET not in str(origin)
    assert row.origin["address"].endswith(SECRET)


def test_name_servers_that_hang_are_not_waited_for_by_the_page(monkeypatch) -> None:
    """Whoever gives an address gets an answer at once; names are looked up by the worker."""
    asked = threading.Event()
    monkeypatch.setattr(reach, "system_resolver", lambda host, port: asked.set())
    fetched.downloaded("https://media.example/film.mp4")
    assert not asked.is_set()
