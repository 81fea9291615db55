"""What a downloaded file is called, and what is refused before a byte of it is taken."""

from __future__ import annotations

import pytest

from platforms.services.fetching.names import LONGEST_NAME, name_for, refuse_what_is_no_file
from platforms.services.fetching.reach import parse
from platforms.services.fetching.troubles import Refused

FILM = parse("https://media.example/films/a%20b.mp4?token=secret")


def sent(text: str, charset: str) -> str:
    """A header's value as Python reads it off the wire."""
    return text.encode(charset).decode("latin-1")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("", "a b.mp4"),
        ("inline", "a b.mp4"),
        ('attachment; filename="lesson.mp4"', "lesson.mp4"),
        ("attachment; filename=lesson.mp4", "lesson.mp4"),
        ("attachment; filename=\"x.mp4\"; filename*=UTF-8''%E8%AF%BE.mp4", "课.mp4"),
        ("attachment; filename*=UTF-8''%E8%AF%BE.mp4; filename=\"x.mp4\"", "课.mp4"),
        ("attachment; filename*=GBK''%BF%CE.mp4", "课.mp4"),
        (sent('attachment; filename="课.mp4"', "utf-8"), "课.mp4"),
        (sent("attachment; filename=课.mp4", "gbk"), "课.mp4"),
        ('attachment; filename="%E8%AF%BE.mp4"', "课.mp4"),
        ('attachment; filename="../../etc/passwd.mp4"', "passwd.mp4"),
        ('attachment; filename="C:\\\\films\\\\x.mp4"', "x.mp4"),
        ('attachment; filename=".mp4"', "mp4.mp4"),
        ('attachment; filename="a<b>:c.mp4"', "a_b__c.mp4"),
        ('attachment; filename=""', "a b.mp4"),
        ("attachment; filename*=broken", "broken.mp4"),
    ],
)
def test_it_takes_the_name_that_the_server_gives(disposition: str, name: str) -> None:
    assert name_for(FILM, disposition, "video/mp4") == name


@pytest.mark.parametrize(
    ("address", "kind", "name"),
    [
        ("https://media.example/watch?v=1", "video/webm; codecs=vp9", "watch.webm"),
        ("https://media.example/", "video/mp4", "media.example.mp4"),
        ("https://media.example/part.1", "video/quicktime", "part.1.mov"),
        ("https://media.example/get.php?id=1", "video/mp4", "get.php.mp4"),
        ("https://media.example/film", "application/octet-stream", "film"),
    ],
)
def test_a_name_without_extension_gets_the_one_of_its_kind(address: str, kind: str, name: str) -> None:
    assert name_for(parse(address), "", kind) == name


def test_a_long_name_keeps_its_extension() -> None:
    name = name_for(FILM, f'attachment; filename="{"x" * 500}.mp4"', "")
    assert len(name) == LONGEST_NAME
    assert name.endswith("x.mp4")


@pytest.mark.parametrize(
    ("kind", "what"),
    [("text/html; charset=utf-8", "web page"), ("application/vnd.apple.mpegurl", "playlist")],
)
def test_what_is_no_file_is_refused_with_what_it_is(kind: str, what: str) -> None:
    with pytest.raises(Refused, match=what):
        refuse_what_is_no_file(kind, "media.example")


@pytest.mark.parametrize("kind", ["", "video/mp4", "application/octet-stream", "binary/octet-stream", "text/plain"])
def test_anything_else_may_be_a_film(kind: str) -> None:
    refuse_what_is_no_file(kind, "media.example")
