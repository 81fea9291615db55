"""Numbers and times arrive in several forms and are read as one."""

import json
from datetime import UTC, datetime

import pytest

from platforms.errors import BadAnswer, Temporary
from platforms.transport.answers import Fields, as_flag, as_float, as_int, as_text, beijing_time, utc_time
from platforms.transport.http import Answer

MORNING = datetime(2011, 7, 15, 1, 0, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "number"),
    [(3600, 3600), ("3600", 3600), (" 7 ", 7), (7.0, 7), ("7.0", 7), ("-1", -1)]
    + [(value, None) for value in ("7.5", "x", "", None, True, [7], "nan", "inf", "9" * 5000)],
)
def test_it_reads_a_whole_number(value, number):
    assert as_int(value) == number


def test_it_keeps_every_digit_of_a_long_number():
    assert as_int("12345678901234567890") == 12345678901234567890


def test_it_reads_a_fraction():
    assert as_float("2675.36") == 2675.36


@pytest.mark.parametrize(
    "value",
    [
        *("2011-07-15 09:00:42", "2011-7-15 9:00:42", 1310691642, "1310691642", "1310691642000"),
        *("2011-07-15T01:00:42Z", "2011-07-15T09:00:42+08:00"),
    ],
)
def test_it_reads_beijing_time_as_utc(value):
    moment = beijing_time(value)
    assert moment == MORNING
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("value", ["2011-07-15T01:00:42Z", "2011-07-15T01:00:42", "2011-07-15 01:00:42", 1310691642])
def test_it_reads_utc_time(value):
    assert utc_time(value) == MORNING


@pytest.mark.parametrize("value", ["", None, 0, "0", "soon", "0000-00-00 00:00:00", True, {}, "9" * 40, 1e300])
def test_it_reads_no_time_from_what_is_none(value: object) -> None:
    assert beijing_time(value) is None


def test_it_reads_flags_and_texts():
    assert [as_flag(value) for value in (True, 1, "1", "yes", False, 0, "0", "", None)] == [True] * 4 + [False] * 5
    mixture: list[object] = ["a", 7, 7.5, None, True, []]
    assert [as_text(value) for value in mixture] == ["a", "7", "7.5", "", "", ""]


def answer(body, status=200):
    return Answer("show_video", status, body if isinstance(body, bytes) else json.dumps(body).encode(), {}, safe=True)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id": "X"', b"[]", b"null", {"id": None}, {"id": ""}, {"id": []}])
def test_a_missing_field_is_a_bad_answer_that_names_the_call(body):
    with pytest.raises(BadAnswer) as error:
        Fields.of(answer(body)).text("id")
    assert error.value.sentence.params["call"] == "show_video"


def test_html_from_a_broken_server_is_temporary():
    with pytest.raises(Temporary):
        Fields.of(answer(b"<html>", status=502))


def test_it_reads_needed_fields():
    fields = Fields.of(
        answer({"id": 7, "size": "12", "user": {"name": "n"}, "videos": [{"id": "a"}, "?", {"id": "b"}]})
    )
    assert (fields.text("id"), fields.number("size"), fields.inner("user").text("name")) == ("7", 12, "n")
    assert [video.text("id") for video in fields.each("videos")] == ["a", "b"]


@pytest.mark.parametrize("nothing", [[], {}, None, ""])
def test_a_list_without_entries_is_empty_in_every_form(nothing):
    fields = Fields.of(answer({"videos": nothing}))
    assert list(fields.each("videos")) == []
    with pytest.raises(BadAnswer):
        fields.each("others")


@pytest.mark.parametrize("read", [lambda f: f.number("n"), lambda f: f.inner("n"), lambda f: f.each("n")])
def test_a_field_of_another_type_is_a_bad_answer(read):
    with pytest.raises(BadAnswer):
        read(Fields.of(answer({"n": "-1"})))
