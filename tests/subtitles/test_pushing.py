"""What is added to a video once comes to every publication whose platform has subtitles, however often calls fail."""

from __future__ import annotations

import pytest
import requests
from django.core.files.storage import default_storage
from django.utils import timezone

from platforms import tasks
from platforms.errors import PlatformError
from platforms.models import Account, CopyState, Health, Operation, OperationState, Publication, Subtitle, SubtitleCopy
from platforms.services import publishing, sweep, videos
from platforms.services.operations import kinds
from platforms.services.subtitles import asking, content, copies, keeping, pushing
from platforms.values import State
from sandbox.server import Answer
from tests import hub
from tests.subtitles.files import SRT, VTT
from tests.subtitles.there import (
    PLATFORMS,
    add,
    call,
    copy_of,
    driver_of,
    listed,
    names,
    published,
    put,
    supports,
    work,
)

pytestmark = pytest.mark.django_db


def test_it_comes_to_every_platform_that_has_subtitles_and_the_others_are_left_out(box):
    rows = published(box, *PLATFORMS)
    subtitle = add(rows[0].video, is_default=True)
    assert sweep.due().follow
    work()
    for row in rows:
        copies_there = list(SubtitleCopy.objects.filter(publication=row))
        assert bool(copies_there) == supports(row.account.platform)
        assert bool(copies.why_none(row.account.platform)) != supports(row.account.platform)
        for copy in copies_there:
            (remote,) = listed(row)
            assert (remote.name, remote.is_default) == (subtitle.name, True)
            assert requests.get(remote.url, timeout=60).content == SRT.encode()
            assert (copy.state, copy.remote_id, copy.error) == (CopyState.THERE, remote.remote_id, None)
            told = " ".join(event.text for event in row.events.filter(kind="subtitle"))
            assert remote.remote_id in told
    assert Operation.objects.exclude(state=OperationState.DONE).count() == 0
    assert not sweep.due().follow


def test_what_was_added_before_the_upload_comes_once_the_platform_has_the_video(box):
    video, account = hub.add_video(), hub.add_account(box, "baijiayun")
    first = add(video)
    (row,) = hub.publish(video, account)
    second = add(video, "English", "en", VTT)
    assert not asking.due().exists()
    hub.work([row])
    work()
    assert sorted(names(row)) == ["English", "简体中文"]
    assert {copy_of(one, row).state for one in (first, second)} == {CopyState.THERE}


def test_rename_default_and_removal_reach_the_platform_and_the_file_goes(box):
    (row,) = published(box)
    chinese, english = add(row.video, is_default=True), add(row.video, "English", "en", VTT)
    work()
    keeping.rename(english, "英文字幕", "en", actor="li")
    keeping.set_default(english, actor="li")
    assert copy_of(english, row).state == CopyState.CHANGING
    work()
    assert {(one.name, one.is_default) for one in listed(row)} == {("简体中文", False), ("英文字幕", True)}
    assert keeping.remove(chinese, actor="li")
    assert not keeping.remove(chinese, actor="wang")
    assert list(keeping.of(row.video)) == [english]
    work()
    assert names(row) == ["英文字幕"]
    assert not Subtitle.objects.filter(pk=chinese.pk).exists()


def test_a_removed_file_leaves_the_storage(box, django_capture_on_commit_callbacks):
    video = hub.add_video()
    subtitle = add(video)
    name = str(subtitle.file.name)
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        keeping.remove(subtitle, actor="li")
    assert not default_storage.exists(name)
    kept = str(add(video).file.name)
    with django_capture_on_commit_callbacks(execute=True):
        assert videos.delete(video, actor="li")
    assert not default_storage.exists(kept)


def test_nothing_is_sent_that_is_there_as_it_should_be(box):
    (row,) = published(box)
    add(row.video)
    work()
    box.requests.clear()
    pushing.bring(driver_of(row), row, {})
    assert [one.path.rpartition("/")[2] for one in box.requests] == ["getSubtitleList"]


def test_a_lost_answer_makes_no_second_subtitle(box):
    (row,) = published(box)
    subtitle = add(row.video, is_default=True)
    box.block(call(box, "uploadSubtitle"), hub.LOST, times=1)
    work()
    assert copy_of(subtitle, row).state == CopyState.SENDING
    assert len(listed(row)) == 1
    work()
    (remote,) = listed(row)
    assert copy_of(subtitle, row).remote_id == remote.remote_id
    assert (copy_of(subtitle, row).state, remote.is_default) == (CopyState.THERE, True)


def test_a_call_that_never_arrived_is_sent_again(box):
    (row,) = published(box)
    subtitle = add(row.video)
    box.block(call(box, "uploadSubtitle"), Answer(close=True), times=1)
    work()
    assert (copy_of(subtitle, row).state, names(row)) == (CopyState.SENDING, [])
    work()
    assert (copy_of(subtitle, row).state, names(row)) == (CopyState.THERE, ["简体中文"])


def test_a_worker_killed_after_its_call_has_its_subtitle_found_again_among_others_of_the_name(box, monkeypatch):
    (row,) = published(box)
    put(row, "简体中文", VTT)
    subtitle = add(row.video)
    with monkeypatch.context() as patch:
        patch.setattr(pushing, "_take_as_there", _die)
        with pytest.raises(KeyboardInterrupt):
            pushing.bring(driver_of(row), row, {})
    assert len(listed(row)) == 2
    work()
    assert len(listed(row)) == 2
    copy = copy_of(subtitle, row)
    content_there = {one.remote_id: requests.get(one.url, timeout=60).content for one in listed(row)}
    assert content_there[copy.remote_id] == SRT.encode()


def _die(*_arguments: object) -> None:
    raise KeyboardInterrupt


