"""A subtitle in UTF-8, UTF-16 or GB18030 is kept as UTF-8; anything else is refused with what it seems to be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platforms.services.subtitles.encoding import CONVERTED, decode
from tests.subtitles.files import SRT, TRADITIONAL

KOREAN = "안녕하세요 여러분. 오늘은 분수를 배웁니다. 사과를 반으로 나눕니다.\n"
JAPANESE = "皆さんこんにちは。今日は分数を勉強します。りんごを半分に分けましょう。\n"
FRENCH = "Bonjour à tous ! Où êtes-vous ? Les élèves étudient déjà les fractions à l'école.\n"
RUSSIAN = "Здравствуйте, дети! Сегодня мы изучаем дроби. Разделим яблоко пополам.\n"
# The commonest characters of Chinese texts.
COMMON = (
    "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过"
    "家十用发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从"
)


def told(data: bytes) -> list[str]:
    return [remark.sentence.text % dict(remark.sentence.params) for remark in decode(data).errors]


@pytest.mark.parametrize("data", [SRT.encode(), SRT.encode("utf-8-sig")])
def test_utf8_needs_no_word(data):
    decoded = decode(data)
    assert (decoded.text, decoded.remarks, decoded.errors) == (SRT, (), ())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "gb18030", "gb2312"])
def test_other_encodings_of_chinese_are_converted_and_it_is_said(encoding):
    decoded = decode(SRT.encode(encoding))
    assert (decoded.text, decoded.errors) == (SRT, ())
    (remark,) = decoded.remarks
    assert (remark.line, remark.sentence.text) == (0, CONVERTED)
    assert remark.sentence.params["encoding"] == {"utf-16": "UTF-16", "utf-32": "UTF-32"}.get(encoding, "GB18030")


def test_utf16_of_either_order_is_known_by_its_mark():
    assert decode(b"\xfe\xff" + SRT.encode("utf-16-be")).text == SRT
    assert "without the mark" in told(SRT.encode("utf-16-be"))[0]
    assert "goes on in something else" in told(b"\xff\xfe" + SRT.encode("utf-16-le") + b"\xff")[0]


def test_traditional_chinese_in_gb18030_is_converted_too():
    assert decode(TRADITIONAL.encode("gb18030")).text == TRADITIONAL


def test_big5_is_never_taken_for_gb18030():
    assert "in Big5; save it as UTF-8" in told(TRADITIONAL.encode("big5"))[0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(KOREAN, "euc_kr"), (JAPANESE, "euc_jp"), (JAPANESE, "shift_jis"), (FRENCH, "cp1252"), (RUSSIAN, "cp1251")],
)
def test_other_languages_are_refused_and_never_become_chinese(text, encoding):
    (refusal,) = decode((text * 3).encode(encoding)).errors
    assert (refusal.line, "UTF-8" in refusal.sentence.text) == (0, True)


def test_broken_bytes_in_utf8_are_told_by_line():
    data = SRT.encode().replace("课本".encode(), b"\xe8\xaf").replace("一半".encode(), b"\xff")
    assert [remark.line for remark in decode(data).errors] == [7]
    assert "not UTF-8" in told(data)[0]


def test_lines_of_gb18030_in_a_file_of_utf8_are_told_by_line():
    lines = SRT.split("\n")
    data = b"\n".join(line.encode("gb18030" if number == 3 else "utf-8") for number, line in enumerate(lines, 1))
    assert [remark.line for remark in decode(data).errors] == [3]


def test_broken_bytes_in_gb18030_are_told_by_line():
    lines = (SRT * 3).split("\n")
    broken = [line.encode("gb18030") + (b"\x81" if number == 8 else b"") for number, line in enumerate(lines, 1)]
    assert [remark.line for remark in decode(b"\n".join(broken)).errors] == [8]


def test_bytes_that_mean_nothing_are_no_text():
    assert told(b"\x00\x01\x02") == ["This is not a text file."]
    assert decode(bytes(range(128, 256)) * 4).errors


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.sampled_from(COMMON), min_size=6, max_size=16), min_size=4, max_size=8))
def test_common_chinese_in_gb18030_comes_back_to_the_letter(lines):
    text = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}。\n\n" for n, line in enumerate(lines, 1))
    decoded = decode(text.encode("gb18030"))
    assert (decoded.text, decoded.errors) == (text, ())


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=60))
def test_whatever_is_utf8_is_read_as_that(text):
    assert decode(text.encode()).text == text
