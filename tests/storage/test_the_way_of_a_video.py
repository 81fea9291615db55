"""A video whose file goes from where it landed into a bucket, from there to the platforms, and away in the end."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from pkgutil import resolve_name

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import override

from platforms import tasks
from platforms.models import Account, Arrival, Errand, FileErrand, Health, IncomingFile, Publication, Video, Way
from platforms.services import publishing, sweep, uploading, videos
from platforms.services.files import bringing, incoming, incoming_upkeep, intact, storing
from platforms.services.uploads.job import DRAIN_VARIABLE
from platforms.storage.ranged import RangedSource
from platforms.values import State
from tests import hub
from tests.services.uploads import PROTOCOLS
from tests.storage.places import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(far, hub_in, box) -> Place:
    """The hub's own bucket, on the way to which are sandboxed platforms."""
    made: Place = hub_in(far)
    return made


def local() -> list[Path]:
    """What lies on this machine's disk."""
    root = storing.path_of("")
    return [path for path in root.rglob("*") if path.is_file()]


def queued(box, protocol: str, video: Video) -> Publication:
    platform, options = PROTOCOLS[protocol]
    (row,) = hub.publish(video, hub.add_account(box, platform, **options))
    return row


def in_bucket() -> Video:
    video = hub.add_video()
    tasks.run_fetches()
    video.refresh_from_db()
    return video


# In -------------------------------------------------------------------------------------------------------------------


def test_a_video_is_saved_at_once_and_its_file_is_brought_by_a_worker(place):
    video = hub.add_video()
    assert (place.names(), len(local())) == ([], 1)
    assert storing.is_coming(video)
    tasks.run_fetches()
    video.refresh_from_db()
    assert (place.names(), local()) == ([video.source.name], [])
    assert not FileErrand.objects.exists()
    assert intact.look(video).mark == video.mark != ""
    with video.source.open("rb") as file:
        assert file.read() == hub.SAMPLE.read_bytes()


@pytest.mark.django_db(transaction=True)
def test_what_arrives_from_a_browser_is_looked_at_on_the_disk_and_brought_as_a_video(place):
    data = hub.SAMPLE.read_bytes()
    row = incoming.begin(None, Way.BROWSER, "lesson.mp4", len(data), makes_video=True)
    incoming.receive(row, 0, [data])
    assert (row.state, len(local())) == (Arrival.TAKEN, 1)
    tasks.run_fetches()
    assert (place.names(), local()) == ([Video.objects.get().source.name], [])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_is_published_from_the_bucket_byte_for_byte(place, box, protocol):
    row = queued(box, protocol, in_bucket())
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert [video["md5"] for video in box.videos()] == [row.video.md5]
    assert local() == []


def test_an_upload_waits_without_a_failed_try_until_its_file_is_there(place, box):
    row = queued(box, "oss", hub.add_video())
    tasks.run_uploads()
    row.refresh_from_db()
    assert (row.state, row.attempts, hub.waits(row)) == (State.QUEUED, 0, True)
    assert "on its way into the storage" in row.error_text
    tasks.run_fetches()
    row.refresh_from_db()
    assert hub.is_due(row)
    hub.work([row])
    assert row.state == State.PUBLISHED


def test_who_uploads_by_hand_brings_the_file_first(place, box):
    row = queued(box, "ranges", hub.add_video())
    assert uploading.run_here(row)
    row.refresh_from_db()
    assert row.state == State.PROCESSING
    assert local() == []


def test_only_a_machine_that_has_the_file_brings_it(place, settings, tmp_path):
    video = hub.add_video()
    mine, settings.MEDIA_ROOT = settings.MEDIA_ROOT, str(tmp_path / "another machine")
    assert bringing.worth_a_hint() == 0
    assert bringing.run_due(hub.PATIENCE_SECONDS) == 0
    settings.MEDIA_ROOT = mine
    assert bringing.worth_a_hint() == 1
    assert bringing.run_due(hub.PATIENCE_SECONDS) == 1
    assert place.names() == [video.source.name]


