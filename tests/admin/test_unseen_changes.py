"""Two people edit the same video, publication or account: the later one is told, and loses nothing."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from platforms.models import Account, Publication, Video
from platforms.services import accounts
from platforms.services.metadata import changing
from platforms.values import State
from tests.admin.posting import page_of, text
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
MINE = {"title": "Mine", "description": "My words", "tags": "", "_continue": "1"}


@pytest.fixture
def row() -> Publication:
    return add_publication(add_account(), State.PUBLISHED, remote_id="1")


def opened(client: Any, address: str) -> dict[str, str]:
    """What the form carries that a person has opened."""
    page = client.get(address).content.decode()
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return {"seen": html.unescape(found.group(1))}


def overwrite(page: Any) -> dict[str, str]:
    """What the button sends that saves over the other's changes."""
    found = re.search(r'name="_overwrite" value="([^"]*)"', page.content.decode())
    assert found
    return {"_overwrite": html.unescape(found.group(1))}


def somebody_else_saves(row: Video | Publication, **new: str) -> None:
    changing.save(row, new, seen=changing.values(row), actor="zhang")


def test_the_later_one_is_told_what_the_other_changed_and_keeps_what_they_typed(row):
    client = staff("change_video")
    seen = opened(client, page_of(row.video))
    somebody_else_saves(row.video, title="Theirs", tags="their, tags")
    answer = client.post(page_of(row.video), MINE | seen)
    page = text(answer)
    assert "Somebody else has changed this since you opened it. Nothing was saved; what you typed is below." in page
    assert "Title Lesson 1 Theirs Mine zhang" in page
    assert "Tags — their, tags — zhang" in page
    assert 'value="Mine"' in answer.content.decode()
    assert Video.objects.get().title == "Theirs"


def test_saving_again_is_refused_again_until_it_is_meant(row):
    client = staff("change_video")
    seen = opened(client, page_of(row.video))
    somebody_else_saves(row.video, title="Theirs", tags="their")
    warned = client.post(page_of(row.video), MINE | seen)
    client.post(page_of(row.video), MINE | opened_again(warned))
    assert Video.objects.get().title == "Theirs"
    client.post(page_of(row.video), MINE | opened_again(warned) | overwrite(warned))
    video = Video.objects.get()
    assert (video.title, video.description, video.tags) == ("Mine", "My words", "")


def opened_again(page: Any) -> dict[str, str]:
    found = re.search(r'name="seen" value="([^"]*)"', page.content.decode())
    assert found
    return {"seen": html.unescape(found.group(1))}


def test_what_a_third_person_changes_meanwhile_is_not_saved_over(row):
    client = staff("change_video")
    seen = opened(client, page_of(row.video))
    somebody_else_saves(row.video, title="Theirs")
    warned = client.post(page_of(row.video), MINE | seen)
    somebody_else_saves(row.video, description="A third one's")
    again = client.post(page_of(row.video), MINE | seen | overwrite(warned))
    assert "A third one's" in text(again)
    assert Video.objects.get().title == "Theirs"


def test_when_somebody_saves_in_that_very_moment_the_form_is_checked_again(row, monkeypatch):
    save, calls = changing.save, list[int]()

    def save_second(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise changing.Conflict([])
        return save(*args, **kwargs)

    monkeypatch.setattr(changing, "save", save_second)
    client = staff("change_video")
    client.post(page_of(row.video), MINE | opened(client, page_of(row.video)))
    assert (len(calls), Video.objects.get().title) == (2, "Mine")


def test_the_same_goes_for_what_one_account_has_of_its_own(row):
    client, address = staff("change_publication"), f"/admin/platforms/publication/{row.pk}/metadata/"
    seen = opened(client, address)
    somebody_else_saves(row, title="Theirs")
    warned = client.post(address, MINE | seen)
    assert "Title — Theirs Mine zhang" in text(warned)
    assert Publication.objects.get().title == "Theirs"
    client.post(address, MINE | seen | overwrite(warned))
    assert Publication.objects.get().title == "Mine"


@pytest.mark.parametrize("seen", ["", "no json", "[]", json.dumps({"title": 1}), json.dumps({"other": "x"})])
def test_a_form_that_does_not_say_what_it_has_seen_has_seen_what_there_is(row, seen):
    staff("change_video").post(page_of(row.video), MINE | {"seen": seen})
    assert Video.objects.get().title == "Mine"


def account_form(**changes: str) -> dict[str, str]:
    given = {"platform": "youku", "name": "yk", "credentials-client_id": "shown-id", "options-upload_method": "oss"}
    return given | {"upload_speed": "", "calls_per_hour": "1000"} | changes


def test_the_same_goes_for_an_account(row):
    account, client = row.account, staff("change_account", "view_account")
    seen = opened(client, page_of(account))
    accounts.save_account("yk", "youku", {}, {"upload_method": "slices"}, actor="zhang")
    accounts.set_upload_limit(account, 1024 * 1024, actor="zhang")
    warned = client.post(page_of(account), account_form(name="mine") | seen)
    page = text(warned)
    assert "Upload method oss slices oss zhang" in page
    assert "Upload limit — 1.00 MB/s — zhang" in page
    account.refresh_from_db()
    assert (account.name, account.options["upload_method"]) == ("yk", "slices")
    client.post(page_of(account), account_form(name="mine") | seen | overwrite(warned))
    account.refresh_from_db()
    assert (account.name, account.options["upload_method"], account.upload_limit) == ("mine", "oss", None)


def test_secrets_that_somebody_else_entered_are_told_without_their_values(row):
    client = staff("change_account", "view_account")
    seen = opened(client, page_of(row.account))
    accounts.save_account("yk", "youku", {"client_secret": "very-new"}, {}, actor="zhang")
    page = client.post(page_of(row.account), account_form(**{"credentials-client_secret": "mine-too"}) | seen)
    assert "Secret credentials — — — zhang" in text(page)
    assert "very-new" not in page.content.decode()
    assert "mine-too" not in page.content.decode()


def test_a_token_that_the_hub_renewed_meanwhile_is_nobodys_change(row):
    client = staff("change_account", "view_account")
    seen = opened(client, page_of(row.account))
    renewed = row.account.credentials | {"access_token": "renewed"}
    Account.objects.filter(pk=row.account_id).update(credentials=renewed)
    client.post(page_of(row.account), account_form(name="mine") | seen)
    row.account.refresh_from_db()
    assert row.account.name == "mine"
    assert row.account.credentials["access_token"] == "renewed"
