"""From .srt to .vtt and back. Times and words stay; so do bold, italics and underlining, which both formats have."""

from __future__ import annotations

import html
import io
import re

import webvtt

from platforms.services.subtitles.blocks import SRT, SYNTAXES, Cue, are_times, cues_of

# What .vtt takes for tags; anything else in angle brackets of an .srt file is text.
_SHARED_TAG = re.compile(r"&lt;(/?)([biu])&gt;", re.IGNORECASE)
_SRT_ONLY = re.compile(r"</?font\b[^<>]*>|\{\\an?\d+\}", re.IGNORECASE)
_VTT_TAG = re.compile(r"<(/?)([a-z]*)[^<>]*>")


def convert(text: str, kind: str, to: str) -> str:
    """A checked text of format `kind` in format `to` ("vtt" or "srt"), the same where it is in it already.

    What .srt cannot say goes: styles, places on the picture, names of speakers, notes. Cues without text go too.
    """
    if kind == to:
        return text
    cues = cues_of(text, SYNTAXES[kind]).cues
    return _as_vtt(cues) if to == "vtt" else _as_srt(cues)


def _as_vtt(cues: list[Cue]) -> str:
    made, out = webvtt.WebVTT(), io.StringIO()
    for cue in cues:
        if lines := _words(map(_vtt_line, cue.text)):
            made.captions.append(webvtt.Caption(_time(cue.start), _time(cue.end), lines))
    made.write(out)
    return out.getvalue().rstrip("\n") + "\n"


def _vtt_line(line: str) -> str:
    return _SHARED_TAG.sub(lambda tag: f"<{tag[1]}{tag[2].lower()}>", html.escape(_SRT_ONLY.sub("", line), quote=False))


def _as_srt(cues: list[Cue]) -> str:
    """The library's own writer of .srt leaves the character references of .vtt as they are."""
    parts: list[str] = []
    for cue in cues:
        if lines := _words(map(_srt_line, cue.text)):
            times = f"{_time(cue.start)} --> {_time(cue.end)}".replace(".", ",")
            parts.append("\n".join([str(len(parts) + 1), times, *lines]) + "\n")
    return "\n".join(parts)


def _srt_line(line: str) -> str:
    kept = _VTT_TAG.sub(lambda tag: f"<{tag[1]}{tag[2]}>" if tag[2] in ("b", "i", "u") else "", line)
    said = " ".join(html.unescape(kept).split("\n"))
    return said.replace("-->", "→") if are_times(said, SRT) else said


def _words(lines: map[str]) -> list[str]:
    return [line for line in lines if line.strip()]


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
