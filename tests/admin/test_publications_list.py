"""The list of publications: search, filters, and a constant number of queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from platforms.models import Video
from platforms.services import progress
from platforms.values import State, say
from tests.admin.posting import add_one_account_each, text
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/platforms/publication/"


@pytest.fixture
def client() -> Client:
    return staff("change_publication", "delete_publication")


def ids(answer) -> set[int]:
    return {row.pk for row in answer.context["cl"].result_list}


def test_a_row_says_what_where_how_it_stands_and_why(client):
    error = progress.stored_error("Refused", say("The title is forbidden."))
    add_publication(add_account(), State.REJECTED, error=error, page_url="https://v.example/1")
    page = text(client.get(LIST))
    assert "Lesson 1 Youku yk Rejected" in page
    assert "The title is forbidden." in page
    assert "Page ↗" in page


def test_more_rows_need_no_more_queries(client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    add_publication(add_account(), State.PUBLISHED)
    few = queries()
    for number in range(20):
        add_publication(add_account(f"yk-{number}"), State.UPLOADING)
    assert queries() == few


def test_it_is_filtered_by_state_platform_and_account(client):
    youku, iqiyi, _baijiayun = add_one_account_each()
    first, second = add_publication(youku, State.FAILED), add_publication(iqiyi, State.QUEUED)
    assert ids(client.get(LIST, {"state__exact": "failed"})) == {first.pk}
    assert ids(client.get(LIST, {"account__platform__exact": "iqiyi"})) == {second.pk}
    assert ids(client.get(LIST, {"account__id__exact": youku.pk})) == {first.pk}
    assert ids(client.get(LIST, {"account__id__exact": ""})) == {first.pk, second.pk}


def test_it_is_searched_by_title_and_remote_id(client):
    first, second = add_publication(add_account(), State.PUBLISHED, remote_id="XNDY1"), add_publication(add_account())
    Video.objects.filter(pk=second.video_id).update(title="Circles")
    assert ids(client.get(LIST, {"q": "circles"})) == {second.pk}
    assert ids(client.get(LIST, {"q": "XNDY1"})) == {first.pk}


def test_credentials_are_not_even_read_for_the_list(client):
    add_publication(add_account(), State.PUBLISHED)
    with CaptureQueriesContext(connection) as seen:
        client.get(LIST)
    assert not any("credentials" in query["sql"] for query in seen.captured_queries)
