"""What platforms have comes into the hub: unknown subtitles, other names and defaults, and what is gone there."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.utils import timezone

from platforms.errors import Unsupported
from platforms.models import Account, CopyState, Publication, Subtitle, SubtitleCopy
from platforms.services.operations import asking
from platforms.services.subtitles import content, copies, keeping, syncing, theirs
from platforms.services.subtitles.reading import MOST_BYTES
from platforms.values import RemoteSubtitle
from tests import hub
from tests.subtitles.files import VTT
from tests.subtitles.there import (
    PLATFORMS,
    add,
    call,
    copy_of,
    driver_of,
    listed,
    names,
    publication_of,
    published,
    put,
    supports,
    work,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def sync(row) -> syncing.Counts:
    return syncing.sync_account(row.account, actor="li")


def list_calls(box) -> int:
    return sum(request.path == call(box, "getSubtitleList") for request in box.requests)


def test_it_keeps_to_the_calls_of_the_hour_and_goes_on_where_it_was(box):
    (first,) = published(box)
    rows = [first, *(publication_of(hub.add_video(), box, first.account) for _ in range(3))]
    for row in rows:
        put(row, "旁白")
    Account.objects.update(calls_per_hour=4, calls_made=0, calls_followed=0)
    created = 0
    for stops in (True, False):
        Account.objects.update(calls_hour=timezone.now() - timedelta(hours=1))
        before = list_calls(box)
        if stops:
            with pytest.raises(syncing.Stopped) as stopped:
                sync(Publication.objects.get(pk=first.pk))
            created += stopped.value.counts.created
            assert "The calls for this hour are used up." in stopped.value.sentence.text
        else:
            created += sync(Publication.objects.get(pk=first.pk)).created
        assert list_calls(box) - before == 2
    assert (created, Subtitle.objects.count()) == (4, 4)


def test_one_that_is_stopped_goes_on_where_it_was_and_the_next_begins_anew(box, monkeypatch):
    (first,) = published(box)
    second = publication_of(hub.add_video(), box, first.account)
    leave, compare = Event(), syncing.compare

    def compared(*given: Any) -> None:
        compare(*given)
        leave.set()

    monkeypatch.setattr(syncing, "compare", compared)
    with pytest.raises(syncing.Stopped):
        syncing.sync_account(first.account, actor="li", leave=leave)
    put(first, "旁白")
    put(second, "旁白")
    assert sync(first) == syncing.Counts(created=1)
    assert sync(first) == syncing.Counts(created=1)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_was_added_there_is_brought_in_once_or_the_platform_has_none(box, platform):
    (row,) = published(box, platform)
    if not supports(platform):
        with pytest.raises(Unsupported):
            sync(row)
        return
    remote = put(row, "English", VTT)
    put(row, "旁白")
    driver_of(row).set_default_subtitle(str(row.remote_id), remote.remote_id)
    assert sync(row) == syncing.Counts(created=2)
    english, other = keeping.of(row.video)
    assert (english.name, english.language, content.text_of(english)) == ("English", "en", VTT)
    assert (other.name, other.language, other.format) == ("旁白", "und", "srt")
    assert (copy_of(english, row).state, copy_of(english, row).remote_default) == (CopyState.THERE, True)
    assert sync(row) == syncing.Counts()
    work()
    assert len(listed(row)) == 2


def test_what_the_hub_has_itself_is_recognised_whatever_its_name(box):
    (row,) = published(box)
    subtitle = add(row.video)
    put(row, "字幕 1")
    assert sync(row) == syncing.Counts(updated=1)
    assert Subtitle.objects.get() == subtitle
    assert (copy_of(subtitle, row).state, copy_of(subtitle, row).remote_name) == (CopyState.THERE, "字幕 1")


def test_another_file_of_a_known_name_gets_a_name_of_its_own(box):
    (row,) = published(box)
    add(row.video)
    work()
    put(row, "简体中文", VTT)
    assert sync(row).created == 1
    assert [one.name for one in keeping.of(row.video)] == ["简体中文", "简体中文 (2)"]


def test_another_name_and_default_there_are_noticed_and_ours_is_sent_only_when_asked(box):
    (row,) = published(box)
    subtitle = add(row.video)
    work()
    there = copy_of(subtitle, row)
    driver_of(row).rename_subtitle(there.remote_id, "中文")
    driver_of(row).set_default_subtitle(str(row.remote_id), there.remote_id)
    assert sync(row) == syncing.Counts(updated=1)
    assert sync(row) == syncing.Counts()
    copy = copy_of(subtitle, row)
    assert (copy.state, copy.remote_name, copy.remote_default) == (CopyState.THERE, "中文", True)
    work()
    assert names(row) == ["中文"]
    assert copies.again(copy)
    work()
    assert names(row) == ["简体中文"]


def test_what_vanished_there_is_missing_and_comes_back_when_it_does(box):
    (row,) = published(box)
    subtitle = add(row.video)
    work()
    driver_of(row).delete_subtitle(copy_of(subtitle, row).remote_id)
    assert sync(row) == syncing.Counts(missing=1)
    assert copy_of(subtitle, row).state == CopyState.MISSING
    assert sync(row) == syncing.Counts()
    put(row, "简体中文")
    assert sync(row) == syncing.Counts(updated=1)
    assert copy_of(subtitle, row).state == CopyState.THERE


def test_what_came_from_one_account_goes_to_another_only_when_asked(box):
    (row,) = published(box)
    other = publication_of(row.video, box, hub.add_account(box, "baijiayun", "second", "second"), "second")
    put(row, "English", VTT)
    assert sync(row).created == 1
    subtitle = keeping.of(row.video).get()
    assert copy_of(subtitle, other).state == CopyState.MISSING
    work()
    assert names(other) == []
    assert copies.again(copy_of(subtitle, other))
    work()
    assert names(other) == ["English"]


def test_a_file_that_cannot_be_used_is_told_and_the_rest_is_brought_in(box):
    (row,) = published(box)
    put(row, "broken", "1\n00:00:01,000 --> 00:00:00,500\nwords\n")
    put(row, "English", VTT)
    assert sync(row) == syncing.Counts(created=1)
    told = [event.text for event in row.events.filter(kind="subtitle")]
    assert any("“broken” is not brought in" in text for text in told)
    assert any("before it begins" in text for text in told)


def test_a_video_that_is_gone_does_not_stop_the_others(box):
    (row,) = published(box)
    other = publication_of(hub.add_video(), box, row.account)
    put(other, "English", VTT)
    hub.delete_elsewhere(row)
    assert sync(other).created == 1


def test_it_is_asked_for_and_done_by_a_worker(box):
    (row,) = published(box)
    put(row, "English", VTT)
    (operation,) = asking.ask(syncing.KIND, [row], actor="li").operations
    work()
    operation.refresh_from_db()
    assert (operation.state, Subtitle.objects.count()) == ("done", 1)
    assert "1 brought in" in hub.last_event(row, kind="subtitles_sync").text


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/a.vtt", "http://10.0.0.1/a.vtt", "http://169.254.169.254/a.vtt", "ftp://x/a", ""]
)
def test_only_the_public_net_and_the_platforms_themselves_are_asked_for_files(box, url):
    with pytest.raises(theirs.NotFetched) as caught:
        theirs.fetch(RemoteSubtitle("1", "a", url, False))
    assert "token" not in str(caught.value)


def test_a_file_larger_than_a_subtitle_is_not_taken(box, monkeypatch):
    (row,) = published(box)
    remote = put(row, "long", "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x" * MOST_BYTES + "\n")
    with pytest.raises(theirs.NotFetched) as caught:
        theirs.fetch(next(one for one in listed(row) if one.remote_id == remote.remote_id))
    assert "larger than" in caught.value.sentence.text
    assert SubtitleCopy.objects.count() == 0
