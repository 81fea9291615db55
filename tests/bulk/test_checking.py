"""The check of a table: every problem by row and column, and nothing stored or queued."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platforms.models import BulkRow, BulkUpload, HubCategory, IncomingFile, TemplateTarget, Video, VideoTemplate
from platforms.services import publishing
from platforms.services.bulk import cells, jobs, sources
from platforms.services.bulk.checking import Defaults
from platforms.services.bulk.troubles import Unreadable
from platforms.services.categories import mapping, tree
from platforms.services.scheduling import rules
from tests.bulk import tables
from tests.bulk.tables import HEADINGS, account, check, good, problems

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def test_a_good_table_has_no_problems_and_queues_nothing(here, box):
    here.put()
    assert problems(check(good())) == []
    assert not any(model.objects.exists() for model in (BulkUpload, IncomingFile, Video))
    assert len(box.requests) == 0


def test_every_problem_of_every_row_is_told_at_once(here):
    here.put()
    found = problems(check(good("gone.mp4", accounts="yk, nobody"), good("lesson.mp4", title="长" * 61, accounts="yk")))
    assert [(row, column, name) for row, column, name, _text in found] == [
        (2, "file", ""), (2, "accounts", ""), (3, "title", "yk"),
    ]  # fmt: skip
    assert [text for *_place, text in found][:2] == ["“gone.mp4” is not there.", "There is no account “nobody”."]


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        (("title", "accounts"), ["The table has no column “File”."]),
        (("file", "accounts"), ["The table has no column “Title”."]),
        (("file", "title"), ["The table has no column “Accounts”, and no account is ticked."]),
        (("tags",), ["“File”", "“Title”", "“Accounts”"]),
    ],
)
def test_a_missing_column_is_named(here, headings, told):
    with pytest.raises(Unreadable) as refused:
        check(["x"] * len(headings), headings=headings)
    for words in told:
        assert words in str(refused.value)


def test_columns_that_mean_nothing_are_left_out_and_told(here):
    here.put()
    checked = check((*good(), "x"), headings=(*HEADINGS, "Cost"))
    assert problems(checked) == []
    assert "Cost" in str(checked.notes[0].params["names"])


@pytest.mark.parametrize(
    "path", ["../secret.mp4", "/etc/hosts.mp4", "..\\secret.mp4", "a/../../secret.mp4", ".hidden.mp4", "link.mp4"]
)
def test_a_file_outside_the_folder_is_refused(here, tmp_path, path):
    (tmp_path / "secret.mp4").write_bytes(b"x")
    (here.folder / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    ((_row, column, _name, _text),) = problems(check(good(path)))
    assert column == "file"


@pytest.mark.parametrize(
    "path", ["unit/lesson.mp4", "unit\\lesson.mp4", "./unit//lesson.mp4", "{root}/unit/lesson.mp4"]
)
def test_a_file_below_the_folder_may_be_written_in_several_ways(here, path):
    (here.folder / "unit").mkdir()
    here.put("unit/lesson.mp4")
    path = path.format(root=here.folder)
    checked = check(good(path))
    assert problems(checked) == []


def test_paths_may_be_below_a_folder_that_is_chosen_once(here):
    (here.folder / "unit").mkdir()
    here.put("unit/lesson.mp4")
    assert problems(check(good(), folder="unit")) == []


def test_the_same_file_twice_and_the_same_row_twice_are_told_at_the_later_one(here):
    here.put()
    found = problems(check(good(), good(), good(title="又一课")))
    assert [(row, text) for row, _column, _name, text in found] == [
        (3, "It says the same as row 2."), (4, "Row 2 has the same file."),
    ]  # fmt: skip


def test_empty_cells_are_told_where_something_is_needed(here):
    found = problems(check(("", "", "", "", "yk")))
    assert {column for _row, column, _name, _text in found} == {"file", "title", "tags"}


def test_words_that_the_hub_cannot_keep_are_told_once(here):
    here.put()
    row = ("lesson.mp4", "课" * 201, "说" * 4001, "数学", "bj")
    assert [column for _row, column, _name, _text in problems(check(row))] == ["title", "description"]


def test_what_a_row_leaves_empty_is_as_chosen_for_all(here):
    here.put()
    defaults: dict[str, Any] = {"accounts": [account("iq"), account("yk")], "description": "三年级", "tags": "数学"}
    checked = check(("lesson.mp4", "第一课", "", "", ""), **defaults)
    assert problems(checked) == []
    assert [target["account"] for target in checked.rows[0].targets] == [account("iq").pk, account("yk").pk]
    assert (checked.rows[0].description, checked.rows[0].tags) == ("三年级", "数学")


def test_options_of_a_platform_are_as_chosen_for_all(here):
    here.put()
    chosen = publishing.Target(account("yk"), options={"public_type": "friend"})
    checked = check(good(accounts="yk"), usual={account("yk").pk: chosen})
    assert checked.rows[0].targets[0]["options"]["public_type"] == "friend"


def test_no_account_at_all_is_told(here):
    here.put()
    assert [p[1:2] + p[3:] for p in problems(check(good(accounts="")))] == [
        ("accounts", "No account is named here, and none is ticked.")
    ]


def categories(text: str, accounts: str = "yk, iq, bj") -> list[tuple[str, str]]:
    """What is said about a category cell."""
    found = problems(check((*good(accounts=accounts), text), headings=(*HEADINGS, "category")))
    return [(column, text) for _row, column, _name, text in found]


def test_a_category_is_found_by_its_name_on_every_account_that_has_such(here):
    here.put()
    node = tree.nodes(account("iq"))[0]
    checked = check((*good(accounts="iq"), node.name), headings=(*HEADINGS, "category"))
    assert problems(checked) == []
    assert checked.rows[0].targets[0]["category"] == node.category.remote_id


def test_a_category_of_the_hub_is_what_it_stands_for_on_each_account(here):
    here.put()
    node, science = tree.nodes(account("iq"))[0], HubCategory.objects.create(name="Science")
    mapping.save(science, {account("iq").pk: str(node.category.remote_id)}, actor="li")
    checked = check((*good(accounts="iq, bj"), "science"), headings=(*HEADINGS, "category"))
    assert problems(checked) == []
    assert checked.rows[0].hub_category == science
    assert [target["category"] for target in checked.rows[0].targets] == [node.category.remote_id, ""]


def test_a_category_of_another_account_is_told(here):
    here.put()
    name = tree.nodes(account("iq"))[0].name
    assert categories(f"iq={name}") == []
    ((column, text),) = categories("iq=Nothing of the kind", accounts="iq")
    assert column == "category"
    assert "“Nothing of the kind”" in text
    assert categories(f"iq={name}", accounts="yk") == [("category", "“iq” is not an account of this row.")]


def test_a_category_that_a_template_names_and_the_account_has_lost_is_told(here):
    here.put()
    template = VideoTemplate.objects.create(name="Weekly", title="{name}", description="Every week", tags="maths")
    TemplateTarget.objects.create(template=template, account=account("bj"), category="4711")
    checked = check(("lesson.mp4",), headings=("file",), template=template)
    assert [(column, name) for _row, column, name, _text in problems(checked)] == [("category", "bj")]


def times(publish_at: str, block_at: str = "") -> list[tuple[str, str]]:
    found = problems(check((*good(), publish_at, block_at), headings=(*HEADINGS, "publish_at", "block_at")))
    return [(column, text) for _row, column, _name, text in found]


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    "text", ["2026-12-01 08:00:00", "2026/12/1 8:00", "2026-12-01T08:00", "2026年12月1日 8:00", "2026-12-01T00:00Z"]
)
def test_a_time_may_be_written_in_several_ways(here, text):
    here.put()
    checked = check((*good(), text), headings=(*HEADINGS, "publish_at"))
    assert problems(checked) == []
    at = cells.moment(checked.rows[0].publish_at, account("yk"))
    assert at == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


@time_machine.travel(NOON, tick=False)
def test_a_wrong_time_a_past_one_and_an_end_before_the_beginning_are_told(here):
    here.put()
    assert times("soon") == [("publish_at", "“soon” is not a time. Write it as 2026-12-01 08:00.")]
    ((column, text),) = set(times("2026-11-21 11:59"))
    assert (column, text[:32]) == ("publish_at", "2026-11-21 11:59 is over already")
    columns = {column for column, text in times("2026-12-02 08:00", "2026-12-01 08:00") if "before" in text}
    assert columns == {"block_at"}


@time_machine.travel(NOON, tick=False)
def test_a_time_to_block_is_told_where_the_platform_cannot(here):
    here.put()
    headings = (*HEADINGS, "block_at")
    found = problems(check((*good(), "2026-12-01 08:00"), headings=headings))
    able = {name for name in ("yk", "iq", "bj") if rules.can_block(account(name).platform)}
    assert {name for _row, _column, name, _text in found} == {"yk", "iq", "bj"} - able


def test_broken_subtitles_and_those_that_are_not_there_are_told_by_line(here):
    here.put()
    here.put("broken.srt", b"1\n00:00:02,000 --> 00:00:01,000\nBackwards\n")
    here.put("notes.txt", b"words")
    text = "broken.srt; gone.vtt; notes.txt"
    found = problems(check((*good(), text), headings=(*HEADINGS, "subtitles")))
    assert [column for _row, column, _name, _text in found] == ["subtitles"] * 3
    assert found[0][3].startswith("broken.srt, line 2: ")


def test_of_very_many_subtitles_the_last_are_read_later_and_that_is_told(here, monkeypatch):
    monkeypatch.setattr("platforms.services.bulk.checking.MOST_SUBTITLES", 1)
    here.put("a.mp4")
    here.put("b.mp4")
    here.put("broken.srt", b"1\n00:00:02,000 --> 00:00:01,000\nBackwards\n")
    headings = (*HEADINGS, "subtitles")
    checked = check((*good("a.mp4"), "broken.srt"), (*good("b.mp4"), "broken.srt; gone.srt"), headings=headings)
    assert [(row, text[:8]) for row, *_rest, text in problems(checked)] == [(2, "broken.s"), (3, "“gone.sr")]
    assert len(checked.notes) == 1


def test_a_folder_is_a_row_a_film_titled_by_its_name_in_the_order_people_count(here):
    (here.folder / "unit" / "deep").mkdir(parents=True)
    for name in ("Lesson 10.mp4", "Lesson 2.mp4", "notes.txt", "deep/Extra.mp4"):
        here.put(f"unit/{name}")
    defaults = Defaults(accounts=[account("bj")])
    assert [row.title for row in sources.of_folder("unit", defaults).rows] == ["Lesson 2", "Lesson 10"]
    deep = sources.of_folder("unit", defaults, deep=True)
    assert [row.title for row in deep.rows] == ["Extra", "Lesson 2", "Lesson 10"]
    assert not deep.wrong
    with pytest.raises(Unreadable, match="no video"):
        sources.of_folder("", defaults)


def test_a_hub_without_a_folder_says_so(here, settings):
    settings.INGEST_ROOT = ""
    with pytest.raises(Unreadable, match="INGEST_ROOT"):
        check(good())


def weekly() -> VideoTemplate:
    made = VideoTemplate.objects.create(
        name="Weekly lesson", title="Lesson {number}: {name}", description="Every week", tags="maths", next_number=5
    )
    TemplateTarget.objects.create(template=made, account=account("yk"), options={"public_type": "friend"})
    return made


def test_a_template_fills_what_rows_leave_empty(here):
    weekly()
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        here.put(name)
    rows = [("a.mp4", "", "weekly lesson", ""), ("b.mp4", "Own", "Weekly lesson", "bj"), ("c.mp4", "", "Monthly", "")]
    checked = check(*rows, headings=("file", "title", "template", "accounts"))
    first, second, _third = checked.rows
    assert next(text for row, *_rest, text in problems(checked) if row == 4) == "There is no template “Monthly”."
    assert (first.title, first.description, first.tags) == ("Lesson 5: a", "Every week", "maths")
    assert first.targets[0]["account"] == account("yk").pk
    assert first.targets[0]["options"]["public_type"] == "friend"
    assert (second.title, second.targets[0]["account"]) == ("Own", account("bj").pk)


def test_running_numbers_are_taken_when_the_rows_are_queued(here):
    template = weekly()
    for name in ("a.mp4", "b.mp4"):
        here.put(name)
    defaults = Defaults(template=template)
    one, other = (jobs.keep(sources.of_folder("", defaults), "unit", actor="li") for _ in range(2))
    for job in (one, other):
        jobs.start(job)
    assert [row.title for row in one.rows.all()] == ["Lesson 5: a", "Lesson 6: b"]
    assert [row.title for row in other.rows.all()] == ["Lesson 7: a", "Lesson 8: b"]


def test_rows_are_checked_without_a_query_for_each(here, django_assert_max_num_queries):
    here.put()
    rows = [tables.good(title=f"第{number}课") for number in range(500)]
    with django_assert_max_num_queries(3):
        assert len(check(*rows).rows) == 500


COLUMNS = (*HEADINGS, "category", "publish_at", "template")


def rows_of_every_kind(count: int) -> list[tuple[str, ...]]:
    """Rows that differ in everything that is looked up: files, accounts, categories, times and templates."""
    rows = []
    for number in range(count):
        category = ("教育频道", f"nothing {number}", f"yk=nothing {number}", "Education")[number % 4]
        accounts = ("yk, iq, bj", "YK", f"nobody {number}")[number % 3]
        template = ("", f"none {number}", f"lessons {number % 5}")[number % 3]
        time = f"2026-12-01 08:{number % 60:02}"
        rows.append((*good(f"lesson{number}.mp4", f"第{number}课", accounts), category, time, template))
    return rows


def test_how_often_the_database_is_asked_does_not_depend_on_the_number_of_rows(here):
    science = HubCategory.objects.create(name="教育频道")
    mapping.save(science, {account("iq").pk: str(tree.nodes(account("iq"))[0].category.remote_id)}, actor="li")
    for number in range(5):
        template = VideoTemplate.objects.create(name=f"lessons {number}", title="{name}")
        TemplateTarget.objects.create(template=template, account=account("yk"), category="", options={})
    for number in range(60):
        here.put(f"lesson{number}.mp4")
    asked = []
    for count in (12, 60):
        with CaptureQueriesContext(connection) as statements:
            jobs.keep(check(*rows_of_every_kind(count), headings=COLUMNS), "lessons.csv", actor="li")
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 16, asked


def test_a_check_is_kept_as_it_was_made(here):
    here.put()
    checked = check(good(), good("gone.mp4"), *rows_of_every_kind(4), headings=COLUMNS)
    stored = list(jobs.keep(checked, "lessons.csv", actor="li").rows.order_by("number"))
    assert [columns_of(row) for row in stored] == [columns_of(row) for row in checked.rows]


def columns_of(row: BulkRow) -> dict[str, Any]:
    """What a row holds, its place in the database aside."""
    return {field.attname: getattr(row, field.attname) for field in BulkRow._meta.concrete_fields
            if field.name not in ("id", "job")}  # fmt: skip
