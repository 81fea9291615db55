"""Calls by the document's names: what is listed, what is converted, what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from platforms.contract import Source, WrongParameters
from platforms.transport.documented import bind, calls_of, documented
from platforms.transport.slices import ByteRange


class Client:
    @documented("X-02", "POST /second", "a document 2", danger="It deletes.", danger_when="everything", ids="file_ids")
    def second(self, ids: Sequence[str], everything: bool = False, page: int = 1, share: float | None = None) -> None:
        """Takes most types."""

    @documented("X-01", "GET /first", "a document 1")
    def first(
        self, day: date, at: datetime, range: ByteRange, file: Source | None = None, tags: Sequence[str] = ()
    ) -> str:
        """Takes the others."""
        return ""

    def helper(self, name: str) -> None:
        """Is no documented call."""


CALLS = calls_of(Client)


def refusal(method: str, **given: str) -> str:
    with pytest.raises(WrongParameters) as caught:
        bind(CALLS[method], given)
    sentence = caught.value.sentence
    return sentence.text % sentence.params


def test_calls_come_in_the_order_of_their_numbers() -> None:
    assert list(CALLS) == ["first", "second"]


def test_a_call_lists_its_parameters_under_the_documents_names() -> None:
    assert CALLS["second"].expected() == "file_ids=LIST [everything=FLAG (0)] [page=INTEGER (1)] [share=NUMBER]"
    assert CALLS["first"].expected() == "day=DATE at=TIME range=RANGE [file=FILE] [tags=LIST]"


def test_texts_become_what_the_method_takes(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_bytes(b"WEBVTT")
    found = bind(
        CALLS["first"],
        {"day": "2026-11-01", "at": "2026-11-01T01:30:00+00:00", "range": "0-1023", "file": f"{tmp_path}/a.vtt"},
    )
    file = found.pop("file")
    assert found == {
        "day": date(2026, 11, 1), "at": datetime(2026, 11, 1, 1, 30, tzinfo=UTC), "range": ByteRange(0, 1023)
    }  # fmt: skip
    assert (file.name, file.extension, file.size, file.read(3, 3)) == ("a.vtt", "vtt", 6, b"VTT")
    assert bind(CALLS["second"], {"file_ids": "a, b,", "everything": "YES", "page": "7", "share": "0.5"}) == {
        "ids": ["a", "b"], "everything": True, "page": 7, "share": 0.5
    }  # fmt: skip


def test_a_time_without_a_zone_is_beijings() -> None:
    found = bind(CALLS["first"], {"day": "2026-11-01", "at": "2026-11-01 09:30:00", "range": "0-0"})
    assert found["at"] == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)


def test_an_empty_optional_parameter_is_not_given() -> None:
    assert bind(CALLS["second"], {"file_ids": "a", "page": "", "everything": " "}) == {"ids": ["a"]}


@pytest.mark.parametrize("given", [{}, {"file_ids": ""}, {"file_ids": "  "}])
def test_a_missing_parameter_is_named_and_the_expected_ones_listed(given: dict[str, str]) -> None:
    text = refusal("second", **given)
    assert "needs the parameter “file_ids”" in text
    assert CALLS["second"].expected() in text


def test_the_names_of_python_are_not_the_documents() -> None:
    text = refusal("second", ids="a")
    assert "no parameter “ids”" in text
    assert CALLS["second"].expected() in text


@pytest.mark.parametrize(
    ("method", "name", "value", "must"),
    [
        ("second", "page", "two", "a whole number"),
        ("second", "page", "1.5", "a whole number"),
        ("second", "share", "half", "a number"),
        ("second", "everything", "2", "1 or 0"),
        ("first", "day", "2026-11-1", "a day such as 2026-11-01"),
        ("first", "day", "2026-02-30", "a day such as 2026-11-01"),
        ("first", "at", "yesterday", "a time such as 2026-11-01 09:30:00"),
        ("first", "range", "1024-0", "a range such as 0-1023"),
        ("first", "range", "0-", "a range such as 0-1023"),
        ("first", "file", "/no/such/file", "a file that can be read"),
        ("first", "file", "/", "a file that can be read"),
    ],
)
def test_a_mistyped_parameter_says_what_it_must_be(method: str, name: str, value: str, must: str) -> None:
    usual = {"first": {"day": "2026-11-01", "at": "2026-11-01 09:30:00", "range": "0-1"}, "second": {"file_ids": "a"}}
    text = refusal(method, **{**usual[method], name: value})
    assert f"“{name}” must be {must}" in text
    assert f"“{value}”" in text
    assert CALLS[method].expected() in text


@pytest.mark.parametrize(
    ("value", "dangerous"), [("1", True), ("true", True), ("yes", True), ("0", False), ("no", False), ("", False)]
)
def test_a_call_that_one_parameter_makes_dangerous(value: str, dangerous: bool) -> None:
    assert CALLS["second"].is_dangerous({"file_ids": "a", "everything": value}) is dangerous
    assert not CALLS["second"].is_dangerous({"file_ids": "a"})