@pytest.fixture
def elsewhere(place, box, settings, tmp_path):
    """Answers a publication whose file lies on the disk of the machine “camera”, where nobody has brought it for so
    long. The disk's folder comes with it."""
    settings.MACHINE_NAME = "camera"
    row = queued(box, "oss", hub.add_video())
    there = settings.MEDIA_ROOT
    settings.MACHINE_NAME, settings.MEDIA_ROOT = "other", str(tmp_path / "another machine")

    def since(age: timedelta) -> Publication:
        begun = timezone.now() - age
        FileErrand.objects.filter(video=row.video).update(next_run_at=begun, created_at=begun)
        hub.hurry(row)
        tasks.run_fetches()
        tasks.run_uploads()
        row.refresh_from_db()
        return row

    return since, there


@override("en")
def test_an_upload_whose_file_nobody_brings_says_on_which_machine_it_lies(elsewhere, admin_client):
    since, _there = elsewhere
    row = since(timedelta(minutes=5))
    assert "on its way into the storage" in row.error_text
    row = since(timedelta(minutes=20))
    assert (row.state, row.attempts, hub.waits(row)) == (State.QUEUED, 0, True)
    assert row.error_text == (
        "The file lies on the disk of the machine “camera”, on which it arrived, and nobody has brought it into the "
        "storage for 20 minutes. Start that machine and its workers: the upload then begins by itself."
    )
    sweep.tidy()
    page = admin_client.get(f"/admin/platforms/video/{row.video_id}/change/", headers={"accept-language": "en"})
    assert "camera" in page.content.decode()


@override("en")
def test_an_upload_whose_file_is_lost_with_its_machine_fails_and_says_what_to_do(elsewhere):
    since, _there = elsewhere
    row = since(timedelta(days=1, minutes=1))
    assert row.state == State.FAILED
    assert row.error_text == (
        "The file was on the disk of the machine “camera” only, and nobody has brought it into the storage for a day. "
        "If that machine comes back with its disk, its workers bring the file, and “Retry” sends it. If it is lost, "
        "add the file again as a new video."
    )


def test_a_file_whose_machine_comes_back_late_is_sent_after_a_retry(elsewhere, settings):
    since, there = elsewhere
    row = since(timedelta(days=2))
    settings.MEDIA_ROOT = there
    tasks.run_fetches()
    assert not storing.is_coming(row.video)
    assert publishing.send_again(row, actor="li")
    hub.work([row])
    assert row.state == State.PUBLISHED


@override("en")
def test_files_that_wait_behind_others_do_not_count_as_lost(elsewhere):
    video, (since, _there) = hub.add_video(), elsewhere
    FileErrand.objects.filter(video=video).update(lease_until=timezone.now() + timedelta(minutes=1))
    row = since(timedelta(days=2))
    assert (row.state, "on its way into the storage" in row.error_text) == (State.QUEUED, True)


def test_a_bucket_that_is_away_is_tried_again_and_the_row_says_why(place):
    video = hub.add_video()
    place.line.down = True
    tasks.run_fetches()
    errand = FileErrand.objects.get()
    assert "cannot be reached" in errand.error_text
    assert (errand.lease_until, storing.is_coming(video), len(local())) == (None, True, 1)
    place.line.down = False
    FileErrand.objects.update(next_run_at=timezone.now())
    tasks.run_fetches()
    assert (place.names(), local()) == ([video.source.name], [])


@pytest.mark.usefixtures("small_pieces")
def test_a_worker_that_shall_leave_gives_the_file_back(place, monkeypatch, tmp_path):
    video = hub.add_video()
    drain = tmp_path / "drain"
    errand = FileErrand.objects.get()
    assert bringing._claim(errand)
    drain.touch()
    monkeypatch.setenv(DRAIN_VARIABLE, str(drain))
    bringing.run(errand, 1e9)
    errand.refresh_from_db()
    assert (errand.kind, errand.attempts, errand.lease_until) == (Errand.BRING, 0, None)
    monkeypatch.delenv(DRAIN_VARIABLE)
    tasks.run_fetches()
    assert place.names() == [video.source.name]


def test_files_from_the_time_of_the_disk_are_brought_when_somebody_says_so(place, settings, capsys):
    storages = settings.STORAGES
    settings.STORAGES = {**storages, "default": {"BACKEND": "platforms.storage.disk.DiskStorage"}}
    video = hub.add_video()
    assert not FileErrand.objects.exists()
    settings.STORAGES = storages
    told = []
    for _twice in range(2):
        call_command("store_files", "--json")
        told.append(json.loads(capsys.readouterr().out))
    assert told == [{"files": 1}, {"files": 0}]
    tasks.run_fetches()
    assert (place.names(), local()) == ([video.source.name], [])


