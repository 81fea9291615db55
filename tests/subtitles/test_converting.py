"""From .srt to .vtt and back: times and words stay, and what one of them cannot say goes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from platforms.services.subtitles.blocks import SYNTAXES, cues_of
from platforms.services.subtitles.converting import convert
from platforms.services.subtitles.reading import read
from tests.subtitles.files import SRT, VTT


def cues(text: str, kind: str) -> list[tuple[int, int, tuple[str, ...]]]:
    return [(cue.start, cue.end, cue.text) for cue in cues_of(text, SYNTAXES[kind]).cues]


def test_there_and_back_is_the_same_file():
    assert convert(convert(SRT, "srt", "vtt"), "vtt", "srt") == SRT


def test_the_same_format_is_the_same_text():
    assert convert(VTT, "vtt", "vtt") == VTT


def test_both_directions_pass_the_check():
    for text, kind, to in ((SRT, "srt", "vtt"), (VTT, "vtt", "srt")):
        reading = read(f"a.{to}", convert(text, kind, to).encode())
        assert (reading.errors, reading.warnings) == ((), ())
        assert cues(reading.text, to) == cues(text, kind)


def test_signs_of_one_format_are_words_in_the_other():
    srt = '1\n00:00:01,000 --> 00:00:02,000\na < b & c --> d <i>e</i> <font color="red">f</font> {\\an8}g <think>\n'
    vtt = convert(srt, "srt", "vtt")
    assert cues(vtt, "vtt")[0][2] == ("a &lt; b &amp; c --&gt; d <i>e</i> f g &lt;think&gt;",)
    assert cues(convert(vtt, "vtt", "srt"), "srt")[0][2] == ("a < b & c --> d <i>e</i> f g <think>",)


def test_what_srt_cannot_say_goes():
    vtt = (
        "WEBVTT\n\nNOTE for us\n\nSTYLE\n::cue {}\n\nintro\n1:00:00.000 --> 1:00:01.000 align:start\n"
    ).replace("1:00:0", "01:00:0")  # fmt: skip
    vtt += "<v 老师><b.loud>你好</b>&nbsp;<00:01.000>同学们</v>\n\n02:00:00.000 --> 02:00:01.000\n<c></c>\n"
    assert convert(vtt, "vtt", "srt") == "1\n01:00:00,000 --> 01:00:01,000\n<b>你好</b>\xa0同学们\n"


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=12)
ODD = st.sampled_from(
    ["-->", "<b>", "</b>", "<", ">", "&lt;", "&amp;lt;", "&#10;", "1 --> 2", "--> 7", "WEBVTT", "NOTE", "12"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.one_of(TEXT, ODD), min_size=1, max_size=3).map(" ".join), min_size=1, max_size=4))
def test_what_was_taken_is_taken_after_converting_with_the_same_times(texts):
    srt = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n\n" for n, text in enumerate(texts, 1))
    first = read("a.srt", srt.encode())
    if first.errors:
        return
    vtt = read("a.vtt", convert(first.text, "srt", "vtt").encode())
    back = read("a.srt", convert(vtt.text, "vtt", "srt").encode()) if not vtt.errors else vtt
    assert (vtt.errors, back.errors) == ((), ()) or not any(text.strip() for text in texts)
    told = [(start, end) for start, end, text in cues(first.text, "srt") if "".join(text).strip()]
    assert [(start, end) for start, end, _text in cues(vtt.text, "vtt")] == told
