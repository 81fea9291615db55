"""Retry, pause, resume and cancel, from the list and from a publication's page: what is done is said, and why not."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from platforms.models import Event, Publication, Video
from platforms.values import State
from tests.admin.posting import page_of, told
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/platforms/publication/"
VERBS = ("retry", "pause", "resume", "cancel")


@pytest.fixture
def client() -> Client:
    return staff("change_publication")


@pytest.fixture(autouse=True)
def file(settings, tmp_path) -> None:
    """Every video has its file, and what Youku asks of its metadata."""
    settings.MEDIA_ROOT = str(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"frames")


def row(state: State, name: str = "yk", **columns: Any) -> Publication:
    made = add_publication(add_account(name), state, **columns)
    Video.objects.filter(pk=made.video_id).update(source="a.mp4", tags="maths")
    return made


def act(client: Client, action: str, *rows: Publication, **more: Any) -> Any:
    data = {"action": action, "_selected_action": [one.pk for one in rows], **more}
    return client.post(LIST, data, follow=True)


def state_of(one: Publication) -> str:
    return Publication.objects.values_list("state", flat=True).get(pk=one.pk)


def do(client: Client, one: Publication, verb: str, **more: str) -> Any:
    return client.post(f"{LIST}{one.pk}/do/{verb}/", more, follow=True)


@pytest.mark.parametrize(
    ("verb", "before", "after", "said"),
    [
        ("retry", State.FAILED, State.QUEUED, "1 publication queued."),
        ("retry", State.DELETED, State.QUEUED, "1 publication queued."),
        ("pause", State.UPLOADING, State.PAUSED, "1 upload paused."),
        ("resume", State.PAUSED, State.QUEUED, "1 upload goes on."),
        ("cancel", State.UPLOADING, State.CANCELLED, "1 upload cancelled."),
        ("cancel", State.FAILED, State.CANCELLED, "1 upload cancelled."),
    ],
)
def test_a_verb_changes_the_state_and_says_so(client, verb, before, after, said):
    one = row(before)
    answer = do(client, one, verb)
    assert said in told(answer)
    assert state_of(one) == after
    assert Event.objects.latest("id").actor == "staff-0"
    assert answer.redirect_chain[-1][0] == page_of(one)


def test_the_list_says_how_many_and_why_not_the_others(client):
    rows = [row(State.FAILED, "a"), row(State.CANCELLED, "b"), row(State.PUBLISHED, "c"), row(State.PUBLISHED, "d")]
    answer = act(client, "retry", *rows)
    assert "2 publications queued. 2 skipped: It is “Published”." in told(answer)
    assert [state_of(one) for one in rows] == ["queued", "queued", "published", "published"]


def test_select_all_across_pages_takes_every_row_of_the_filter(client):
    rows = [row(State.QUEUED, f"yk-{number}") for number in range(4)]
    other = row(State.UPLOADING, "other")
    data = {"action": "pause", "_selected_action": [rows[0].pk], "select_across": "1"}
    answer = client.post(f"{LIST}?state__exact=queued", data, follow=True)
    assert "4 uploads paused." in told(answer)
    assert state_of(other) == "uploading"


def test_more_rows_than_a_person_waits_for_are_refused(client, monkeypatch):
    monkeypatch.setattr("platforms.admin.publications.MOST_AT_ONCE", 2)
    rows = [row(State.QUEUED, f"yk-{number}") for number in range(3)]
    assert "At most 2 publications at a time; choose fewer." in told(act(client, "cancel", *rows))
    assert {state_of(one) for one in rows} == {"queued"}


def test_a_retry_that_the_platform_would_refuse_says_what_to_correct(client):
    one = row(State.FAILED)
    Video.objects.update(tags="")
    assert "1 skipped: Youku needs at least one tag." in told(do(client, one, "retry"))
    assert state_of(one) == "failed"


def test_a_failed_publication_that_the_platform_has_is_neither_retried_nor_forgotten(client):
    one = row(State.FAILED, remote_id="there", uploaded_at="2026-01-01T00:00Z")
    assert "The platform already has its file." in told(do(client, one, "retry"))
    assert "The platform already has its file; delete it there." in told(do(client, one, "cancel"))
    assert state_of(one) == "failed"


def test_what_needs_a_decision_is_not_sent_again_without_one(client):
    one = row(State.UNKNOWN)
    assert "1 skipped: It needs a decision; open it." in told(act(client, "retry", one))
    assert "1 skipped: It needs a decision; open it." in told(do(client, one, "retry"))
    assert state_of(one) == "unknown"


def test_a_verb_is_only_ever_posted(client):
    one = row(State.QUEUED)
    assert client.get(f"{LIST}{one.pk}/do/cancel/").status_code == 405
    assert state_of(one) == "queued"


def test_an_unknown_verb_or_row_is_not_found(client):
    assert do(client, row(State.QUEUED), "explode").status_code == 404
    assert client.post(f"{LIST}999/do/cancel/").status_code == 404


def test_one_goes_back_to_where_one_came_from_and_never_to_another_site(client):
    one = row(State.QUEUED)
    assert do(client, one, "pause", next=LIST).redirect_chain[-1][0] == LIST
    assert do(client, one, "resume", next="https://elsewhere.example/").redirect_chain[-1][0] == page_of(one)


def test_who_may_only_view_can_do_nothing():
    one, viewer = row(State.QUEUED), staff("view_publication")
    assert 'name="action"' not in viewer.get(LIST).content.decode()
    for verb in (*VERBS, "refresh"):
        assert do(viewer, one, verb).status_code == 403
        act(viewer, verb, one)
    assert state_of(one) == "queued"


def test_permission_is_asked_for_each_row(client, monkeypatch):
    mine, other = row(State.QUEUED, "mine"), row(State.QUEUED, "other")
    monkeypatch.setattr(
        "platforms.admin.publications.PublicationAdmin.has_change_permission",
        lambda self, request, obj=None: obj is None or obj.pk == mine.pk,
    )
    assert "1 upload paused. 1 skipped: You do not have permission." in told(act(client, "pause", mine, other))
    assert (state_of(mine), state_of(other)) == ("paused", "queued")


def test_nobody_adds_or_deletes_rows_here():
    client = staff("add_publication", "change_publication", "delete_publication")
    one = row(State.DELETED)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{one.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(LIST).content.decode()
