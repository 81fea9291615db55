"""Subtitle files that tests are about."""

from __future__ import annotations

SRT = """1
00:00:01,000 --> 00:00:02,500
同学们好，今天我们学习分数的初步认识。

2
00:00:02,500 --> 00:00:04,000
请大家打开课本第九十页，
看一看图上的苹果。

3
00:00:05,000 --> 00:00:07,000
把一个苹果平均分成两份，每份是它的二分之一。
"""
VTT = """WEBVTT

00:01.000 --> 00:02.500
Good morning, everybody.

00:02.500 --> 00:04.000 align:start
Please open your books at page 90
and look at the apple.
"""
TRADITIONAL = "1\n00:00:01,000 --> 00:00:02,000\n同學們好，今天我們來學習分數的初步認識，請大家打開課本第九十頁。\n"


def srt_of(*times: tuple[str, str], text: str = "words") -> str:
    """An .srt file with these cues, each line of times given whole."""
    return "\n".join(f"{n}\n{start} --> {end}\n{text} {n}\n" for n, (start, end) in enumerate(times, 1))