# Crashes --------------------------------------------------------------------------------------------------------------


class PowerCut(BaseException):
    """Everything stops."""


CRASHES = {
    "before anything is asked": ("platforms.storage.bucket.BucketStorage.bring", False),
    "before the bucket begins": ("platforms.storage.{kind}.{Kind}Calls.begin", False),
    "after the bucket has begun": ("platforms.storage.{kind}.{Kind}Calls.begin", True),
    "after a part has arrived": ("platforms.storage.{kind}.{Kind}Calls.put_part", True),
    "before it is completed": ("platforms.storage.{kind}.{Kind}Calls.complete", False),
    "after it is completed": ("platforms.storage.{kind}.{Kind}Calls.complete", True),
    "before the row says so": ("platforms.services.files.bringing.wake", False),
    "before the disk is cleared": ("platforms.services.files.bringing._clear", False),
    "after the disk is cleared": ("platforms.services.files.bringing._off_the_disk", True),
}


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("moment", CRASHES)
def test_a_crash_at_any_moment_loses_nothing_and_leaves_nothing_behind(place, monkeypatch, moment):
    video = hub.add_video()
    crash(monkeypatch, place, *CRASHES[moment])
    with pytest.raises(PowerCut):
        bringing.run_due(hub.PATIENCE_SECONDS)
    monkeypatch.undo()
    FileErrand.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    while bringing.worth_a_hint():
        bringing.run_due(hub.PATIENCE_SECONDS)
    if moment == "after the disk is cleared":
        # The file is gone from here: whose it was is not asked any more a day later.
        assert FileErrand.objects.update(created_at=timezone.now() - timedelta(days=2)) == 1
        bringing.run_due(hub.PATIENCE_SECONDS)
    video.refresh_from_db()
    assert (place.names(), place.unfinished(), local()) == ([video.source.name], [], [])
    assert not FileErrand.objects.exists()
    assert video.mark == intact.look(video).mark
    with default_storage.open(str(video.source.name)) as file:
        assert file.read() == hub.SAMPLE.read_bytes()


def crash(monkeypatch, place: Place, target: str, after: bool) -> None:
    """End everything before or after the first call of `target`."""
    kind = str(getattr(place, "kind", ""))
    target = target.format(kind=kind, Kind=kind.capitalize())
    owner_name, name = target.rsplit(".", 1)
    owner = resolve_name(owner_name)
    real = getattr(owner, name)

    def stop(*args, **more):
        if after:
            real(*args, **more)
        raise PowerCut

    monkeypatch.setattr(owner, name, stop)


# Out ------------------------------------------------------------------------------------------------------------------


def test_deleting_a_video_removes_its_object(place):
    video = in_bucket()
    assert videos.delete(video, actor="li")
    tasks.run_fetches()
    assert place.names() == []
    assert not FileErrand.objects.exists()


def test_an_object_is_removed_later_when_the_bucket_is_away_just_then(place):
    video = in_bucket()
    place.line.down = True
    place.line.cut()
    videos.delete(video, actor="li")
    tasks.run_fetches()
    assert (FileErrand.objects.get().kind, len(place.names())) == (Errand.REMOVE, 1)
    place.line.down = False
    FileErrand.objects.update(next_run_at=timezone.now())
    tasks.run_fetches()
    assert (place.names(), FileErrand.objects.count()) == ([], 0)


def test_a_video_that_is_deleted_before_its_file_was_brought_leaves_nothing(place):
    video = hub.add_video()
    videos.delete(video, actor="li")
    tasks.run_fetches()
    assert (place.names(), local(), FileErrand.objects.count()) == ([], [], 0)


@pytest.mark.usefixtures("small_pieces")
def test_a_video_that_is_deleted_while_its_file_is_brought_leaves_nothing(place, monkeypatch):
    video = hub.add_video()
    real = bringing._Pulse.renew

    def delete_it(pulse) -> None:
        monkeypatch.setattr(bringing._Pulse, "renew", real)
        assert videos.delete(Video.objects.get(pk=video.pk), actor="li")
        real(pulse)

    monkeypatch.setattr(bringing._Pulse, "renew", delete_it)
    bringing.run_due(hub.PATIENCE_SECONDS)
    assert place.names() == []
    later = timezone.now() - 2 * storing.LEASE
    FileErrand.objects.update(next_run_at=later, lease_until=None)
    bringing.run_due(hub.PATIENCE_SECONDS)
    assert (place.names(), place.unfinished(), local(), FileErrand.objects.count()) == ([], [], [], 0)


