"""Templates: patterns that are filled in for each video, numbers that nobody gets twice, accounts with options."""

from __future__ import annotations

from datetime import date

import pytest

from platforms.models import TemplateTarget, VideoTemplate
from platforms.services import publishing, templates
from platforms.services.publishing import Target
from tests import hub
from tests.admin.rows import add_account, add_publication

ABOUT = templates.facts("分数 01.final.mp4", 7, date(2024, 9, 1))


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("{date} 第{number}课 {name}", "2024-09-01 第7课 分数 01.final"),
        ("{number:3}", "007"),
        ("{year}年{month}月{day}日", "2024年09月01日"),
        ("{{name}} {name}", "{name} 分数 01.final"),
        ("没有", "没有"),
        ("", ""),
    ],
)
def test_placeholders_are_filled_in(pattern, filled):
    templates.check(pattern)
    assert templates.filled(pattern, ABOUT) == filled


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("{titel}", "{titel}"), ("{name.__class__}", "{name.__class__}"), ("{number:x}", "{number:x}"),
        ("{date:3}", "{date:3}"), ("{name!r}", "{name!r}"), ("{}", "{}"), ("{number:9999}", "{number:9999}"),
    ],
)  # fmt: skip
def test_a_placeholder_that_there_is_not_is_named_with_those_that_there_are(pattern, named):
    with pytest.raises(templates.BadPattern) as caught:
        templates.check(pattern)
    assert named in str(caught.value)
    assert "{number}" in str(caught.value)


@pytest.mark.parametrize("pattern", ["{name", "name}", "{"])
def test_a_brace_that_stands_alone_is_told(pattern):
    with pytest.raises(templates.BadPattern, match=r"\{\{"):
        templates.check(pattern)


@pytest.mark.django_db
def test_numbers_are_taken_once():
    template = VideoTemplate.objects.create(name="周课", title="第{number}课", next_number=3)
    assert list(templates.take_numbers(template, 2)) == [3, 4]
    assert list(templates.take_numbers(template)) == [5]


@pytest.mark.django_db
def test_a_template_without_numbers_uses_none_up():
    template = VideoTemplate.objects.create(name="周课", title="{name}", next_number=3)
    templates.take_numbers(template, 2)
    template.refresh_from_db()
    assert template.next_number == 3


@pytest.mark.django_db
def test_a_video_gets_metadata_accounts_and_options(box):
    youku, other = hub.add_account(box, "youku"), hub.add_account(box, "baijiayun")
    template = VideoTemplate(name="周课", title="第{number:2}课", description="{date}", tags="数学")
    options = {"public_type": "friend", "watch_password": "secret1"}
    templates.save(template, [Target(youku, "教育", options), Target(other)])
    filled = templates.fill(template, ABOUT)
    assert (filled.metadata.title, filled.metadata.description, filled.metadata.tags) == (
        "第07课",
        "2024-09-01",
        "数学",
    )
    by_name = {target.account.name: target for target in filled.targets}
    assert set(by_name) == {"yk", "bj"}
    assert (by_name["yk"].category, by_name["yk"].options["public_type"]) == ("教育", "friend")
    assert by_name["yk"].options["copyright_type"] == "original"
    assert by_name["bj"].options["definition"] == "16,1,2"
    assert not TemplateTarget.objects.filter(options__has_key="watch_password").exists()
    video = hub.add_video(filled.metadata)
    assert publishing.obstacles(filled.metadata, video, filled.targets) == []


@pytest.mark.django_db
def test_a_title_that_is_left_empty_is_the_name_of_the_file():
    template = VideoTemplate.objects.create(name="周课")
    assert templates.fill(template, ABOUT).metadata.title == "分数 01.final"


@pytest.mark.django_db
def test_a_video_becomes_a_template_to_the_letter():
    row = add_publication(add_account(), category="教育", options={"public_type": "friend"})
    row.video.title = "{name} 第一课"
    template, targets = templates.from_video(row.video)
    assert templates.filled(template.title, ABOUT) == "{name} 第一课"
    assert [(one.account.name, one.category, one.options) for one in targets] == [
        ("yk", "教育", {"public_type": "friend"})
    ]


@pytest.mark.django_db
def test_it_is_found_by_its_name_in_any_case():
    template = VideoTemplate.objects.create(name="Weekly lesson")
    assert templates.find(" weekly LESSON ") == template
    assert templates.find("monthly") is None
