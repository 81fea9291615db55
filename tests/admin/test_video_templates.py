"""Templates in the admin: written down, checked, made of a video, and used to start videos from."""

from __future__ import annotations

from typing import Any

import pytest

from platforms.models import IncomingFile, Publication, TemplateTarget, Video, VideoTemplate
from platforms.services import templates
from platforms.services.files import incoming
from platforms.services.publishing import Target
from platforms.values import State
from tests.admin.posting import ADD, add_one_account_each, form, hidden, page_of, sample, text, told
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
NEW = "/admin/platforms/videotemplate/add/"
LESSON = {"name": "Weekly lesson", "title": "Lesson {number} {date}", "tags": "maths", "next_number": 5}
PUBLISHER = ("add_video", "view_video", "add_publication", "view_publication")


def options(**changes: Any) -> dict[str, Any]:
    return {"youku-public_type": "friend", "youku-copyright_type": "original", "baijiayun-definition": ["16"]} | changes


def template(*targets: Target, **columns: Any) -> VideoTemplate:
    given = {"name": "Weekly", "title": "{number:2} {name}", "description": "On {year}", "tags": "maths, fun"} | columns
    return templates.save(VideoTemplate(**given), targets)


def test_a_template_is_written_down_with_accounts_and_options():
    youku, _iqiyi, baijiayun = add_one_account_each()
    data = LESSON | options() | {"accounts": [youku.pk, baijiayun.pk], "youku-category": "教育"}
    answer = staff("add_videotemplate", "view_videotemplate").post(NEW, data, follow=True)
    assert "The template “Weekly lesson” is saved." in told(answer)
    row = VideoTemplate.objects.get()
    assert (row.title, row.tags, row.next_number) == ("Lesson {number} {date}", "maths", 5)
    found = {one.account.name: (one.category, one.options) for one in TemplateTarget.objects.all()}
    assert found["youku"][0] == "教育"
    assert found["youku"][1]["public_type"] == "friend"
    assert "watch_password" not in found["youku"][1]
    assert found["baijiayun"] == (None, found["baijiayun"][1] | {"definition": "16"})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "{titel}"}, "There is no placeholder {titel}. These can be used: {name} {number}"),
        ({"description": "{"}, "A brace is left open"),
        ({"name": "weekly"}, "There is another template “Weekly”."),
        ({"name": ""}, "This field is required."),
        ({"next_number": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes, words):
    template()
    page = staff("add_videotemplate").post(NEW, LESSON | changes)
    assert words in text(page)
    assert VideoTemplate.objects.count() == 1


def test_it_is_shown_as_it_was_saved_and_changed():
    youku = add_one_account_each()[0]
    row = template(Target(youku, "教育", {"public_type": "friend"}))
    client = staff("change_videotemplate", "view_videotemplate")
    page = client.get(page_of(row))
    assert page.context["form"]["youku-category"].value() == "教育"
    assert page.context["form"]["youku-public_type"].value() == "friend"
    assert page.context["form"]["accounts"].value() == [youku.pk]
    assert "The next title: “01 file name”" in text(page)
    client.post(page_of(row), LESSON)
    row.refresh_from_db()
    assert (row.name, row.targets.count()) == ("Weekly lesson", 0)


def test_who_may_only_look_changes_nothing():
    row = template()
    client = staff("view_videotemplate")
    assert 'name="_save"' not in client.get(page_of(row)).content.decode()
    assert client.post(page_of(row), LESSON).status_code == 403
    assert client.get(NEW).status_code == 403


def test_times_and_passwords_are_not_asked_for():
    add_one_account_each()
    made = staff("add_videotemplate").get(NEW).context["form"]
    assert not {"publish_at", "block_at", "youku-watch_password"} & set(made.fields)
    assert "youku-public_type" in made.fields
    assert made.when() == []


def test_a_video_becomes_a_template():
    row = add_publication(add_account(), State.PUBLISHED, category="教育", options={"public_type": "friend"})
    client = staff("add_videotemplate", "change_video", "view_video")
    assert f"{NEW}?video={row.video_id}" in client.get(page_of(row.video)).content.decode()
    made = client.get(NEW, {"video": row.video_id}).context["form"]
    assert (made["title"].value(), made["youku-category"].value()) == ("Lesson 1", "教育")
    assert made["accounts"].value() == [row.account_id]


def test_the_form_that_adds_a_video_starts_from_a_template_and_fills_it_in(intake):
    youku, _iqiyi, baijiayun = add_one_account_each()
    row = template(Target(youku, "教育", {"public_type": "friend"}), Target(baijiayun), next_number=7)
    client = staff(*PUBLISHER)
    page = client.get(ADD, {"template": row.pk})
    assert page.context["form"]["title"].value() == "{number:2} {name}"
    assert page.context["form"]["accounts"].value() == [baijiayun.pk, youku.pk]
    assert "The title: “07 file name”" in text(page)
    data = form([youku, baijiayun], file=sample("lesson.mp4"), title="{number:2} {name}", tags="maths, fun") | options()
    client.post(ADD, data | {"template": row.pk})
    assert Video.objects.get().title == "07 lesson"
    assert set(Publication.objects.values_list("account__name", flat=True)) == {"youku", "baijiayun"}
    row.refresh_from_db()
    assert row.next_number == 8


def test_a_form_that_is_refused_uses_no_number_up_and_keeps_the_pattern(intake):
    youku = add_one_account_each()[0]
    row = template(next_number=7)
    client = staff(*PUBLISHER)
    refused = client.post(ADD, form([youku], file=sample(), title="{number} {oops}", template=row.pk))
    assert "There is no placeholder {oops}." in text(refused)
    long = form([youku], title="{number} " + "x" * 60, template=row.pk, incoming=hidden(refused, "incoming"))
    again = client.post(ADD, long)
    assert "the title has 62" in text(again)
    row.refresh_from_db()
    assert (row.next_number, Video.objects.count()) == (7, 0)
    assert again.context["form"]["title"].value().startswith("{number}")


def test_braces_mean_nothing_without_a_template(intake):
    add_one_account_each()
    staff(*PUBLISHER).post(ADD, form(button="_save", file=sample(), title="{number} {oops}"))
    assert Video.objects.get().title == "{number} {oops}"


def test_files_that_become_videos_by_themselves_are_filled_in_one_by_one(intake):
    row = template(next_number=9)
    for name in ("one.mp4", "two.mp4"):
        arrived = incoming.keep_upload(None, sample(name))  # type: ignore[arg-type]
        IncomingFile.objects.filter(pk=arrived.pk).update(makes_video=True, template=row)
        incoming.finish(IncomingFile.objects.get(pk=arrived.pk))
    videos = Video.objects.order_by("pk").values_list("title", "tags")
    assert list(videos) == [("09 one", "maths,fun"), ("10 two", "maths,fun")]


def test_the_publish_form_begins_with_the_templates_accounts():
    youku = add_one_account_each()[0]
    row = template(Target(youku, "教育", {"public_type": "friend"}))
    video = add_publication(add_account("other")).video
    address = f"/admin/platforms/video/{video.pk}/publish/"
    begun = staff(*PUBLISHER).get(address, {"template": row.pk}).context["form"]
    assert (begun["accounts"].value(), begun["youku-category"].value()) == ([youku.pk], "教育")
    data = {"action": "publish_selected", "_selected_action": [video.pk], "template": row.pk}
    several = staff(*PUBLISHER).post("/admin/platforms/video/", data).context["form"]
    assert several["accounts"].value() == [youku.pk]


def test_a_template_that_is_gone_is_no_error(intake):
    client = staff(*PUBLISHER)
    assert client.get(ADD, {"template": "99"}).status_code == 200
    assert client.get(ADD, {"template": "x"}).status_code == 200
