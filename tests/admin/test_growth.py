"""However many rows there are: as many statements, counts that stop, and pages that say so."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from platforms.admin.common import counting, lists
from platforms.models import AccessKey, Delivery, Operation, Publication, Video
from platforms.services import search, sweep
from platforms.values import State
from tests.admin.posting import text
from tests.admin.rows import add_account, add_publication, add_session

pytestmark = pytest.mark.django_db
ADMIN = "/admin/platforms/"
PAGES = [
    "/admin/",
    *(
        ADMIN + page
        for page in (
            "publication/?o=2", "publication/?o=3", "publication/?state__exact=failed", "publication/?q=Lesson",
            "publication/?account__platform__exact=youku", "publication/?q=XN1",
            "publication/?state__in=failed,unknown",
            "video/?o=1", "video/?state=failed",
            "video/?platform=youku&state=failed", "video/?q=Lesson", "video/?q=XN1",
            "video/?created_at__from=2020-01-01", "event/?kind=failed", "event/?q=Lesson", "event/?q=test",
            "event/?at__from=2020-01-01", "account/", "account/?q=yk", "delivery/", "delivery/?outcome=refused",
            "delivery/?outcome=waiting", "delivery/?q=qid-1", "accesskey/", "accesskey/?valid=valid",
            "accesskey/?q=Viewer", "uploadsession/", "operation/", "operation/?state__exact=waiting",
            "operation/?kind=block&state__exact=waiting", "operation/?publication__account__id__exact=1",
        )
    ),
]  # fmt: skip


def fill(first: int, count: int) -> None:
    for number in range(first, first + count):
        account = add_account(f"yk-{number}")
        row = add_publication(account, State.FAILED, remote_id=f"XN{number}", next_run_at=timezone.now())
        add_session(add_publication(account, State.UPLOADING, bytes_sent=1))
        refusal = {"text": "No."} if number % 2 else None
        Delivery.objects.create(account=account, publication=row, qid=f"qid-{number}", verified=True, refusal=refusal)
        Operation.objects.create(publication=row, kind="block", asked_by="li", next_run_at=timezone.now())
        AccessKey.objects.create(account=account, video=row.video, viewer=f"Viewer {number}", expires_at=timezone.now())


def statements(client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in seen.captured_queries]


@pytest.fixture
def nobody_is_few(monkeypatch) -> None:
    """As among a million rows: more match than are named by id."""
    monkeypatch.setattr(search.few, "__defaults__", (0,))


@pytest.mark.parametrize("url", PAGES)
def test_more_rows_take_no_more_statements(url, admin_client):
    fill(1, 2)
    admin_client.get(url)  # what a process learns once
    few = statements(admin_client, url)
    fill(3, 12)
    many = statements(admin_client, url)
    assert len(many) == len(few) < 15, many


@pytest.mark.parametrize("url", PAGES)
def test_a_list_that_is_walked_takes_no_more_statements(url, admin_client, nobody_is_few, monkeypatch):
    fill(1, 3)
    walked = len(statements(admin_client, url))
    monkeypatch.setattr(search.few, "__defaults__", (2000,))
    assert walked <= len(statements(admin_client, url))


def test_the_sweep_asks_as_often_for_many_rows():
    fill(1, 2)
    with CaptureQueriesContext(connection) as few:
        sweep.due()
    fill(3, 6)
    with CaptureQueriesContext(connection) as many:
        sweep.due()
    assert len(many) == len(few) < 20


@pytest.mark.parametrize("name", ["publication", "video", "event", "account", "delivery"])
def test_no_statement_of_a_list_counts_without_a_limit(name, admin_client):
    fill(1, 2)
    counts = [sql for sql in statements(admin_client, f"{ADMIN}{name}/") if "COUNT(" in sql]
    assert counts
    assert all("LIMIT" in sql for sql in counts)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("publication/?q=lesson", 6), ("publication/?q=XN2", 1), ("publication/?q=own+words", 1),
        ("publication/?account__platform__exact=youku", 6), ("publication/?account__platform__exact=iqiyi", 0),
        ("video/?q=lesson", 6), ("video/?q=XN2", 1), ("video/?state=failed", 3), ("video/?state=failed&q=Lesson", 3),
        ("event/?q=lesson", 6), ("event/?q=nowhere", 0), ("accesskey/?q=viewer", 3),
    ],
)  # fmt: skip
@pytest.mark.parametrize("many", [False, True])
def test_what_is_found_does_not_depend_on_how_much_matches(url, found, many, admin_client, request):
    if many:
        request.getfixturevalue("nobody_is_few")
    fill(1, 3)
    Publication.objects.filter(remote_id="XN1").update(title="In my own words")
    assert len(admin_client.get(ADMIN + url).context["cl"].result_list) == found


def test_words_of_two_chinese_characters_are_found(admin_client):
    fill(1, 2)
    Video.objects.filter(title="Lesson 1").update(title="三年级数学 认识分数")
    for words, found in (("数学", 1), ("三年级 分数", 1), ('"数学 认识"', 1), ("数", 1), ("语文", 0), ("学数", 0)):
        for name in ("video", "publication"):
            result = admin_client.get(f"{ADMIN}{name}/", {"q": words}).context["cl"].result_list
            assert len(result) == found, words


def test_a_long_list_ends_at_the_limit_and_says_what_to_do(admin_client, monkeypatch):
    fill(1, 30)
    monkeypatch.setattr(lists, "MOST_COUNTED", 55)
    page = text(admin_client.get(f"{ADMIN}publication/"))
    assert "More than 55 publications. The pages end here: search or filter to see others." in page
    assert "Select all that match: more than 55 publications" in page
    assert "All that match are selected." in page
    monkeypatch.setattr(lists, "MOST_COUNTED", 100)
    page = text(admin_client.get(f"{ADMIN}publication/"))
    assert "60 publications" in page
    assert "Select all 60 publications" in page


def test_the_pages_of_a_walked_list_go_on(admin_client, nobody_is_few):
    fill(1, 60)
    first = admin_client.get(f"{ADMIN}publication/?q=lesson")
    assert "More than 100 publications; the pages go on." in text(first)
    last = admin_client.get(f"{ADMIN}publication/?q=lesson&p=3")
    assert len(last.context["cl"].result_list) == 20
    assert "120 publications" in text(last)


def test_what_was_found_in_a_long_list_can_be_chosen_for_a_key(admin_client, nobody_is_few):
    fill(1, 30)
    asked = {"app_label": "platforms", "model_name": "accesskey", "field_name": "video", "term": "lesson", "page": 3}
    answer = admin_client.get("/admin/autocomplete/", asked).json()
    assert len(answer["results"]) == 20
    assert not answer["pagination"]["more"]


def test_counts_beside_filters_are_offered_only_where_they_end(admin_client, monkeypatch):
    fill(1, 2)
    assert "Show counts" in text(admin_client.get(f"{ADMIN}video/"))
    monkeypatch.setattr(lists, "MOST_COUNTED", 1)
    page = text(admin_client.get(f"{ADMIN}video/?_facets=True"))
    assert "Show counts" not in page
    assert "Hide counts" not in page
    assert "Failed (2)" not in page


def test_the_home_page_stops_counting(admin_client, monkeypatch):
    fill(1, 3)
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    monkeypatch.setattr(counting.counted, "__defaults__", (2,))
    numbers = {number.state: number.text for number in admin_client.get("/admin/").context["home"].numbers}
    assert numbers == {"failed": "2+", "uploading": "2+"}


def test_accounts_with_many_publications_are_not_counted_to_the_end(admin_client, monkeypatch):
    fill(1, 1)
    monkeypatch.setattr("platforms.admin.accounts.MOST_COUNTED", 1)
    assert ">1+</a>" in admin_client.get(f"{ADMIN}account/").content.decode()
