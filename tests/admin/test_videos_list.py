"""The list of videos: a badge per account, search, filters, and a constant number of queries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from platforms.models import Video
from platforms.values import State
from tests.admin.posting import add_one_account_each, text
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/platforms/video/"


@pytest.fixture
def client() -> Client:
    return staff("view_video", "change_video", "delete_video", "add_publication", "view_publication")


def titles(answer) -> list[str]:
    return [video.title for video in answer.context["cl"].result_list]


def test_each_account_has_its_badge(client):
    add_publication(add_account(), State.REJECTED)
    page = client.get(LIST)
    assert "Youku yk Rejected" in text(page)
    assert 'data-part="badge"' in page.content.decode()


def test_more_rows_need_no_more_queries(client):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    account = add_account()
    add_publication(account, State.PUBLISHED)
    few = queries()
    for number in range(10):
        row = add_publication(account, State.PUBLISHED)
        other = add_publication(add_account(f"yk-{number}"))
        type(other).objects.filter(pk=other.pk).update(video=row.video)
    assert queries() == few


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("fractions", ["Fractions"]),
        ("geometry", ["Circles"]),
        ("circle-final", ["Circles"]),
        ("c" * 32, ["Circles"]),
        ("XNDY1", ["Fractions"]),
        ("nothing", []),
    ],
)
def test_it_is_searched_by_title_tag_file_name_md5_and_remote_id(client, words, found):
    row = add_publication(add_account(), State.PUBLISHED, remote_id="XNDY1")
    Video.objects.filter(pk=row.video_id).update(title="Fractions")
    Video.objects.create(title="Circles", tags="geometry,maths", original_name="circle-final.mp4", md5="c" * 32)
    assert titles(client.get(LIST, {"q": words})) == found


def test_filters_mean_one_and_the_same_publication(client):
    youku, iqiyi, _baijiayun = add_one_account_each()
    both = add_publication(youku, State.PUBLISHED).video
    failed = add_publication(iqiyi, State.FAILED)
    type(failed).objects.filter(pk=failed.pk).update(video=both)
    assert titles(client.get(LIST, {"state": "failed"})) == [both.title]
    assert titles(client.get(LIST, {"state": "failed", "platform": "iqiyi"})) == [both.title]
    assert titles(client.get(LIST, {"state": "failed", "platform": "youku"})) == []
    assert titles(client.get(LIST, {"state": "published", "account": youku.pk})) == [both.title]


def test_counts_are_shown_on_demand_and_are_right(client):
    add_publication(add_account(), State.FAILED)
    add_publication(add_account("other"), State.PUBLISHED)
    assert "Failed (1)" in text(client.get(LIST, {"_facets": "True"}))


def test_days_are_local_and_both_ends_count(client):
    for title, at in (("before", (13, 15, 59)), ("first", (13, 16, 0)), ("last", (15, 15, 59)), ("after", (15, 16, 0))):
        video = Video.objects.create(title=title)
        day, hour, minute = at
        Video.objects.filter(pk=video.pk).update(created_at=datetime(2026, 3, day, hour, minute, tzinfo=UTC))
    span = {"created_at__from": "2026-03-14", "created_at__to": "2026-03-15"}
    assert titles(client.get(LIST, span)) == ["last", "first"]
    assert titles(client.get(LIST, {"created_at__from": "2026-03-15"})) == ["after", "last"]


@pytest.mark.parametrize(
    "address", ["?created_at__from=yesterday", "?account=abc", "?account=", "?state=nonsense", "?created_at__to="]
)
def test_a_mistyped_filter_is_no_fault(client, address):
    assert client.get(LIST + address, follow=True).status_code == 200


def test_many_accounts_are_offered_as_a_select_that_keeps_the_other_filters(client):
    for number in range(12):
        add_account(f"yk-{number}")
    page = client.get(LIST, {"state": "failed", "q": "word"}).content.decode()
    assert '<select name="account"' in page
    assert '<input type="hidden" name="state" value="failed">' in page
    assert '<input type="hidden" name="q" value="word">' in page
