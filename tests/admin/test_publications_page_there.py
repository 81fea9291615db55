"""The way to a video's page on its platform, which is asked for when somebody goes there."""

from __future__ import annotations

import pytest

from platforms.models import Publication
from tests import hub
from tests.admin.posting import told
from tests.admin.rows import staff

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def row(box) -> Publication:
    """A video that plays, found by a look at many: without its links."""
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, "baijiayun"))
    hub.work([row])
    Publication.objects.update(page_url="", embed_url="")
    row.refresh_from_db()
    return row


def there(row: Publication) -> str:
    return f"/admin/platforms/publication/{row.pk}/open/"


def test_it_is_asked_for_once_and_kept(box, row):
    client = staff("view_publication")
    answer = client.get(there(row))
    row.refresh_from_db()
    assert row.page_url
    assert answer["Location"] == row.page_url
    box.requests.clear()
    assert client.get(there(row))["Location"] == row.page_url
    assert len(box.requests) == 0


def test_the_list_leads_there_without_a_call(box, row):
    box.requests.clear()
    page = staff("view_publication").get("/admin/platforms/publication/").content.decode()
    assert there(row) in page
    assert len(box.requests) == 0


def test_a_platform_that_is_down_is_a_sentence(row, settings):
    settings.PLATFORM_ADDRESSES = settings.PLATFORM_ADDRESSES | {"BAIJIAYUN_API_URL": "http://127.0.0.1:9"}
    answer = staff("view_publication").get(there(row), follow=True)
    assert answer.status_code == 200
    assert "127.0.0.1" not in told(answer)
    assert told(answer)


def test_nobody_goes_there_who_may_not_see_it(row):
    assert staff("view_video").get(there(row)).status_code == 403
