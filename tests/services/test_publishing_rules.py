"""What the chosen platforms would refuse is told all at once, at the field concerned, before anything is created."""

from __future__ import annotations

import pytest
from django.utils import timezone
from django.utils.translation import override

from platforms.models import Publication, Video
from platforms.services import publishing
from platforms.services.files import media
from platforms.services.publishing import SENDABLE, Metadata
from platforms.values import State
from tests import hub

pytestmark = pytest.mark.django_db


def fields(found: list[publishing.Obstacle]) -> set[tuple[str, str]]:
    return {(obstacle.account.name, obstacle.field) for obstacle in found}


def test_every_problem_of_every_chosen_platform_is_told_at_once_and_nothing_is_created(box):
    yk, iq, bj = (hub.add_account(box, platform) for platform in ("youku", "iqiyi", "baijiayun"))
    metadata = Metadata("长" * 61, "", "a, " + "b" * 21)
    targets = [hub.target(yk, category="no such", watch_password="abc"), hub.target(iq), hub.target(bj, definition="")]
    found = publishing.obstacles(metadata, media.keep_copy(hub.SAMPLE), targets)
    assert fields(found) == {
        ("yk", "title"), ("yk", "tags"), ("yk", "category"), ("yk", "watch_password"),
        ("iq", "description"), ("bj", "definition"),
    }  # fmt: skip
    assert len([obstacle for obstacle in found if obstacle.field == "tags"]) == 2
    assert all(obstacle.text and "%(" not in obstacle.text for obstacle in found)
    assert not Video.objects.exists()
    assert not Publication.objects.exists()
    assert len(box.requests) == 0


@pytest.mark.parametrize("tags", ["", ",".join(f"标签{number}" for number in range(11))])
def test_youku_wants_one_to_ten_tags(box, tags):
    found = publishing.obstacles(Metadata("标题", "说明", tags), media.keep_copy(hub.SAMPLE), [youku(box)])
    assert fields(found) == {("yk", "tags")}


def test_what_the_platforms_take_meets_no_obstacle(box):
    targets = [hub.target(hub.add_account(box, platform)) for platform in ("youku", "iqiyi", "baijiayun")]
    assert publishing.obstacles(hub.LESSON, media.keep_copy(hub.SAMPLE), targets) == []


def test_a_file_of_an_extension_that_no_platform_takes_is_an_obstacle_on_each(box, tmp_path):
    odd = tmp_path / "lesson.xyz"
    odd.write_bytes(hub.SAMPLE.read_bytes())
    targets = [hub.target(hub.add_account(box, platform)) for platform in ("youku", "iqiyi", "baijiayun")]
    found = publishing.obstacles(hub.LESSON, media.keep_copy(odd), targets)
    assert fields(found) == {("yk", "file"), ("iq", "file"), ("bj", "file")}


def test_obstacles_speak_the_readers_language(box):
    target = youku(box)
    with override("en"):
        (english,) = publishing.obstacles(Metadata("长" * 61, "说明", "数学"), media.keep_copy(hub.SAMPLE), [target])
    assert english.text == "Youku takes at most 60 characters; the title has 61."


def test_what_the_hub_cannot_keep_is_told_by_field():
    problems = publishing.metadata_problems(Metadata("长" * 201, "", "标签" * 300))
    assert set(problems) == {"title", "tags"}
    assert publishing.metadata_problems(Metadata("  ")).keys() == {"title"}
    assert publishing.metadata_problems(hub.LESSON) == {}


@pytest.mark.parametrize("state", State)
def test_a_publication_can_be_sent_again_only_where_the_platform_has_no_video_of_it(box, state):
    (row,) = hub.publish(hub.add_video(), youku(box).account)
    Publication.objects.filter(pk=row.pk).update(state=state)
    row.refresh_from_db()
    assert (publishing.why_not_send(row) == "") is (state in SENDABLE)
    assert publishing.send_again(row, actor="li") is (state in SENDABLE)
    row.refresh_from_db()
    assert row.state == (State.QUEUED if state in SENDABLE else state)


def test_a_failure_that_the_platform_has_a_file_of_is_not_sent_again(box):
    (row,) = hub.publish(hub.add_video(), youku(box).account)
    Publication.objects.filter(pk=row.pk).update(state=State.FAILED, uploaded_at=timezone.now())
    row.refresh_from_db()
    assert publishing.why_not_send(row)
    assert not publishing.send_again(row, actor="li")


def test_sending_again_takes_the_newly_chosen_options_and_forgets_the_error(box):
    target = youku(box)
    (row,) = hub.publish(hub.add_video(), target.account)
    Publication.objects.filter(pk=row.pk).update(state=State.FAILED, error={"text": "x"}, attempts=5)
    chosen = hub.target(target.account, category="教育", public_type="friend")
    (queued,) = publishing.publish(row.video, [chosen], actor="li")
    assert queued.new
    row.refresh_from_db()
    assert (row.category, row.options["public_type"], row.error, row.attempts) == ("教育", "friend", None, 0)


def test_a_publication_is_sent_with_its_own_words_where_it_has_them(box):
    (row,) = hub.publish(hub.add_video(), youku(box).account)
    Publication.objects.filter(pk=row.pk).update(title="自己的标题", tags="自己的标签, 另一个")
    row.refresh_from_db()
    draft = publishing.draft_of(row)
    assert (draft.title, draft.tags, draft.description) == (
        "自己的标题",
        ("自己的标签", "另一个"),
        hub.LESSON.description,
    )
    hub.work([row])
    assert [video["title"] for video in box.videos()] == ["自己的标题"]


def youku(box):
    return hub.target(hub.add_account(box, "youku"))
