"""Metadata edited on the page of a video or of a publication: what will happen is said, checked, and sent."""

from __future__ import annotations

from typing import Any

import pytest

from platforms.models import HubCategory, Operation, Publication, Video
from platforms.services.categories import mapping
from platforms.values import State
from tests.admin.posting import add_one_account_each, page_of, text, told
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
NEW = {"title": "New title", "description": "New words", "tags": "new, tags", "_continue": "1"}
SEND = NEW | {"send": "on"}


@pytest.fixture
def everywhere() -> list[Publication]:
    """One video, published on an account of each platform."""
    first, *others = add_one_account_each()
    row = add_publication(first, State.PUBLISHED, remote_id="1")
    more = [
        Publication.objects.create(video=row.video, account=one, state=State.PUBLISHED, remote_id="1") for one in others
    ]
    return [row, *more]


def sent() -> dict[str, list[str]]:
    rows = Operation.objects.select_related("publication__account")
    return {row.publication.account.name: row.arguments["fields"] for row in rows}


def edit(video: Video, data: dict[str, Any], *permissions: str) -> str:
    client = staff(*(permissions or ("change_video", "view_publication", "change_publication")))
    return told(client.post(page_of(video), data, follow=True))


def test_the_page_says_what_will_become_of_each_publication(everywhere):
    page = text(staff("change_video", "change_publication").get(page_of(everywhere[0].video)))
    assert "Sent at once: Title, Description, Tags, Category." in page
    assert "Sent at once: Title, Category. The platform keeps its own: Description, Tags." in page
    assert "Also change it on the platforms" in page


def test_saving_sends_it_and_says_so_account_by_account(everywhere):
    words = edit(everywhere[0].video, SEND)
    fields = ["title", "description", "tags"]
    assert sent() == {"youku": fields, "iqiyi": fields, "baijiayun": ["title"]}
    assert "iqiyi, youku: Sent at once: Title, Description, Tags." in words
    assert "baijiayun: Sent at once: Title. The platform keeps its own: Description, Tags." in words


def test_only_what_was_changed_is_sent(everywhere):
    video = everywhere[0].video
    edit(video, {"title": "New title", "description": "", "tags": "", "send": "on", "_continue": "1"})
    assert set(map(tuple, sent().values())) == {("title",)}


@pytest.mark.parametrize("data", [NEW, SEND | {"title": "Lesson 1", "description": "", "tags": ""}])
def test_nothing_is_sent_without_the_tick_or_without_a_change(everywhere, data):
    words = edit(everywhere[0].video, data)
    assert sent() == {}
    assert ("differs now" in words) == (data is NEW)


def test_who_may_not_control_publications_sends_nothing(everywhere):
    edit(everywhere[0].video, SEND, "change_video", "view_publication")
    assert sent() == {}
    assert Video.objects.get().title == "New title"


def test_every_platforms_rules_are_said_before_anything_is_saved(everywhere):
    Video.objects.update(description="Words")
    words = edit(everywhere[0].video, SEND | {"title": "x" * 61, "description": "", "tags": "x"})
    assert "youku: Youku takes at most 60 characters; the title has 61." in words
    assert "iqiyi: iQiyi needs a description." in words
    assert "youku: A tag on Youku has 2 to 20 characters" in words
    assert "baijiayun:" not in words
    assert (Video.objects.get().title, sent()) == ("Lesson 1", {})


def test_a_publication_with_a_title_of_its_own_keeps_it(everywhere):
    Publication.objects.filter(account__name="youku").update(title="Own")
    words = edit(everywhere[0].video, SEND)
    assert sent()["youku"] == ["description", "tags"]
    assert "It has its own, which stays: Title." in words


def test_a_hub_category_becomes_each_accounts_own_unless_one_was_chosen_for_it(everywhere):
    youku, iqiyi, _other = everywhere
    category = HubCategory.objects.create(name="Lessons")
    mapping.save(category, {youku.account_id: "教育", iqiyi.account_id: "12"}, actor="test")
    Publication.objects.filter(pk=iqiyi.pk).update(category="17")
    data = {"title": "Lesson 1", "description": "", "tags": "", "category": category.pk, "send": "on", "_continue": "1"}
    words = edit(youku.video, data)
    assert sent() == {"youku": ["category"]}
    assert "iqiyi: It has its own, which stays: Category." in words
    assert "baijiayun: The platform keeps its own: Category." in words
    found = dict(Publication.objects.values_list("account__name", "category"))
    assert found == {"youku": "教育", "iqiyi": "17", "baijiayun": ""}
    edit(youku.video, data | {"category": ""})
    assert not Publication.objects.filter(category="教育").exists()


