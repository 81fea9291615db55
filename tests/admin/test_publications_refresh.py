"""Refreshing asks the platform now; what fails is said in a sentence, and other accounts are asked all the same."""

from __future__ import annotations

import pytest
from django.test import Client

from platforms.models import Publication
from platforms.values import State
from tests import hub
from tests.admin.posting import told
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/platforms/publication/"


@pytest.fixture
def client() -> Client:
    return staff("change_publication")


def refresh(client: Client, *rows: Publication) -> str:
    data = {"action": "refresh", "_selected_action": [row.pk for row in rows]}
    return told(client.post(LIST, data, follow=True))


@pytest.fixture
def published(box, transactional_db) -> list[Publication]:
    """One publication on each platform, known here as transcoding while it plays there already."""
    video = hub.add_video()
    rows = hub.publish(video, *(hub.add_account(box, platform) for platform in hub.NAMES))
    hub.work(rows)
    Publication.objects.update(state=State.PROCESSING)
    return rows


def test_it_takes_in_what_the_platforms_say_now(client, published):
    assert "Asked about 3 videos. 3 states changed." in refresh(client, *published)
    assert set(Publication.objects.values_list("state", flat=True)) == {"published"}


def test_a_platform_that_is_down_is_a_sentence_and_the_others_are_asked(client, published, settings):
    settings.PLATFORM_ADDRESSES = settings.PLATFORM_ADDRESSES | {"IQIYI_API_URL": "http://127.0.0.1:9"}
    said = refresh(client, *published)
    assert "iq: " in said
    assert "Asked about 2 videos." in said
    states = dict(Publication.objects.values_list("account__platform", "state"))
    assert states == {"youku": "published", "iqiyi": "processing", "baijiayun": "published"}


def test_what_no_platform_has_is_not_asked_about(client):
    row = add_publication(add_account(), State.QUEUED)
    assert "1 skipped: The platform does not have it yet." in refresh(client, row)
