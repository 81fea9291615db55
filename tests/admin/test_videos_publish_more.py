"""Publishing videos that the hub already has, one or several, and two people at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from platforms.models import Publication, Video
from platforms.values import State
from tests.admin.posting import add_one_account_each, form, hidden, page_of, text, told
from tests.admin.rows import add_publication, staff

pytestmark = pytest.mark.django_db
LIST = "/admin/platforms/video/"
SEVERAL = "/admin/platforms/video/publish/"


@pytest.fixture(autouse=True)
def file(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    path = tmp_path / "a.mp4"
    path.write_bytes(b"frames")
    return path


@pytest.fixture
def client() -> Client:
    return staff("view_video", "add_publication", "view_publication")


def add_video(title: str = "Lesson", **columns: str) -> Video:
    facts = {"description": "About", "tags": "maths", "original_name": "a.mp4", "source": "a.mp4", "md5": "0" * 32}
    return Video.objects.create(title=title, size=1000, **(facts | columns))


def publish_page(video: Video) -> str:
    return reverse("admin:platforms_video_publish", args=[video.pk])


def test_it_goes_to_another_account_with_its_options(client):
    youku, iqiyi, _baijiayun = add_one_account_each()
    video = add_video()
    client.post(publish_page(video), form([youku]))
    answer = client.post(publish_page(video), form([iqiyi], iqiyi__category="24"), follow=True)
    assert answer.redirect_chain[-1][0] == page_of(video)
    assert Publication.objects.get(account=iqiyi).category == "24"
    assert video.publications.count() == 2


def test_an_account_that_has_it_shows_its_state_instead_of_a_tick(client):
    youku, iqiyi, _baijiayun = add_one_account_each()
    video = add_publication(youku, State.PUBLISHED).video
    page = client.get(publish_page(video)).content.decode()
    assert f'id="id_accounts_{youku.pk}"' not in page
    assert f'id="id_accounts_{iqiyi.pk}"' in page
    assert "youku ● Published".replace("● ", "") in text(client.get(publish_page(video)))


def test_what_was_deleted_there_can_be_published_again(client):
    youku = add_one_account_each()[0]
    row = add_publication(youku, State.DELETED, remote_id="gone")
    Video.objects.filter(pk=row.video_id).update(tags="maths", source="a.mp4")
    client.post(publish_page(row.video), form([youku], youku__public_type="friend"))
    row.refresh_from_db()
    assert (row.state, row.remote_id, row.options["public_type"]) == ("queued", None, "friend")


def test_two_people_pressing_at_once_get_one_publication_an_account(client):
    youku, iqiyi, _baijiayun = add_one_account_each()
    video, other = add_video(), staff("view_video", "add_publication")
    first = client.post(publish_page(video), form([youku]), follow=True)
    second = other.post(publish_page(video), form([youku, iqiyi]), follow=True)
    assert "1 publication queued." in told(first)
    assert "1 publication queued. 1 skipped: already under way on youku (“Waiting”)." in told(second)
    assert video.publications.count() == 2


def test_a_press_that_brings_nothing_new_is_no_error(client):
    youku = add_one_account_each()[0]
    video = add_video()
    client.post(publish_page(video), form([youku]), follow=True)
    answer = client.post(publish_page(video), form([youku]), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["info"]


def test_every_problem_of_the_video_and_the_options_is_shown_and_nothing_is_created(client):
    accounts = add_one_account_each()
    video = add_video(description="", tags="")
    answer = client.post(publish_page(video), form(accounts, baijiayun__definition=[]))
    page = text(answer)
    assert "iqiyi: iQiyi needs a description." in page
    assert "youku: Youku needs at least one tag." in page
    assert answer.context["form"].errors["baijiayun-definition"]
    assert not Publication.objects.exists()


def test_a_video_without_its_file_is_not_queued(client, file):
    youku, video = add_one_account_each()[0], add_video()
    file.unlink()
    answer = client.post(publish_page(video), form([youku]))
    assert text(answer).count("The hub no longer has the file.") == 1
    assert not Publication.objects.exists()


def test_the_list_publishes_several_at_once(client):
    accounts = add_one_account_each()
    videos = [add_video(f"Lesson {number}") for number in range(3)]
    ask = {"action": "publish_selected", "_selected_action": [video.pk for video in videos]}
    page = client.post(LIST, ask)
    answer = client.post(SEVERAL, form(accounts, ids=hidden(page, "ids")), follow=True)
    assert "9 publications queued." in told(answer)
    assert Publication.objects.filter(state=State.QUEUED).count() == 9


def test_one_bad_video_of_several_stops_all_and_is_named(client):
    accounts = add_one_account_each()
    good, bad = add_video("Good"), add_video("Bad", tags="")
    answer = client.post(SEVERAL, form(accounts, ids=f"{good.pk},{bad.pk}"))
    assert "Bad youku: Youku needs at least one tag." in text(answer)
    assert not Publication.objects.exists()


def test_rules_of_an_account_do_not_matter_for_a_video_that_is_there_already(client):
    youku, iqiyi, _baijiayun = add_one_account_each()
    there = add_publication(youku, State.PUBLISHED).video
    Video.objects.filter(pk=there.pk).update(description="About", source="a.mp4")
    answer = client.post(SEVERAL, form([youku, iqiyi], ids=f"{there.pk},{add_video().pk}"), follow=True)
    assert "3 publications queued. 1 skipped: already published on youku." in told(answer)


def test_of_several_videos_each_account_says_how_many_it_has(client):
    youku, iqiyi, _baijiayun = add_one_account_each()
    first = add_publication(youku, State.PUBLISHED).video
    second = add_publication(youku, State.PROCESSING).video
    Publication.objects.create(video=first, account=iqiyi, state=State.REVIEWING)
    ask = {"action": "publish_selected", "_selected_action": [first.pk, second.pk]}
    page = client.post(LIST, ask)
    assert "youku 2 of 2 are there already" in text(page)
    assert "iqiyi 1 of 2 are there already" in text(page)
    html = page.content.decode()
    assert f'id="id_accounts_{youku.pk}"' not in html
    assert f'id="id_accounts_{iqiyi.pk}"' in html


def test_the_list_takes_no_more_than_a_page_can_show(client, monkeypatch):
    monkeypatch.setattr("platforms.admin.videos.MOST_VIDEOS", 2)
    videos = [add_video() for _number in range(3)]
    ask = {"action": "publish_selected", "_selected_action": [video.pk for video in videos]}
    assert "At most 2 videos at a time; choose fewer." in told(client.post(LIST, ask, follow=True))


def test_without_permission_there_is_no_button_no_action_and_no_page():
    youku = add_one_account_each()[0]
    video, viewer = add_video(), staff("view_video", "view_publication")
    assert "Publish to more accounts" not in text(viewer.get(page_of(video)))
    assert "publish_selected" not in viewer.get(LIST).content.decode()
    assert viewer.get(publish_page(video)).status_code == 403
    assert viewer.post(publish_page(video), form([youku])).status_code == 403
    assert viewer.post(SEVERAL, form([youku], ids=str(video.pk))).status_code == 403
    assert not Publication.objects.exists()
