"""Deleting on the platform asks first, twice for what is published, and accounts for every row."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from platforms.models import Operation, OperationState, Publication, Video
from platforms.services.operations import deleting
from platforms.values import State
from tests.admin.posting import hidden, text, told
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/platforms/publication/"
REMOVE = f"{LIST}remove/"


@pytest.fixture
def client() -> Client:
    return staff("view_publication", "delete_publication")


def row(state: State, name: str, **columns: Any) -> Publication:
    return add_publication(add_account(name), state, remote_id=f"id-{name}", **columns)


def states() -> list[str]:
    return list(Publication.objects.order_by("pk").values_list("state", flat=True))


def yes(*rows: Publication, published: int = 0, **more: str) -> dict[str, str]:
    """What the page that asks sends when somebody has ticked everything."""
    sure = {"published": str(published)} if published else {}
    return {"ids": ",".join(str(one.pk) for one in rows), "confirm": "yes", **sure, **more}


def test_the_list_asks_before_anything_happens(client):
    rows = [row(State.PUBLISHED, "a"), row(State.REJECTED, "b"), add_publication(add_account("c"), State.QUEUED)]
    answer = client.post(LIST, {"action": "remove", "_selected_action": [one.pk for one in rows]})
    page = text(answer)
    assert "Youku 2 videos The platform deletes it for good" in page
    assert "1 of them is published: viewers lose it at once." in page
    assert "1 is left alone 1 It is “Waiting”; there is nothing to delete." in page
    for one in rows[:2]:
        assert f"{one.shown_title} Youku {one.account.name}" in page
        assert str(one.remote_id) in page
    assert hidden(answer, "ids") == f"{rows[1].pk},{rows[0].pk}"
    assert states() == ["published", "rejected", "queued"]


def test_the_answer_yes_marks_exactly_what_the_page_listed(client):
    rows = [row(State.PUBLISHED, "a"), row(State.REJECTED, "b")]
    later = row(State.PUBLISHED, "later")
    answer = client.post(REMOVE, yes(*rows, published=1), follow=True)
    assert "2 videos are being deleted." in told(answer)
    assert states() == ["deleting", "deleting", "published"]
    assert state_of(later) == "published"
    assert Operation.objects.filter(kind="remove", state=OperationState.RUNNING).count() == 2
    assert {event.actor for one in rows for event in one.events.filter(kind="deleting")} == {"staff-0"}


def state_of(one: Publication) -> str:
    return Publication.objects.values_list("state", flat=True).get(pk=one.pk)


def test_what_is_published_is_asked_for_a_second_time_and_the_server_checks(client):
    rows = [row(State.PUBLISHED, "a"), row(State.PUBLISHED, "b"), row(State.REJECTED, "c")]
    for sure in (0, 1, 3):
        page = text(client.post(REMOVE, yes(*rows, published=sure)))
        assert "Nothing was deleted: confirm that viewers lose what is published." in page
    assert states() == ["published", "published", "rejected"]
    client.post(REMOVE, yes(*rows, published=2))
    assert states() == ["deleting"] * 3


def test_all_across_pages_are_listed(client):
    for number in range(60):
        row(State.PUBLISHED, f"yk-{number}")
    page = client.post(LIST, {"action": "remove", "_selected_action": ["1"], "select_across": "1"})
    assert "Youku 60 videos" in text(page)
    assert len(hidden(page, "ids").split(",")) == 60


def test_what_changed_meanwhile_is_left_alone_and_said(client):
    one, other = row(State.PUBLISHED, "a"), row(State.PUBLISHED, "b")
    Publication.objects.filter(pk=other.pk).update(state=State.DELETED)
    answer = client.post(REMOVE, yes(one, other, published=1), follow=True)
    assert "1 video is being deleted. 1 skipped: It is “Deleted”; there is nothing to delete." in told(answer)


def test_without_the_yes_nothing_happens(client):
    one = row(State.PUBLISHED, "a")
    assert client.get(REMOVE, {"ids": str(one.pk)}).status_code == 200
    assert client.post(REMOVE, {"ids": str(one.pk)}).status_code == 200
    assert states() == ["published"]


def test_without_permission_there_is_neither_action_nor_page():
    one, client = row(State.PUBLISHED, "a"), staff("change_publication")
    assert '"remove"' not in client.get(LIST).content.decode()
    assert client.get(REMOVE, {"ids": str(one.pk)}).status_code == 403
    assert client.post(REMOVE, yes(one, published=1)).status_code == 403
    assert states() == ["published"]


def test_nothing_chosen_is_not_found(client):
    assert client.get(REMOVE).status_code == 404
    assert client.get(REMOVE, {"ids": "x,99"}).status_code == 404


def test_the_way_back_is_never_another_site(client):
    one = row(State.REJECTED, "a")
    data = yes(one, next="//elsewhere.example/")
    assert client.post(REMOVE, data).headers["Location"] == f"{LIST}{one.pk}/change/"


def test_files_in_the_hub_are_asked_for_by_themselves_and_stay_where_an_upload_needs_them(client):
    free, needed = row(State.REJECTED, "a"), row(State.REJECTED, "b")
    Video.objects.update(source="videos/kept.mp4")
    Publication.objects.create(video=needed.video, account=add_account("c"), state=State.QUEUED)
    page = client.get(REMOVE, {"ids": f"{free.pk},{needed.pk}"})
    assert "Delete the file in the hub, too" in text(page)
    assert f"The file of “{needed.video}” stays: c still needs it for its upload." in text(page)
    client.post(REMOVE, yes(free, needed, file="on"))
    asked = {one.publication: one.arguments for one in Operation.objects.all()}
    assert asked == {free: {"file": True}, needed: {}}


def test_an_operation_ends_as_its_deletion_does(client):
    gone, kept = row(State.REJECTED, "a"), row(State.REJECTED, "b")
    client.post(REMOVE, yes(gone, kept))
    Publication.objects.filter(pk=gone.pk).update(state=State.DELETED)
    Publication.objects.filter(pk=kept.pk).update(state=State.PUBLISHED, error={"text": "Not today.", "params": {}})
    deleting.settle()
    ended = {one.publication_id: (one.state, one.error_text) for one in Operation.objects.all()}
    assert ended == {gone.pk: ("done", ""), kept.pk: ("failed", "Not today.")}
    assert not deleting.unsettled().exists()
