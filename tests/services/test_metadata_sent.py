"""Changed metadata reach each platform that can change them, now or after the upload; the latest wins."""

from __future__ import annotations

from typing import Any

import pytest

from platforms.contract import HasCategoryTree
from platforms.models import Operation, OperationState, Publication
from platforms.registry import DRIVERS
from platforms.services import lending, publishing
from platforms.services.metadata import changing, comparing, sending
from platforms.services.metadata.sending import Effect
from platforms.services.operations import running
from platforms.services.publishing import Metadata
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.admin.rows import add_account, add_publication
from tests.services.uploads import queued, started

pytestmark = pytest.mark.django_db
NEW = {"title": "第二课", "description": "小数", "tags": "小数, 四年级"}
FIELDS = ("title", "description", "tags")
UPDATE = "/youku/v2/videos/update.json"


def published(box: Sandbox, platform: str) -> Publication:
    rows = hub.publish(hub.add_video(), hub.add_account(box, platform))
    hub.work(rows)
    return rows[0]


def change(row: Publication, new: dict[str, str], **other: Any) -> list[sending.Plan]:
    """A person saves the video's metadata and has them sent."""
    fields = changing.save(row.video, new, seen=changing.values(row.video), actor="li")
    plans = sending.plans([Publication.objects.get(pk=row.pk)], fields, of_video=True)
    sending.send(plans, actor="li")
    return plans


def do() -> None:
    running.run_due(actor="test", seconds=10)


@pytest.mark.parametrize("platform", list(DRIVERS))
def test_they_reach_the_platform_as_far_as_it_lets_them_be_changed(box, platform):
    row = published(box, platform)
    (plan,) = change(row, NEW)
    able = comparing.changeable(platform)
    assert set(plan.fields) == set(FIELDS) & able
    assert set(plan.kept) == set(FIELDS) - able
    do()
    operation = Operation.objects.get()
    assert (operation.state, operation.error) == (OperationState.DONE, None)
    row.refresh_from_db()
    assert row.remote_title == "第二课"
    assert row.differs is False
    (video,) = box.videos(platform)
    assert video["title"] == "第二课"
    assert hub.last_event(row, kind="edit").text
    assert not row.events.filter(kind="renamed").exists()


def test_what_was_not_changed_here_stays_as_it_is_there(box):
    row = published(box, "youku")
    driver: Any = lending.driver_for(row.account)
    driver.api.update_video(row.remote_id, title="在优酷改的")
    change(row, {"tags": "小数"} | {name: getattr(row.video, name) for name in ("title", "description")})
    do()
    video = driver.api.show_video(row.remote_id)
    assert (video.title, video.tags) == ("在优酷改的", ("小数",))


def test_the_latest_wins_and_what_waited_is_sent_along(box):
    row = published(box, "youku")
    change(row, {"title": "第二课"})
    change(row, {"title": "第三课"})
    change(row, {"description": "小数"})
    assert list(Operation.objects.filter(state="waiting").values_list("arguments", flat=True)) == [
        {"fields": ["title", "description"]}
    ]
    do()
    assert len(box.requests.to(UPDATE)) == 1
    driver: Any = lending.driver_for(row.account)
    video = driver.api.show_video(row.remote_id)
    assert (video.title, video.description) == ("第三课", "小数")


@pytest.mark.parametrize("platform", list(DRIVERS))
def test_the_same_change_twice_does_no_harm_after_a_lost_answer(box, platform):
    row = published(box, platform)
    path = {"youku": UPDATE, "iqiyi": "/iqiyi/api/file/info", "baijiayun": "openapi/video/update"}[platform]
    change(row, NEW)
    box.block(path, Answer(close=True, after_work=True), times=3)
    do()
    operation = Operation.objects.get()
    if operation.state == OperationState.WAITING:
        Operation.objects.update(next_run_at=operation.created_at)
        do()
    operation.refresh_from_db()
    assert operation.state == OperationState.DONE
    assert box.videos(platform)[0]["title"] == "第二课"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["oss", "ranges", "chunks"])