def test_one_that_is_there_with_the_same_name_and_words_is_not_sent(box):
    (row,) = published(box)
    there = put(row, "简体中文")
    subtitle = add(row.video)
    work()
    assert copy_of(subtitle, row).remote_id == there.remote_id
    assert len(listed(row)) == 1


def test_one_that_was_removed_while_its_answer_was_lost_goes_from_the_platform_too(box):
    (row,) = published(box)
    subtitle = add(row.video)
    box.block(call(box, "uploadSubtitle"), hub.LOST, times=1)
    work()
    keeping.remove(subtitle, actor="li")
    assert Subtitle.objects.filter(pk=subtitle.pk).exists()
    work()
    assert (names(row), Subtitle.objects.count(), SubtitleCopy.objects.count()) == ([], 0, 0)


def test_one_that_is_already_gone_is_removed_with_success(box):
    (row,) = published(box)
    subtitle = add(row.video)
    work()
    driver_of(row).delete_subtitle(copy_of(subtitle, row).remote_id)
    keeping.remove(subtitle, actor="li")
    work()
    assert Subtitle.objects.count() == 0
    assert "already gone" in str(row.events.filter(kind="subtitle").values_list("sentence", flat=True))


def test_a_lost_answer_to_a_deletion_is_success(box):
    (row,) = published(box)
    subtitle = add(row.video)
    work()
    keeping.remove(subtitle, actor="li")
    box.block(call(box, "deleteSubtitle"), hub.LOST, times=1)
    work()
    work()
    assert (names(row), Subtitle.objects.count()) == ([], 0)


def test_what_the_platform_refuses_fails_with_its_reason_and_the_others_go_on(box):
    (row,) = published(box)
    refused = add(row.video)
    box.block(
        call(box, "uploadSubtitle"),
        Answer(200, b'{"code": 5002, "msg": "\xe5\xad\x97\xe5\xb9\x95", "data": null, "ts": 1}'),
        times=1,
    )
    taken = add(row.video, "English", "en", VTT)
    work()
    copy = copy_of(refused, row)
    assert (copy.state, "5002" in copy.error_text) == (CopyState.FAILED, True)
    assert copy_of(taken, row).state == CopyState.THERE
    assert not asking.due().exists()
    assert copies.again(copy)
    assert not copies.again(copy_of(refused, row))
    work()
    assert (copy_of(refused, row).state, len(names(row))) == (CopyState.THERE, 2)


def test_one_that_vanished_there_is_marked_and_sent_again_only_when_asked(box):
    (row,) = published(box)
    subtitle = add(row.video)
    work()
    driver_of(row).delete_subtitle(copy_of(subtitle, row).remote_id)
    add(row.video, "English", "en", VTT)
    work()
    assert copy_of(subtitle, row).state == CopyState.MISSING
    work()
    assert names(row) == ["English"]
    assert copies.again(copy_of(subtitle, row))
    work()
    assert names(row) == ["English", "简体中文"]


def test_wrong_credentials_keep_it_waiting_and_stop_the_account(box):
    (row,) = published(box)
    wrong = row.account.credentials | {"partner_key": "0" * 32, "secret_key": ""}
    Account.objects.filter(pk=row.account_id).update(credentials=wrong)
    subtitle = add(row.video)
    work()
    row.account.refresh_from_db()
    assert row.account.health == Health.NEEDS_PERSON
    assert copy_of(subtitle, row).state == CopyState.WAITING
    assert not asking.due().exists()


def test_what_was_given_up_is_left_to_a_person_and_not_asked_for_without_end(box):
    (row,) = published(box)
    subtitle = add(row.video)
    asking.run_due()
    error = {"text": "It failed.", "params": {}}
    Operation.objects.update(state=OperationState.FAILED, ended_at=timezone.now(), next_run_at=None, error=error)
    asking.run_due()
    copy = copy_of(subtitle, row)
    assert (copy.state, copy.error_text) == (CopyState.FAILED, "It failed.")
    assert Operation.objects.count() == 1
    assert copies.again(copy)
    work()
    assert names(row) == ["简体中文"]


def test_a_video_that_is_deleted_and_sent_again_gets_its_subtitles_again(box):
    (row,) = published(box)
    subtitle = add(row.video)
    work()
    hub.delete_elsewhere(row)
    Publication.objects.filter(pk=row.pk).update(state=State.DELETED)
    row.refresh_from_db()
    assert publishing.send_again(row, actor="li")
    assert (copy_of(subtitle, row).state, copy_of(subtitle, row).remote_id) == (CopyState.WAITING, "")
    hub.work([row])
    work()
    assert names(row) == ["简体中文"]


def test_removal_from_a_video_that_is_gone_leaves_nothing_behind(box):
    (row,) = published(box)
    subtitle = add(row.video)
    work()
    keeping.remove(subtitle, actor="li")
    Publication.objects.filter(pk=row.pk).update(state=State.MISSING)
    tasks.run_due()
    assert Subtitle.objects.count() == 0


def test_a_file_that_is_gone_is_told_and_nothing_is_sent(box):
    (row,) = published(box)
    subtitle = add(row.video)
    default_storage.delete(str(subtitle.file.name))
    work()
    copy = copy_of(subtitle, row)
    assert (copy.state, subtitle.name in copy.error_text) == (CopyState.FAILED, True)
    assert names(row) == []
    with pytest.raises(content.NoContent):
        content.text_of(subtitle)


def test_bringing_is_an_operation_that_may_be_repeated(box):
    assert kinds.KINDS["subtitles"].is_repeatable
    (row,) = published(box)
    add(row.video)
    box.block("/baijiayun/", Answer(status=503), times=30)
    with pytest.raises(PlatformError):
        pushing.bring(driver_of(row), row, {})
    box.unblock()
    work()
    assert names(row) == ["简体中文"]