def test_one_account_gets_metadata_of_its_own(everywhere):
    row = everywhere[0]
    client = staff("change_publication", "view_publication")
    address = f"/admin/platforms/publication/{row.pk}/metadata/"
    assert 'placeholder="Lesson 1"' in client.get(address).content.decode()
    words = told(
        client.post(address, {"title": "Own", "category": "教育", "tags": "some tags", "send": "on"}, follow=True)
    )
    row.refresh_from_db()
    assert (row.title, row.category, row.description, row.video.title) == ("Own", "教育", "", "Lesson 1")
    assert sent() == {"youku": ["title", "tags", "category"]}
    assert "youku: Sent at once: Title, Tags, Category." in words


def test_what_one_platform_would_refuse_is_not_saved_for_it(everywhere):
    address = f"/admin/platforms/publication/{everywhere[0].pk}/metadata/"
    words = told(
        staff("change_publication").post(address, {"title": "x" * 61, "tags": "some", "send": "on"}, follow=True)
    )
    assert "at most 60 characters" in words
    assert not Publication.objects.exclude(title="").exists()


def test_who_may_only_look_edits_nothing(everywhere):
    address = f"/admin/platforms/publication/{everywhere[0].pk}/"
    client = staff("view_publication")
    assert client.get(f"{address}metadata/").status_code == 403
    assert client.post(f"{address}settle/", {"side": "send"}).status_code == 403
    assert "settle" not in client.get(f"{address}change/").content.decode()


def different(**columns: Any) -> Publication:
    said = {"remote_title": "Theirs", "remote_tags": "their, tags", "remote_description": ""}
    ours = {"title": "", "tags": "our tags"}
    return add_publication(add_account(), State.PUBLISHED, remote_id="1", differs=True, **(said | ours | columns))


def test_both_sides_stand_side_by_side_with_what_can_be_done():
    row = different()
    page = text(staff("change_publication").get(page_of(row)))
    assert "Title Lesson 1 Theirs Take theirs Send ours" in page
    assert "Description — — Tags" in page
    assert "Take all of theirs Send all of ours" in page


def test_a_field_that_the_platform_does_not_tell_or_change_is_said_so():
    account = add_one_account_each()[2]
    page = text(staff("change_publication").get(page_of(add_publication(account, State.PUBLISHED, remote_id="1"))))
    assert "Description The platform keeps its own: it does not let this be changed from outside." in page
    assert "The platform does not tell." in page


@pytest.mark.parametrize(
    ("data", "title", "fields"),
    [
        ({"side": "take"}, "Theirs", None),
        ({"side": "take", "field": "tags"}, "Lesson 1", None),
        ({"side": "send"}, "Lesson 1", ["title", "tags"]),
        ({"side": "send", "field": "title"}, "Lesson 1", ["title"]),
    ],
)
def test_a_difference_is_settled_for_one_field_or_for_all(data, title, fields):
    row = different()
    staff("change_publication").post(f"/admin/platforms/publication/{row.pk}/settle/", data)
    row.refresh_from_db()
    assert row.shown_title == title
    assert sent() == ({"yk": fields} if fields else {})


def test_a_side_or_a_field_that_there_is_not_is_no_page():
    address = f"/admin/platforms/publication/{different().pk}/settle/"
    client = staff("change_publication")
    assert client.post(address, {"side": "both"}).status_code == 404
    assert client.post(address, {"side": "send", "field": "options"}).status_code == 404
    assert client.get(address).status_code == 405


def test_what_differs_can_be_listed_and_settled_at_once():
    row, same = different(), add_publication(add_account("other"), State.PUBLISHED, remote_id="2")
    client = staff("change_publication", "view_publication")
    address = "/admin/platforms/publication/"
    assert [one.pk for one in client.get(address, {"metadata": "differs"}).context["cl"].result_list] == [row.pk]
    data = {"action": "send_ours", "_selected_action": [row.pk, same.pk]}
    words = told(client.post(address, data, follow=True))
    assert "The metadata of 1 publication are being sent. 1 skipped: Nothing differs." in words
    assert sent() == {"yk": ["title", "tags"]}
