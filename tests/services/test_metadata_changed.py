"""People change metadata: what they have not seen is not overwritten, and each change is written down."""

from __future__ import annotations

import pytest

from platforms.models import Operation, Publication, Revision, Video
from platforms.services.metadata import changing, comparing, settling
from platforms.values import State
from tests.admin.rows import add_account, add_publication

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


def published(name: str = "yk", **columns: object) -> Publication:
    row = add_publication(add_account(name), State.PUBLISHED, remote_id="X1", **columns)
    changing.save(row.video, {"description": "说明", "tags": "数学"}, seen=changing.values(row.video), actor="zhang")
    return row


def test_a_change_is_written_down_with_the_person_and_both_values():
    video = Video.objects.create(title="第一课")
    seen = changing.values(video)
    assert changing.save(video, {"title": "第二课", "description": ""}, seen=seen, actor="li") == ["title"]
    revision = Revision.objects.get()
    assert (revision.actor, revision.changes, revision.publication) == ("li", {"title": ["第一课", "第二课"]}, None)
    video.refresh_from_db()
    assert video.title == "第二课"


def test_nothing_changed_is_nothing_written_down():
    video = Video.objects.create(title="第一课", description="a\nb")
    assert changing.save(video, {"description": "a\r\nb"}, seen=changing.values(video), actor="li") == []
    assert not Revision.objects.exists()


def test_the_later_one_is_told_who_changed_what_and_when():
    video = Video.objects.create(title="第一课", tags="数学")
    seen = changing.values(video)
    changing.save(video, {"title": "第二课", "tags": "语文"}, seen=seen, actor="zhang")
    changing.save(video, {"title": "第三课"}, seen=changing.values(video), actor="wang")
    with pytest.raises(changing.Conflict) as caught:
        changing.save(video, {"description": "我的"}, seen=seen, actor="li")
    told = {one.field: (one.was, one.now, one.actor) for one in caught.value.changes}
    assert told == {"title": ("第一课", "第三课", "wang"), "tags": ("数学", "语文", "zhang")}
    assert all(one.at for one in caught.value.changes)
    video.refresh_from_db()
    assert video.description == ""


def test_a_change_that_no_person_made_has_no_name():
    video = Video.objects.create(title="第一课")
    seen = changing.values(video)
    changing.save(video, {"title": "第二课"}, seen=seen, actor="zhang")
    Video.objects.update(title="第三课")
    (change,) = changing.changes_since(video, seen)
    assert (change.now, change.actor, change.at) == ("第三课", "", None)


def test_whoever_has_seen_the_newer_values_may_save_over_them():
    video = Video.objects.create(title="第一课")
    Video.objects.update(title="第二课")
    newer = changing.values(Video.objects.get())
    assert changing.save(video, {"title": "第三课"}, seen=newer, actor="li") == ["title"]


def test_a_change_of_the_video_makes_its_publications_differ_until_it_is_sent():
    row = published(remote_title="Lesson 1")
    changing.save(row.video, {"title": "第二课"}, seen=changing.values(row.video), actor="li")
    row.refresh_from_db()
    assert row.differs


def test_theirs_are_taken_over_by_the_video_itself_when_it_is_on_one_account():
    row = published(remote_title="他们的.mp4", remote_tags="新", title="专题", differs=True)
    assert settling.take_theirs(row, actor="li")
    row.refresh_from_db()
    assert (row.video.title, row.video.tags, row.title, row.shown_title) == ("他们的", "新", "", "他们的")
    assert not row.differs
    assert not Operation.objects.exists()


def test_theirs_are_the_publications_own_when_the_video_is_on_several_accounts():
    row = published(remote_title="他们的", remote_description="", differs=True)
    Publication.objects.create(video=row.video, account=add_account("second"), state=State.PUBLISHED)
    assert settling.take_theirs(row, actor="li")
    row.refresh_from_db()
    assert (row.title, row.video.title) == ("他们的", "Lesson 1")
    assert [one.field for one in comparing.differences(row)] == ["description"]
    assert "empty" in settling.why_not_take(row, ["description"])
    assert not settling.take_theirs(row, ["description"], actor="li")


def test_one_field_is_taken_or_sent_by_itself():
    row = published(remote_title="他们的", remote_tags="新的", differs=True)
    assert settling.take_theirs(row, ["tags"], actor="li")
    row.refresh_from_db()
    assert (row.video.title, row.video.tags, row.differs) == ("Lesson 1", "新的", True)
    assert settling.send_ours(row, ["title"], actor="li")
    assert Operation.objects.get().arguments == {"fields": ["title"]}


def test_nothing_is_taken_or_sent_where_nothing_differs():
    row = published(remote_title="Lesson 1")
    assert settling.why_not_take(row) == settling.why_not_send(row) != ""
    assert not settling.send_ours(row, actor="li")


def test_what_the_platform_would_refuse_is_not_sent():
    row = published(remote_title="他们的", title="长" * 61)
    assert "60" in settling.why_not_send(row)
    assert not settling.send_ours(row, actor="li")
