"""Open pages ask for many publications at once and learn only what their reader may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from platforms.values import State
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db


def told(client, *ids: object):
    answer = client.get("/admin/live.json", {"ids": ",".join(str(one) for one in ids)})
    assert "no-store" in answer["Cache-Control"]
    return answer.json()["publications"]


def test_it_tells_how_publications_stand(admin_client):
    publication = add_publication(add_account(), State.UPLOADING, bytes_sent=410)
    (row,) = told(admin_client, publication.pk)
    assert (row["id"], row["state"], row["label"], row["percent"]) == (publication.pk, "uploading", "Uploading", 41)
    assert (row["final"], row["bytes"]["sent"], row["bytes"]["total"]) == (False, 410, 1000)
    assert "badge--uploading" in row["parts"]["badge"]
    assert 'value="41"' in row["parts"]["progress"]


def test_it_tells_errors_and_the_next_try(admin_client):
    later = timezone.now() + timedelta(days=1)
    publication = add_publication(add_account(), next_run_at=later, error={"text": "It is down.", "params": {}})
    (row,) = told(admin_client, publication.pk)
    moment = timezone.localtime(later).strftime("%Y-%m-%d %H:%M")
    assert (row["error"], row["next_run"]) == ("It is down.", moment)
    assert row["note"] == f"It is down. Next try at {moment}."


def test_final_publications_are_told_as_final(admin_client):
    publication = add_publication(add_account(), State.PUBLISHED)
    (row,) = told(admin_client, publication.pk)
    assert row["final"] is True
    assert "data-unfinished" not in row["parts"]["badge"]


def test_many_ids_cost_as_many_statements_as_one(admin_client, django_assert_max_num_queries):
    account = add_account()
    ids = [add_publication(account).pk for _number in range(20)]
    with django_assert_max_num_queries(3):
        assert len(told(admin_client, *ids)) == 20


@pytest.mark.parametrize("ids", ["", "x", "1,,-2", "9" * 40, "1;drop", "٣"])
def test_nonsense_is_answered_with_nothing(ids, admin_client):
    assert told(admin_client, ids) == []


def test_who_may_not_see_publications_learns_nothing(db):
    publication = add_publication(add_account())
    assert told(staff(), publication.pk) == []
    assert told(staff("view_account"), publication.pk) == []
    assert len(told(staff("view_publication"), publication.pk)) == 1
    assert len(told(staff("change_publication"), publication.pk)) == 1


def test_who_is_not_signed_in_is_sent_to_sign_in(client):
    answer = client.get("/admin/live.json?ids=1")
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/admin/login/")


def test_what_platforms_say_is_escaped(admin_client):
    error = {"text": "The platform says: %(words)s", "params": {"words": "<script>alert(1)</script>"}}
    publication = add_publication(add_account(), State.FAILED, error=error)
    (row,) = told(admin_client, publication.pk)
    assert "<script" not in "".join(row["parts"].values())
