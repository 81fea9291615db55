"""Deleting on the platform asks first, on a page that lists everything that will happen."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from platforms.models import Publication
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


def test_the_list_asks_before_anything_happens(client):
    rows = [row(State.PUBLISHED, "a"), row(State.REJECTED, "b"), add_publication(add_account("c"), State.QUEUED)]
    answer = client.post(LIST, {"action": "remove", "_selected_action": [one.pk for one in rows]})
    page = text(answer)
    assert "2 videos will be deleted on their platforms" in page
    assert "1 of them is published: viewers lose it at once." in page
    assert "1 is left alone" in page
    assert "It is “Waiting”; there is nothing to delete." in page
    for one in rows[:2]:
        assert f"{one.shown_title} Youku {one.account.name}" in page
        assert str(one.remote_id) in page
    assert hidden(answer, "ids") == f"{rows[1].pk},{rows[0].pk}"
    assert states() == ["published", "rejected", "queued"]


def test_the_answer_yes_marks_exactly_what_the_page_listed(client):
    rows = [row(State.PUBLISHED, "a"), row(State.REJECTED, "b")]
    later = row(State.PUBLISHED, "later")
    answer = client.post(REMOVE, {"ids": f"{rows[0].pk},{rows[1].pk}", "confirm": "yes"}, follow=True)
    assert "2 videos are being deleted." in told(answer)
    assert states() == ["deleting", "deleting", "published"]
    assert state_of(later) == "published"


def state_of(one: Publication) -> str:
    return Publication.objects.values_list("state", flat=True).get(pk=one.pk)


def test_all_across_pages_are_listed(client):
    for number in range(60):
        row(State.PUBLISHED, f"yk-{number}")
    page = client.post(LIST, {"action": "remove", "_selected_action": ["1"], "select_across": "1"})
    assert "60 videos will be deleted on their platforms" in text(page)
    assert len(hidden(page, "ids").split(",")) == 60


def test_what_changed_meanwhile_is_left_alone_and_said(client):
    one, other = row(State.PUBLISHED, "a"), row(State.PUBLISHED, "b")
    Publication.objects.filter(pk=other.pk).update(state=State.DELETED)
    answer = client.post(REMOVE, {"ids": f"{one.pk},{other.pk}", "confirm": "yes"}, follow=True)
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
    assert client.post(REMOVE, {"ids": str(one.pk), "confirm": "yes"}).status_code == 403
    assert states() == ["published"]


def test_nothing_chosen_is_not_found(client):
    assert client.get(REMOVE).status_code == 404
    assert client.get(REMOVE, {"ids": "x,99"}).status_code == 404


def test_the_way_back_is_never_another_site(client):
    one = row(State.PUBLISHED, "a")
    data = {"ids": str(one.pk), "confirm": "yes", "next": "//elsewhere.example/"}
    assert client.post(REMOVE, data).headers["Location"] == f"{LIST}{one.pk}/change/"
