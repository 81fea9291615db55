"""A queued bulk upload: each row becomes one video, published to its accounts, whatever happens meanwhile."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.models import (
    Account,
    BulkRow,
    BulkState,
    BulkUpload,
    IncomingFile,
    Publication,
    RowState,
    SubtitleCopy,
    Video,
)
from platforms.services import publishing, sweep, videos, zones
from platforms.services.bulk import jobs, landing, running
from platforms.services.bulk.troubles import NotNow
from platforms.services.fetching import starting, work
from platforms.services.files import incoming
from platforms.services.scheduling import planning
from platforms.services.subtitles import keeping
from platforms.values import State
from tests import hub
from tests.bulk import tables
from tests.bulk.tables import account, film, good, outcomes, queued, run

pytestmark = pytest.mark.django_db(transaction=True)


def only(job) -> BulkRow:
    row: BulkRow = job.rows.get()
    return row


def test_every_platform_gets_every_video(here, box):
    for number in (1, 2, 3):
        here.put(f"{number}.mp4", film(number))
    job = run(queued(*(good(f"{number}.mp4", f"第{number}课") for number in (1, 2, 3))))
    assert job.state == BulkState.DONE
    assert {row.state for row in job.rows.all()} == {RowState.DONE}
    rows = list(Publication.objects.all())
    hub.work(rows)
    assert {row.state for row in rows} == {State.PUBLISHED}
    assert sorted(video["title"] for video in box.videos()) == sorted(["第1课", "第2课", "第3课"] * 3)
    assert {video["md5"] for video in box.videos()} == set(Video.objects.values_list("md5", flat=True))


def test_the_words_of_a_row_are_the_videos_and_the_person_is_named(here):
    here.put()
    job = run(queued(good(accounts="yk")))
    video = only(job).video
    assert video is not None
    assert (video.title, video.description, video.tags) == ("第一课", "三年级数学", "数学,三年级")
    assert Publication.objects.get().events.filter(actor="li").exists()


def test_the_same_table_again_skips_what_is_there_and_takes_no_file_in(here):
    here.put()
    run(queued(good()))
    Publication.objects.update(state=State.PUBLISHED)
    again = run(queued(good()))
    assert only(again).state == RowState.SKIPPED
    assert outcomes(only(again)) == {"yk": "there", "iq": "there", "bj": "there"}
    assert (Video.objects.count(), Publication.objects.count(), IncomingFile.objects.count()) == (1, 3, 1)


def test_what_is_under_way_is_skipped_too(here):
    here.put()
    run(queued(good()))
    assert only(run(queued(good()))).state == RowState.SKIPPED


def test_a_new_account_gets_the_video_that_is_there_with_the_words_of_its_row(here):
    here.put()
    first = run(queued(good(accounts="yk")))
    second = run(queued(good(title="另一个标题", accounts="yk, iq")))
    assert outcomes(only(second)) == {"yk": "there", "iq": "queued"}
    assert only(second).video == only(first).video
    assert Publication.objects.get(account=account("iq")).shown_title == "另一个标题"
    assert Publication.objects.get(account=account("yk")).shown_title == "第一课"


def test_the_same_bytes_under_another_name_are_known_once_they_have_arrived(here):
    here.put("a.mp4")
    run(queued(good("a.mp4", accounts="yk")))
    here.put("b.mp4")
    job = run(queued(good("b.mp4", accounts="yk, bj")))
    assert outcomes(only(job)) == {"yk": "there", "bj": "queued"}
    assert Video.objects.count() == 1
    assert IncomingFile.objects.count() == 1, "the second copy is removed"


def test_a_video_that_was_added_by_hand_is_known_by_its_bytes(here):
    video = hub.add_video()
    hub.publish(video, account("yk"))
    here.put()
    job = run(queued(good(accounts="yk, iq")))
    assert outcomes(only(job)) == {"yk": "there", "iq": "queued"}
    assert set(video.publications.values_list("account__name", flat=True)) == {"yk", "iq"}


def test_a_file_that_was_deleted_from_the_hub_is_taken_in_again(here):
    here.put()
    run(queued(good(accounts="yk")))
    Publication.objects.update(state=State.DELETED)
    assert videos.delete(Video.objects.get(), actor="li")
    assert only(run(queued(good(accounts="yk")))).state == RowState.DONE
    assert Video.objects.count() == 1


def test_what_failed_before_is_sent_again(here):
    here.put()
    run(queued(good(accounts="yk")))
    Publication.objects.update(state=State.FAILED)
    assert outcomes(only(run(queued(good(accounts="yk"))))) == {"yk": "queued"}
    assert Publication.objects.get().state == State.QUEUED


def test_a_file_that_is_no_video_fails_alone_and_says_why(here):
    here.put("a.mp4", b"words" * 1000)
    here.put("b.mp4")
    job = run(queued(good("a.mp4", accounts="yk"), good("b.mp4", accounts="yk")))
    bad, fine = job.rows.all()
    assert (bad.state, fine.state, job.state) == (RowState.FAILED, RowState.DONE, BulkState.DONE)
    assert "a.mp4" in bad.error_text


def test_a_file_that_is_gone_by_then_fails_alone(here):
    path = here.put()
    job = queued(good(accounts="yk"))
    path.unlink()
    assert only(run(job)).state == RowState.FAILED
    assert "is not there" in only(job).error_text


def test_what_failed_is_retried_and_the_rest_is_left_alone(here):
    path = here.put("a.mp4", b"words" * 1000)
    here.put("b.mp4")
    job = run(queued(good("a.mp4", accounts="yk"), good("b.mp4", accounts="yk")))
    path.write_bytes(film(1))
    assert jobs.retry(job) == 1
    assert [row.state for row in run(job).rows.all()] == [RowState.DONE, RowState.DONE]
    assert Video.objects.count() == 2


def test_an_account_that_is_gone_is_told_and_the_others_get_it(here):
    here.put()
    job = queued(good())
    account("iq").delete()
    row = only(run(job))
    assert row.state == RowState.FAILED
    assert sorted(outcomes(row).values()) == ["queued", "queued", "refused"]


def test_an_account_that_refused_is_tried_again_without_the_file(here, monkeypatch):
    path = here.put()
    monkeypatch.setattr(publishing, "why_not_send", lambda publication, **_: "Not now.")
    job = run(queued(good(accounts="yk")))
    assert only(job).outcomes[0]["sentence"]["text"] == "Not now."
    monkeypatch.undo()
    path.unlink()
    jobs.retry(job)
    assert outcomes(only(run(job))) == {"yk": "queued"}
    assert Video.objects.count() == 1


def test_the_same_bytes_in_two_bulk_uploads_are_one_video(here):
    here.put("a.mp4")
    here.put("b.mp4")
    jobs_ = [queued(good("a.mp4", accounts="yk")), queued(good("b.mp4", accounts="iq"))]
    for job in jobs_:
        run(job)
    assert Video.objects.count() == 1
    assert [outcomes(only(job)) for job in jobs_] == [{"yk": "queued"}, {"iq": "queued"}]


def test_cancelling_stops_what_has_not_arrived_and_leaves_no_bytes(here):
    for number in (1, 2, 3):
        here.put(f"{number}.mp4", film(number))
    job = queued(*(good(f"{number}.mp4", f"第{number}课") for number in (1, 2, 3)))
    running.run_due()
    assert job.rows.filter(state=RowState.ARRIVING).exists()
    assert jobs.cancel(job) == 3
    tasks.run_fetches()
    assert (job.state, IncomingFile.objects.count(), Video.objects.count()) == (BulkState.CANCELLED, 0, 0)
    with pytest.raises(NotNow):
        jobs.cancel(job)


def test_what_was_cancelled_can_be_gone_on_with(here):
    here.put()
    job = queued(good(accounts="yk"))
    jobs.cancel(job)
    assert jobs.retry(job) == 1
    assert only(run(job)).state == RowState.DONE


def test_nothing_is_queued_while_a_row_is_wrong_unless_asked(here):
    here.put()
    checked = tables.check(good(), good("b.mp4"))
    job = jobs.keep(checked, "lessons.csv", actor="li")
    with pytest.raises(NotNow, match="to be corrected: 1"):
        jobs.start(job)
    job.refresh_from_db()
    assert job.state == BulkState.CHECKED
    assert jobs.start(job, good_only=True) == 1
    assert jobs.counts(run(job)) == {RowState.DONE: 1, RowState.WRONG: 1}


def test_a_few_files_are_on_their_way_at_a_time(here, monkeypatch):
    monkeypatch.setattr(running, "FILES_AHEAD", 1)
    monkeypatch.setattr("platforms.services.fetching.rows.most_at_once", lambda: 2)
    for number in range(5):
        here.put(f"{number}.mp4", film(number))
    job = queued(*(good(f"{number}.mp4", f"第{number}课") for number in range(5)))
    running.run_due()
    assert IncomingFile.objects.count() == 2
    assert jobs.counts(run(job)) == {RowState.DONE: 5}


def test_a_full_disk_makes_it_wait_and_say_so(here, settings):
    here.put()
    job = queued(good(accounts="yk"))
    settings.INTAKE_RESERVE = 10**18
    running.run_due()
    job.refresh_from_db()
    assert "too full" in str(job.note)
    assert job.state == BulkState.RUNNING
    settings.INTAKE_RESERVE = 0
    job.next_run_at = job.created_at
    job.save()
    assert only(run(job)).state == RowState.DONE
    assert job.note is None


@pytest.mark.parametrize("place", ["begin_copy", "take", "move", "publish"])
def test_a_crash_at_any_step_leaves_one_video_a_row(here, monkeypatch, place):
    here.put()
    job = queued(good())
    owner = {"begin_copy": starting, "take": incoming, "move": landing, "publish": publishing}[place]
    work = getattr(owner, place)

    def killed_afterwards(*arguments, **given):
        work(*arguments, **given)
        monkeypatch.setattr(owner, place, work)
        raise KeyboardInterrupt

    monkeypatch.setattr(owner, place, killed_afterwards)
    with pytest.raises(KeyboardInterrupt):
        run(job)
    job.refresh_from_db()
    job.lease_until = job.next_run_at = job.created_at
    job.save()
    assert only(run(job)).state == RowState.DONE
    assert (Video.objects.count(), Publication.objects.count()) == (1, 3)
    assert outcomes(only(job)) == {"yk": "queued", "iq": "queued", "bj": "queued"}


SUBTITLE = "1\n00:00:00,500 --> 00:00:01,000\n你好\n"


def with_subtitles(cell: str, accounts: str = "bj") -> BulkUpload:
    return run(queued((*good(accounts=accounts), cell), headings=(*tables.HEADINGS, "subtitles")))


def test_subtitles_are_kept_with_the_video_and_brought_to_its_platforms_once(here, box):
    here.put()
    here.put("lesson.zh-Hans.srt", SUBTITLE.encode("gb18030"))
    here.put("second.srt", SUBTITLE.encode())
    row = only(with_subtitles("lesson.zh-Hans.srt; en=second.srt"))
    assert row.video is not None
    told = [(one.name, one.language, one.is_default) for one in keeping.of(row.video)]
    assert told == [("简体中文", "zh-Hans", True), ("English", "en", False)]
    rows = list(Publication.objects.all())
    assert SubtitleCopy.objects.filter(publication__in=rows).count() == 2
    assert only(with_subtitles("lesson.zh-Hans.srt")).state == RowState.SKIPPED
    assert keeping.of(row.video).count() == 2


def test_a_subtitle_that_is_gone_by_then_is_told_and_the_video_is_published(here):
    here.put()
    path = here.put("lesson.en.srt", SUBTITLE.encode())
    job = queued((*good(accounts="bj"), "lesson.en.srt"), headings=(*tables.HEADINGS, "subtitles"))
    path.unlink()
    row = only(run(job))
    assert (row.state, outcomes(row)) == (RowState.FAILED, {"bj": "queued", "": "refused"})
    path.write_text(SUBTITLE)
    jobs.retry(job)
    row = only(run(job))
    assert row.video is not None
    assert row.state == RowState.SKIPPED
    assert keeping.of(row.video).count() == 1


def test_times_are_planned_in_the_zone_of_each_account(here):
    here.put()
    Account.objects.filter(name="bj").update(time_zone="Europe/Berlin")
    local = (timezone.localtime() + timedelta(days=30)).strftime("%Y-%m-%d 08:00")
    run(queued((*good(accounts="iq, bj"), local), headings=(*tables.HEADINGS, "publish_at")))
    for name in ("iq", "bj"):
        at = planning.open_plans(Publication.objects.get(account=account(name)))["publish"].planned_at
        assert at is not None
        assert zones.local(at, account(name)).strftime("%Y-%m-%d %H:%M") == local


def test_a_time_that_has_come_meanwhile_means_at_once(here):
    here.put()
    local = (timezone.localtime() + timedelta(days=30)).strftime("%Y-%m-%d 08:00")
    job = queued((*good(accounts="bj"), local), headings=(*tables.HEADINGS, "publish_at"))
    job.rows.update(publish_at="2026-01-01 08:00")
    assert only(run(job)).state == RowState.DONE
    assert Publication.objects.get().publish_at is None


def test_two_workers_at_the_same_row_make_one_video(here):
    here.put()
    job = queued(good())
    running.run_due()
    work.run_due(60)
    stale = BulkRow.objects.select_related("incoming").get()
    run(job)
    landing.use_video(job, stale, Video.objects.get())
    assert (Video.objects.count(), Publication.objects.count()) == (1, 3)
    assert outcomes(only(job)) == {"yk": "queued", "iq": "queued", "bj": "queued"}


def arrived(*files: str) -> list[tuple[BulkUpload, BulkRow, IncomingFile]]:
    """A bulk upload a file, each with its row and the file, which has arrived and is not taken yet."""
    found = []
    for file in files:
        job = queued(good(file, accounts="yk"))
        incoming_file = starting.begin_copy(file, starting.look_at(file), actor="li")
        BulkRow.objects.filter(job=job).update(state=RowState.ARRIVING, incoming=incoming_file)
        found.append((job, job.rows.get(), incoming_file))
    work.run_due(hub.PATIENCE_SECONDS)
    for _job, _row, incoming_file in found:
        incoming_file.refresh_from_db()
    return found


def test_of_the_same_bytes_in_two_bulk_uploads_at_the_same_moment_comes_one_video(here):
    for number in range(8):
        here.put(f"{number}.mp4", film(1))
    landed = arrived(*(f"{number}.mp4" for number in range(8)))
    together = threading.Barrier(len(landed))

    def land(job: BulkUpload, row: BulkRow, file: IncomingFile) -> None:
        together.wait(hub.PATIENCE_SECONDS)
        landing.take(job, row, file)

    hub.join(hub.Worker(partial(land, *each)) for each in landed)
    assert (Video.objects.count(), Publication.objects.count()) == (1, 1)
    assert sorted(outcomes(row)["yk"] for row in BulkRow.objects.all()) == ["queued"] + ["there"] * 7
    assert set(BulkRow.objects.values_list("state", flat=True)) == {RowState.DONE, RowState.SKIPPED}
    assert not IncomingFile.objects.exclude(state="taken").exists()


def test_of_bulk_uploads_that_are_due_at_the_same_moment_one_is_claimed(here):
    for number in range(4):
        here.put(f"{number}.mp4", film(number))
        queued(good(f"{number}.mp4", accounts="yk"))
    together = threading.Barrier(4)

    def claim(job: BulkUpload) -> None:
        together.wait(hub.PATIENCE_SECONDS)
        running._claim(job)

    hub.join(hub.Worker(partial(claim, job)) for job in BulkUpload.objects.all())
    assert BulkUpload.objects.exclude(lease_until=None).count() == 1


def test_what_ended_a_year_ago_is_forgotten_and_its_videos_stay(here):
    for number in range(3):
        here.put(f"{number}.mp4", film(number))
    over, lately, going = (run(queued(good(f"{number}.mp4", accounts="yk"))) for number in range(3))
    long_ago = timezone.now() - timedelta(days=366)
    BulkUpload.objects.exclude(pk=lately.pk).update(finished_at=long_ago)
    BulkRow.objects.filter(job=going).update(state=RowState.WAITING)
    sweep.tidy()
    assert set(BulkUpload.objects.all()) == {lately, going}
    assert not BulkRow.objects.filter(job=over.pk).exists()
    assert Video.objects.count() == 3