def test_an_abandoned_file_never_comes_into_the_bucket(place, settings):
    data = hub.SAMPLE.read_bytes()
    row = incoming.begin(None, Way.BROWSER, "lesson.mp4", len(data))
    incoming.receive(row, 0, [data])
    IncomingFile.objects.update(touched_at=timezone.now() - timedelta(days=8))
    incoming_upkeep.sweep()
    assert (place.names(), local(), IncomingFile.objects.count()) == ([], [], 0)


# What pages and watchers are told -------------------------------------------------------------------------------------


def test_pages_do_not_ask_the_bucket(place, admin_client):
    video = in_bucket()
    place.line.requests.clear()
    place.line.down = True
    assert publishing.has_file(video)
    page = admin_client.get(f"/admin/platforms/video/{video.pk}/change/")
    assert page.status_code == 200
    assert "on its way there" not in page.content.decode()
    assert place.line.requests == []


def test_the_page_of_a_video_says_that_its_file_is_on_its_way_and_what_keeps_it(place, admin_client):
    video = hub.add_video()
    address = f"/admin/platforms/video/{video.pk}/change/"
    assert "The file is on its way there" in admin_client.get(address).content.decode()
    place.line.down = True
    tasks.run_fetches()
    assert "cannot be reached" in admin_client.get(address).content.decode()


def test_readiness_names_a_bucket_that_is_away(place, client):
    assert client.get("/readyz").json()["checks"]["storage"] == "ok"
    place.line.down = True
    place.line.cut()
    assert "cannot be reached" in client.get("/readyz").json()["checks"]["storage"]


# While it is sent -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_bucket_that_goes_away_makes_the_upload_wait_and_leaves_the_account_alone(place, box, protocol):
    row = queued(box, protocol, in_bucket())
    place.line.down = True
    place.line.cut()
    tasks.run_uploads()
    row.refresh_from_db()
    assert (row.state, hub.waits(row)) == (State.QUEUED, True)
    assert "cannot be reached" in row.error_text
    assert Account.objects.get().health == Health.OK
    assert Account.objects.get().troubles == 0
    place.line.down = False
    hub.hurry(row)
    hub.work([row])
    assert row.state == State.PUBLISHED


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_answers_of_the_bucket_that_break_off_cost_the_upload_nothing(place, box, protocol):
    row = queued(box, protocol, in_bucket())
    place.line.break_next(after=20_000, times=3)
    hub.work([row])
    assert (row.state, row.attempts, place.line.breaks_left) == (State.PUBLISHED, 1, 0)
    assert [video["md5"] for video in box.videos()] == [row.video.md5]


def test_an_object_that_is_gone_is_told_like_a_missing_file(place, box):
    row = queued(box, "oss", in_bucket())
    place.drop(row.video.source.name)
    tasks.run_uploads()
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert row.error_text == "The video's file is no longer in the hub's storage."


def test_other_bytes_of_the_same_length_are_noticed_before_anything_is_sent(place, box):
    row = queued(box, "oss", in_bucket())
    place.replace(row.video.source.name, bytes(row.video.size))
    box.requests.clear()
    tasks.run_uploads()
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert "changed in the hub's storage" in row.error_text
    assert [call for call in box.requests if call.platform != "oss"] == []


def test_an_object_that_was_only_copied_again_is_proven_and_sent(place, box):
    row = queued(box, "oss", in_bucket())
    place.replace(row.video.source.name, hub.SAMPLE.read_bytes())
    Video.objects.update(mark="0" * 16)
    hub.work([row])
    assert row.state == State.PUBLISHED


def test_an_object_that_is_replaced_while_it_is_sent_stops_the_upload(place, box, monkeypatch, small_parts):
    row = queued(box, "ranges", in_bucket())
    name, size = str(row.video.source.name), row.video.size
    real, reads = RangedSource.read, []

    def replace_it(source, offset, length):
        reads.append(offset)
        if len(reads) == 3:
            place.replace(name, bytes(size))
        return real(source, offset, length)

    monkeypatch.setattr(RangedSource, "read", replace_it)
    tasks.run_uploads()
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert "changed in the hub's storage" in row.error_text
    assert not any(video["md5"] for video in box.videos())
