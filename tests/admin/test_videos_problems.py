"""All problems of all platforms are shown at once, at the field concerned, and nothing is created."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from platforms.models import Publication, Video
from tests.admin.posting import ADD, add_one_account_each, form, sample, text
from tests.admin.rows import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return staff("add_video", "view_video", "add_publication", "view_publication")


def errors(answer: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


def test_every_rule_that_is_broken_is_said_at_its_field(client, intake):
    accounts = add_one_account_each()
    answer = client.post(
        ADD,
        form(
            accounts, file=sample(), title="x" * 61, description="", tags="", youku__public_type="password",
            baijiayun__definition=[],
        ),
    )  # fmt: skip
    found = errors(answer)
    assert set(found) == {"title", "description", "tags", "youku-watch_password", "baijiayun-definition"}
    assert "at most 60 characters" in found["title"][0]
    assert found["description"] == ["iqiyi: iQiyi needs a description."]
    assert found["tags"] == ["youku: Youku needs at least one tag."]
    for sentences in found.values():
        for sentence in sentences:
            assert sentence in text(answer)
    assert not Video.objects.exists()
    assert not Publication.objects.exists()


def test_tags_that_are_too_many_too_short_and_too_long_are_all_named(client, intake):
    youku = add_one_account_each()[:1]
    tags = ",".join(["a", "b" * 21, *(f"tag{number}" for number in range(10))])
    found = errors(client.post(ADD, form(youku, file=sample(), tags=tags)))
    assert len(found["tags"]) == 3


def test_two_accounts_of_one_platform_share_a_sentence(client, intake):
    first = add_one_account_each()[0]
    second = type(first).objects.create(name="second", platform="youku")
    found = errors(client.post(ADD, form([first, second], file=sample(), tags="")))
    assert found["tags"] == ["second, youku: Youku needs at least one tag."]


def test_the_options_of_platforms_that_are_not_ticked_do_not_matter(client, intake):
    iqiyi = add_one_account_each()[1]
    data = form([iqiyi], file=sample(), tags="", youku__public_type="nonsense", baijiayun__definition=["99"])
    client.post(ADD, data)
    assert Publication.objects.get().account == iqiyi


def test_a_value_that_the_form_does_not_offer_is_refused(client, intake):
    youku = add_one_account_each()[0]
    answer = client.post(ADD, form([youku], file=sample(), youku__category="No such", youku__public_type="nobody"))
    assert set(errors(answer)) == {"youku-category", "youku-public_type"}
    assert not Video.objects.exists()


def test_publishing_needs_an_account(client, intake):
    add_one_account_each()
    assert errors(client.post(ADD, form(file=sample()))) == {"accounts": ["Tick at least one account."]}
    assert not Video.objects.exists()


def test_a_missing_file_and_title_are_said_once(client, intake):
    found = errors(client.post(ADD, form(add_one_account_each(), title="")))
    assert found == {"file": ["Choose a video file."], "title": ["This field is required."]}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("notes.mp4", b"These are no frames.", "“notes.mp4” is not a video"),
        ("empty.mp4", b"", "“empty.mp4” is empty."),
        ("lesson", b"These are no frames.", "“lesson” has no extension"),
    ],
)
def test_a_file_that_is_no_video_is_refused(client, settings, tmp_path, name, content, reason):
    settings.MEDIA_ROOT = str(tmp_path)
    answer = client.post(ADD, form(add_one_account_each(), file=SimpleUploadedFile(name, content)))
    assert reason in errors(answer)["file"][0]
    assert len(errors(answer)["file"]) == 1
    assert not Video.objects.exists()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_an_extension_that_a_platform_does_not_take_is_said_with_its_account(client, intake):
    found = errors(client.post(ADD, form(add_one_account_each(), file=sample("lesson.xyz"))))
    assert [sentence.split(":")[0] for sentence in found["file"]] == ["baijiayun", "iqiyi", "youku"]


def test_saving_asks_no_platform_about_its_rules(client, intake):
    add_one_account_each()
    client.post(ADD, form(button="_save", file=sample(), tags="", description="", title="x" * 100))
    assert Video.objects.count() == 1
