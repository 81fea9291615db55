"""What a person sees of an uploaded video: a page that plays it, a picture of it, its true duration."""

import hashlib
import struct
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import BinaryIO

from sandbox.messages import Response, html_response, text_response

PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
body {{ margin: 0; font: 16px/1.5 system-ui, sans-serif; background: #111; color: #eee; }}
main {{ max-width: 960px; margin: 0 auto; padding: 1rem; }} video, img {{ width: 100%; background: #000; }}
h1 {{ font-size: 1.2rem; }} p {{ color: #aaa; }}
</style></head><body><main>{media}<h1>{title}</h1><p>{note}</p></main></body></html>"""

PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="320" height="180">
<defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl({hue} 60% 45%)"/>
<stop offset="1" stop-color="hsl({other} 60% 25%)"/></linearGradient></defs>
<rect width="320" height="180" fill="url(#g)"/><path d="M140 65v50l42-25z" fill="#fff" opacity=".85"/>
<text x="160" y="160" fill="#fff" font-family="sans-serif" font-size="14" text-anchor="middle">{title}</text></svg>"""


def player_page(title: str, source: str | None, poster: str, note: str) -> Response:
    """A page that plays ``source``; None: only the picture and ``note``, because the video does not play."""
    if source is None:
        media = f'<img src="{escape(poster)}" alt="">'
    else:
        media = f'<video src="{escape(source)}" poster="{escape(poster)}" controls playsinline></video>'
    return html_response(PAGE.format(title=escape(title), media=media, note=escape(note)))


def thumbnail(title: str) -> Response:
    """An SVG picture whose colours depend on the title."""
    hue = hashlib.md5(title.encode(), usedforsecurity=False).digest()[0] * 360 // 256
    picture = PICTURE.format(hue=hue, other=(hue + 60) % 360, title=escape(title[:20]))
    return text_response(picture, content_type="image/svg+xml")


def media_type(file_name: str) -> str:
    """The content type under which a browser plays a file of this name."""
    extension = file_name.rpartition(".")[2].lower()
    known = {"mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "mov": "video/quicktime", "ogv": "video/ogg"}
    return known.get(extension, "video/mp4")


def mp4_duration(path: Path) -> float:
    """Seconds that the movie header of an MP4 or MOV file states (ISO 14496-12, 8.2.2); 0.0 when there is none."""
    with path.open("rb") as file:
        end = path.stat().st_size
        for name, start, stop in _boxes(file, 0, end):
            if name != b"moov":
                continue
            for inner, inner_start, _ in _boxes(file, start, stop):
                if inner == b"mvhd":
                    return _header_duration(file, inner_start)
    return 0.0


def mp4_frame(path: Path) -> tuple[int, int]:
    """Width and height of the largest track of an MP4 or MOV file (ISO 14496-12, 8.3.2); (0, 0) when there is none."""
    frames = [(0, 0)]
    with path.open("rb") as file:
        for start, stop in _inside(file, [b"moov", b"trak", b"tkhd"], 0, path.stat().st_size):
            if stop - start >= 84:
                file.seek(stop - 8)
                width, height = struct.unpack(">II", file.read(8).ljust(8, b"\0"))
                frames.append((width >> 16, height >> 16))
    return max(frames, key=lambda frame: frame[0] * frame[1])


def shown_duration(path: Path) -> int:
    """Whole seconds of a film, at least 1; when its header states none, as if it had 1 Mbit a second."""
    return max(1, round(mp4_duration(path)) or path.stat().st_size // 125_000)


def _inside(file: BinaryIO, names: list[bytes], start: int, stop: int) -> Iterator[tuple[int, int]]:
    """First byte and end of the content of every box on this path of names."""
    for name, inner_start, inner_stop in _boxes(file, start, stop):
        if name == names[0] and names[1:]:
            yield from _inside(file, names[1:], inner_start, inner_stop)
        elif name == names[0]:
            yield inner_start, inner_stop


def _boxes(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and end of the content of each box between two offsets."""
    while start + 8 <= stop:
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            return
        size, name = struct.unpack(">I4s", head[:8])
        content = start + 8
        if size == 1 and len(head) == 16:
            size, content = struct.unpack(">Q", head[8:])[0], start + 16
        elif size == 0:
            size = stop - start
        if size < content - start:
            return
        yield name, content, start + size
        start += size


def _header_duration(file: BinaryIO, start: int) -> float:
    file.seek(start)
    head = file.read(32)
    shape = (">20xIQ", 32) if head[:1] == b"\x01" else (">12xII", 20)
    if len(head) < shape[1]:
        return 0.0
    timescale, duration = struct.unpack(shape[0], head[: shape[1]])
    return float(duration / timescale) if timescale else 0.0
