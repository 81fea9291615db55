"""What is wrong with a subtitle file is told by line, all of it at once; what is right is kept to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platforms.services.subtitles.blocks import SYNTAXES, cues_of
from platforms.services.subtitles.reading import MIB, MOST_BYTES, Reading, read, why_not_read
from tests.subtitles.files import SRT, VTT, srt_of


def lines_of(reading: Reading) -> list[int]:
    return [remark.line for remark in reading.errors]


def words_of(reading: Reading) -> str:
    return " ".join(remark.sentence.text % dict(remark.sentence.params) for remark in reading.errors)


def warned(reading: Reading) -> list[tuple[int, str]]:
    return [
        (remark.line, remark.sentence.text % dict(remark.sentence.params))
        for remark in reading.warnings
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "cues", "seconds"), [("a.srt", SRT, 3, 7.0), ("A.VTT", VTT, 2, 4.0)])
def test_it_keeps_a_good_file_to_the_letter(name, text, cues, seconds):
    reading = read(name, text.encode())
    assert (reading.errors, reading.warnings) == ((), ())
    assert (reading.text, reading.cues, reading.seconds) == (text, cues, seconds)


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_of_other_systems_and_lines_of_spaces_are_made_plain(ends):
    reading = read("a.srt", SRT.replace("\n\n", "\n \t\n").replace("\n", ends).encode())
    assert (reading.errors, reading.text) == ((), SRT)


def test_it_tells_every_broken_line_at_once():
    text = (
        "1\n00:00:01,000 --> 00:00:02,0\nhalf a time\n\n"  # line 2
        "2\n00:00:03.000 --> 00:00:04.000\ndots\n\n"  # line 6
        "00:00:05,000 --> 00:00:06,000\nno number\n\n"  # line 9
        "four\n00:00:07,000 --> 00:00:08,000\nno digits\n\n"  # line 12
        "5\n00:00:09,000 --> 00:00:08,000\nbackwards\n\n"  # line 17
        "6\n00:00:10,000 --> 00:00:11,000\ngood\n7\n00:00:11,000 --> 00:00:12,000\nno empty line\n\n"  # line 23
        "words that belong to nothing\n\n"  # line 27
        "8\n00:61:00,000 --> 00:62:00,000\nminutes\n"  # line 30
    )
    reading = read("a.srt", text.encode())
    assert lines_of(reading) == [2, 6, 9, 12, 17, 23, 27, 30]
    assert "“00:00:01,000 --> 00:00:02,0” are not two times such as 00:01:02,500 --> 00:01:05,000." in words_of(reading)
    assert "ends (0:00:08.000) before it begins (0:00:09.000)" in words_of(reading)
    assert "An empty line is missing above this cue." in words_of(reading)


def test_it_tells_every_broken_line_of_a_vtt_file():
    text = (
        "WEBVTT\n00:01.000 --> 00:02.000\ntoo near\n\n"  # line 2
        "00:03,000 --> 00:04,000\ncommas\n\n"  # line 5
        "a note without its word\n\n"  # line 8
        "00:05.000 --> 00:06.000\nfirst\n00:06.000 --> 00:07.000\nsecond\n\n"  # line 12
        "STYLE\n::cue {}\n\n"  # line 15
        "00:08.000 --> 00:08.000\nnothing long\n"  # line 18
    )
    assert lines_of(read("a.vtt", text.encode())) == [2, 5, 8, 12, 15, 18]


def test_full_width_times_are_told_apart():
    reading = read("a.srt", "1\n00：00：01,000 --> 00：00：02,000\n你好\n".encode())
    assert lines_of(reading) == [2]
    assert "full-width" in words_of(reading)


@pytest.mark.parametrize("arrow", ["->", "--", "－－＞", "to"])
def test_times_without_their_arrow_are_told_as_such(arrow):
    reading = read("a.srt", f"1\n00:00:01,000 {arrow} 00:00:02,000\n你好\n".encode())
    assert lines_of(reading) == [2]
    assert "times" in words_of(reading)


def test_notes_styles_regions_and_names_of_cues_are_no_cues():
    text = (
        "WEBVTT - lesson\nKind: captions\n\nNOTE by us\nand others\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\n"
        "intro\n00:01.000 --> 00:02.000 region:a\nwords\n"
    )
    reading = read("a.vtt", text.encode())
    assert (reading.errors, reading.warnings, reading.cues) == ((), (), 1)


def test_overlaps_disorder_and_empty_cues_are_warnings_with_the_other_line():
    text = srt_of(
        ("00:00:01,000", "00:00:05,000"), ("00:00:02,000", "00:00:03,000"), ("00:00:04,000", "00:00:06,000"),
        ("00:00:03,500", "00:00:03,800"),
    ).replace("words 2", "")  # fmt: skip
    reading = read("a.srt", text.encode())
    assert reading.errors == ()
    assert warned(reading) == [
        (6, "The cue has no text."),
        (6, "The cue begins before the one of line 2 has ended."),
        (10, "The cue begins before the one of line 2 has ended."),
        (14, "The cue begins earlier than the one above it, of line 10."),
    ]


def test_cues_that_touch_do_not_overlap():
    assert (
        read("a.srt", srt_of(("00:00:01,000", "00:00:02,000"), ("00:00:02,000", "00:00:03,000")).encode()).warnings
        == ()
    )


def test_a_cue_after_the_end_of_the_video_is_a_warning():
    assert [line for line, _words in warned(read("a.srt", SRT.encode(), duration=4.0))] == [11]


def test_settings_that_no_player_knows_are_warnings():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000 align:start colour:red\nwords\n"
    assert warned(read("a.vtt", text.encode())) == [
        (3, "“colour:red” is no setting of a cue; players pass over it.")
    ]  # fmt: skip


def test_lost_characters_are_warned_of_and_control_characters_refused():
    reading = read("a.srt", SRT.replace("苹果", "�").encode())
    assert [line for line, _words in warned(reading)] == [8, 12]
    assert lines_of(read("a.srt", SRT.replace("苹果", "\x1b[0m").encode())) == [8, 12]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.srt", b"", "is empty"),
        ("a.srt", b"\xef\xbb\xbf\r\n \r\n", "is empty"),
        ("a.vtt", b"WEBVTT\n\nNOTE nothing\n", "holds no cues"),
        ("a.txt", SRT.encode(), "“a.txt” is neither"),
        ("noending", SRT.encode(), "is neither"),
        ("a.srt", VTT.encode(), "give it the ending .vtt"),
        ("a.vtt", SRT.encode(), "begins with a line “WEBVTT”"),
        ("a.srt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        ("a.vtt", b"x" * (MOST_BYTES + 1), "at most 2 MB"),
    ],
)
def test_it_refuses_what_is_no_subtitle(name, data, words):
    reading = read(name, data)
    assert words in words_of(reading)
    assert reading.text == "" or reading.errors


def test_a_large_file_is_refused_before_it_is_read():
    (remark,) = why_not_read("a.srt", 50 * MIB)
    assert "50.0 MB" in remark.sentence.text % dict(remark.sentence.params)
    assert why_not_read("a.srt", MOST_BYTES) == ()


def test_the_largest_file_is_read():
    cues = [
        (f"{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02},000", f"{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02},900")
        for i in range(30_000)
    ]
    reading = read("a.srt", srt_of(*cues).encode())
    assert (reading.cues, reading.errors, reading.warnings) == (30_000, (), ())


LINE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20)
PIECE = st.sampled_from(
    ["WEBVTT", "", " ", "1", "22", "-->", "00:00:01,000 --> 00:00:02,000", "00:01.000 --> 00:02.000", "NOTE", "NOTE x",
     "STYLE", "REGION", "id:a", "00:00:01,000", "00:03.000 --> 00:04.000 align:start", "&amp;", "<i>x</i>", "字幕"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["srt", "vtt"]), st.lists(st.one_of(PIECE, PIECE, LINE), max_size=14), st.booleans())
def test_any_text_is_either_refused_by_line_or_read_as_the_library_reads_it(kind, pieces, headed):
    text = "\n".join((["WEBVTT", ""] if headed and kind == "vtt" else []) + pieces)
    reading = read(f"a.{kind}", text.encode())
    assert not any("otherwise than it is written" in remark.sentence.text for remark in reading.errors), reading
    assert all(0 <= remark.line <= text.count("\n") + 1 for remark in (*reading.errors, *reading.warnings))
    if not reading.errors:
        assert reading.cues == len(cues_of(reading.text, SYNTAXES[kind]).cues) > 0


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["a.srt", "a.vtt"]), st.binary(max_size=200))
def test_no_bytes_break_it(name, data):
    reading = read(name, data)
    assert reading.errors or reading.cues
