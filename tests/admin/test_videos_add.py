"""One form adds a video and publishes it."""

from __future__ import annotations

import hashlib

import pytest
from django.test import Client

from platforms.models import Publication, Video
from tests import hub
from tests.admin.posting import ADD, GOOD, add_one_account_each, form, page_of, sample, text, told
from tests.admin.rows import staff

pytestmark = pytest.mark.django_db
MAY_ALL = ("add_video", "view_video", "add_publication", "view_publication")


@pytest.fixture
def client() -> Client:
    return staff(*MAY_ALL)


def test_one_press_saves_the_video_and_queues_one_publication_an_account(client, intake):
    accounts = add_one_account_each()
    answer = client.post(ADD, form(accounts, file=sample()), follow=True)
    video = Video.objects.get()
    assert answer.redirect_chain[-1][0] == page_of(video)
    assert "3 publications queued." in told(answer)
    rows = Publication.objects.order_by("account__platform")
    assert [(row.account.platform, row.state) for row in rows] == [
        ("baijiayun", "queued"), ("iqiyi", "queued"), ("youku", "queued"),
    ]  # fmt: skip
    assert rows[0].options["definition"] == "16,1"
    assert rows[2].options == {"copyright_type": "original", "public_type": "all", "watch_password": "", "deshake": ""}


def test_the_file_is_known_once_and_lies_where_the_video_says(client, intake):
    client.post(ADD, form(button="_save", file=sample("Lesson One.MP4")))
    video = Video.objects.get()
    assert (video.original_name, video.extension, video.width, video.height) == ("Lesson One.MP4", "mp4", 1280, 720)
    assert video.md5 == hashlib.md5(hub.SAMPLE.read_bytes()).hexdigest()
    with video.source.open("rb") as stored:
        assert stored.read() == hub.SAMPLE.read_bytes()
    assert list(intake.iterdir()) == []


def test_saving_alone_publishes_nothing_even_where_accounts_are_ticked(client, intake):
    answer = client.post(ADD, form(add_one_account_each(), button="_save", file=sample(), tags=""), follow=True)
    assert "is not published anywhere yet" in told(answer)
    assert Video.objects.count() == 1
    assert not Publication.objects.exists()


def test_the_page_after_publishing_follows_each_publication(client, intake):
    answer = client.post(ADD, form(add_one_account_each(), file=sample()), follow=True)
    for row in Publication.objects.all():
        assert f'data-publication="{row.pk}"' in answer.content.decode()


def test_a_script_that_sent_the_form_is_told_where_to_go(client, intake):
    answer = client.post(ADD, form(button="_save", file=sample()), headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.json() == {"location": page_of(Video.objects.get())}


def test_the_same_file_once_more_is_mentioned(client, intake):
    client.post(ADD, form(button="_save", file=sample()))
    answer = client.post(ADD, form(button="_save", file=sample("again.mp4"), title="Another"), follow=True)
    assert f"The hub already has the same file: {GOOD['title']}" in text(answer)


def test_who_may_not_publish_sees_no_accounts_and_publishes_nothing(intake):
    accounts = add_one_account_each()
    client = staff("add_video", "view_video")
    page = client.get(ADD).content.decode()
    assert 'name="accounts"' not in page
    assert 'name="_publish"' not in page
    client.post(ADD, form(accounts, file=sample()))
    assert Video.objects.count() == 1
    assert not Publication.objects.exists()


def test_who_may_not_add_is_refused(intake):
    client = staff("view_video")
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, form(button="_save", file=sample())).status_code == 403
    assert not Video.objects.exists()


def test_an_account_that_needs_a_person_says_so_and_that_work_waits(client):
    youku = add_one_account_each()[0]
    type(youku).objects.filter(pk=youku.pk).update(
        health="needs_person", health_reason={"text": "Connect it again.", "params": {}}
    )
    page = text(client.get(ADD))
    assert "Needs a person Connect it again. What is sent to it now waits until the account works again." in page


@pytest.mark.django_db(transaction=True)
def test_what_the_form_sends_plays_on_every_platform(box, settings):
    accounts = [hub.add_account(box, platform) for platform in hub.NAMES]
    client = staff(*MAY_ALL)
    client.post(ADD, form(accounts, file=sample()))
    hub.work(list(Publication.objects.select_related("account")))
    page = text(client.get(page_of(Video.objects.get())))
    assert page.count("Published") == 3
    md5 = hashlib.md5(hub.SAMPLE.read_bytes()).hexdigest()
    assert [row["md5"] for row in box.videos()] == [md5] * 3
