from __future__ import annotations

from typing import Any

import pytest

from platforms.drivers.iqiyi.driver import Iqiyi
from tests.drivers.lent import BytesSource, draft_for


def fields(name: str = "lesson.mp4", data: bytes = b"film", **changes: Any) -> list[str]:
    return [problem.field for problem in Iqiyi.problems(draft_for(BytesSource(data, name), **changes))]


def test_a_complete_draft_has_no_problem() -> None:
    assert fields(category="12") == []


def test_neither_tags_nor_category_are_needed() -> None:
    assert fields(tags=(), category="") == []


@pytest.mark.parametrize("title", ["", "  "])
def test_it_needs_a_title(title: str) -> None:
    assert fields(title=title) == ["title"]


@pytest.mark.parametrize("description", ["", " \n"])
def test_it_needs_a_description(description: str) -> None:
    assert fields(description=description) == ["description"]


def test_a_tag_must_not_contain_the_comma_that_separates_tags() -> None:
    assert fields(tags=("数学", "三年级,上")) == ["tags"]


@pytest.mark.parametrize("category", ["11", "0", "education"])
def test_a_category_must_be_in_the_table(category: str) -> None:
    assert fields(category=category) == ["category"]


def test_every_category_of_the_table_is_taken() -> None:
    assert len(Iqiyi.categories) == 23
    assert [fields(category=value) for value, _ in Iqiyi.categories] == [[]] * 23


@pytest.mark.parametrize("name", ["lesson.txt", "lesson", "lesson.mp3", "lesson.exe"])
def test_it_takes_video_files_only(name: str) -> None:
    assert fields(name) == ["file"]


@pytest.mark.parametrize("name", ["lesson.mp4", "lesson.AVI", "lesson.rmvb"])
def test_it_takes_the_common_containers(name: str) -> None:
    assert fields(name) == []


def test_an_empty_file_cannot_be_sent() -> None:
    assert fields(data=b"") == ["file"]


def test_it_names_all_problems_at_once() -> None:
    assert fields("a.txt", title="", description="", tags=(",",), category="99") == [
        "title", "description", "tags", "category", "file",
    ]  # fmt: skip