def test_what_is_changed_during_the_upload_is_sent_after_it(box, attentive, gate, name):
    row = queued(box, name)
    worker = started(gate)
    (plan,) = change(row, NEW)
    assert plan.effect == Effect.AFTER_UPLOAD
    do()
    assert Operation.objects.get().state == OperationState.WAITING
    gate.open()
    worker.finish()
    hub.work([row])
    do()
    assert Operation.objects.get().state == OperationState.DONE
    assert box.videos()[0]["title"] == "第二课"


@pytest.mark.parametrize(
    ("state", "effect"),
    [
        (State.QUEUED, Effect.WITH_UPLOAD), (State.DRAFT, Effect.WITH_UPLOAD), (State.UPLOADING, Effect.AFTER_UPLOAD),
        (State.PROCESSING, Effect.SENT), (State.BLOCKED, Effect.SENT), (State.MISSING, Effect.NOT_THERE),
        (State.DELETING, Effect.NOT_THERE), (State.FAILED, Effect.NOT_THERE), (State.UNKNOWN, Effect.NOT_THERE),
    ],
)  # fmt: skip
def test_it_is_told_beforehand_what_becomes_of_each_publication(state, effect):
    there = state in (State.PROCESSING, State.BLOCKED, State.MISSING, State.DELETING)
    row = add_publication(add_account(), state, remote_id="X1" if there else None)
    (plan,) = sending.plans([row], ["title"], of_video=True)
    assert (plan.effect, plan.is_sent) == (effect, effect in (Effect.SENT, Effect.AFTER_UPLOAD))
    if not plan.is_sent:
        assert sending.send([plan], actor="li") == 0
        assert not Operation.objects.exists()


@pytest.mark.parametrize("platform", list(DRIVERS))
def test_a_category_is_changed_on_every_platform(box, platform):
    row = published(box, platform)
    driver: Any = lending.driver_for(row.account)
    has_tree = isinstance(driver, HasCategoryTree)
    category = driver.add_category("数学").remote_id if has_tree else {"youku": "教育", "iqiyi": "12"}[platform]
    changing.save(row, {"category": category}, seen=changing.values(row), actor="li")
    sending.send(sending.plans([row], ["category"], of_video=False), actor="li")
    do()
    assert Operation.objects.get().state == OperationState.DONE
    row.refresh_from_db()
    assert row.remote_category in (category, None), "iQiyi does not say it"
    assert row.remote_category is None or not row.differs
    if platform == "iqiyi":
        assert box.requests.to("/iqiyi/api/file/info")[-1].values["file_type"] == category


def test_a_publication_with_a_title_of_its_own_is_not_concerned_by_the_videos():
    row = add_publication(add_account(), State.PUBLISHED, remote_id="X1", title="专题")
    (plan,) = sending.plans([row], ["title"], of_video=True)
    assert (plan.effect, plan.own) == (Effect.OWN, ("title",))
    (plan,) = sending.plans([row], ["title"], of_video=False)
    assert (plan.effect, plan.fields) == (Effect.SENT, ("title",))


def test_what_platforms_would_refuse_is_told_before_anything_is_sent(box):
    hub.publish(hub.add_video(), *(hub.add_account(box, platform) for platform in DRIVERS))
    Publication.objects.update(state=State.PUBLISHED, remote_id="X1")
    plans = sending.plans(Publication.objects.all(), FIELDS, of_video=True)
    found = sending.obstacles(plans, Metadata("长" * 61, "", ""))
    assert {(one.account.name, one.field) for one in found} == {
        ("yk", "title"), ("yk", "tags"), ("iq", "description"),
    }  # fmt: skip


def test_a_refusal_of_the_platform_is_shown_and_nothing_is_repeated(box):
    row = published(box, "youku")
    Publication.objects.filter(pk=row.pk).update(title="长" * 61)
    sending.send(sending.plans([Publication.objects.get(pk=row.pk)], ["title"], of_video=False), actor="li")
    do()
    operation = Operation.objects.get()
    assert (operation.state, operation.attempts) == (OperationState.FAILED, 1)
    assert operation.error_text


def test_a_draft_of_the_upload_to_come_has_the_new_values():
    row = add_publication(add_account(), State.QUEUED)
    change(row, NEW)
    assert publishing.draft_of(Publication.objects.get(pk=row.pk)).title == "第二课"
