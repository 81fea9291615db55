from __future__ import annotations

from typing import Any

import pytest

from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.drivers.baijiayun.mapping import AUDIO_EXTENSIONS, VIDEO_EXTENSIONS
from tests.drivers.lent import BytesSource, draft_for


def fields(name: str = "lesson.mp4", data: bytes = b"film", **changes: Any) -> list[str]:
    changes = {"options": {"definition": "16"}, **changes}
    return [problem.field for problem in Baijiayun.problems(draft_for(BytesSource(data, name), **changes))]


def test_a_complete_draft_has_no_problem() -> None:
    options = {"definition": "16,1,2,4,8", "format": "1,2,4", "encrypt": "2", "audio_with_view": ""}
    assert fields(options=options) == []


def test_neither_description_nor_tags_nor_category_are_needed() -> None:
    assert fields(description="", tags=(), category="") == []


@pytest.mark.parametrize("title", ["", "  "])
def test_it_needs_a_title(title: str) -> None:
    assert fields(title=title) == ["title"]


@pytest.mark.parametrize("options", [{}, {"definition": ""}])
def test_it_needs_a_definition(options: dict[str, str]) -> None:
    assert fields(options=options) == ["definition"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("definition", "3"), ("definition", "16,3"), ("definition", "16,"), ("format", "3"), ("encrypt", "0")],
)
def test_a_choice_must_be_one_of_the_documents(name: str, value: str) -> None:
    assert fields(options={"definition": "16", name: value}) == [name]


@pytest.mark.parametrize("extension", sorted(VIDEO_EXTENSIONS))
def test_it_takes_every_video_extension_of_the_document(extension: str) -> None:
    assert fields(f"lesson.{extension}") == []


@pytest.mark.parametrize("extension", sorted(AUDIO_EXTENSIONS - VIDEO_EXTENSIONS))
def test_it_takes_sound_only_as_sound(extension: str) -> None:
    assert fields(f"lesson.{extension}") == ["audio_with_view"]
    assert fields(f"lesson.{extension}", options={"definition": "16", "audio_with_view": "1"}) == []


@pytest.mark.parametrize("name", ["lesson.exe", "lesson", "lesson.webm"])
def test_it_takes_no_other_files(name: str) -> None:
    assert fields(name) == ["file"]


def test_an_empty_file_cannot_be_sent() -> None:
    assert fields(data=b"") == ["file"]


def test_it_names_all_problems_at_once() -> None:
    assert fields("a.txt", data=b"", title="", options={"format": "9"}) == [
        "title", "definition", "format", "file", "file",
    ]  # fmt: skip
