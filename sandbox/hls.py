"""A film as HTTP live streaming delivers it: a playlist, a head, and pieces that begin where playing can begin.

Nothing is transcoded: the pictures and sounds of the uploaded file are put into fragments (ISO 14496-12, 8.8).
"""

import math
import struct
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from sandbox.messages import FOR_ANY_PAGE, Response
from sandbox.tracks import Box, Sample, Track, boxes, inside, packed, tracks_of

PLAYLIST = "application/vnd.apple.mpegurl"
PIECE = "video/mp4"
HEAD = "head"
LARGEST_MOVIE = 64 * 1024 * 1024
KEY, NOT_KEY = 0x02000000, 0x01010000
EMPTY = (b"stts", b"stsc", b"stco")


@dataclass(frozen=True)
class Film:
    """``starts``: when each piece begins, in seconds, and at last when the film ends."""

    path: Path
    moov: Box
    tracks: tuple[Track, ...]
    starts: tuple[float, ...]

    @property
    def pieces(self) -> range:
        return range(len(self.starts) - 1)

    def playlist(self, address: Callable[[str], str]) -> str:
        """``address`` gives the address of a piece by its number, and that of the head as `HEAD`."""
        lengths = [after - before for before, after in zip(self.starts, self.starts[1:], strict=False)]
        lines = [
            "#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{math.ceil(max(lengths))}",
            "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS", f'#EXT-X-MAP:URI="{address(HEAD)}"',
        ]  # fmt: skip
        for number in self.pieces:
            lines += [f"#EXTINF:{lengths[number]:.3f},", address(str(number))]
        return "\n".join([*lines, "#EXT-X-ENDLIST", ""])

    def head(self) -> bytes:
        """What a player needs to know of the tracks before any piece."""
        extends = [packed(b"trex", struct.pack(">IIIIII", 0, track.number, 1, 0, 0, 0)) for track in self.tracks]
        movie = [inside(self.moov, b"mvhd").packed(), *(_without_samples(track.trak) for track in self.tracks)]
        brands = packed(b"ftyp", b"iso5", struct.pack(">I", 512), b"iso5iso6mp41")
        return brands + packed(b"moov", *movie, packed(b"mvex", *extends))

    def piece(self, number: int) -> bytes:
        """Raises LookupError for a number that no piece has."""
        if number not in self.pieces:
            raise LookupError(number)
        chosen = [(track, self._within(track, number)) for track in self.tracks]
        chosen = [(track, samples) for track, samples in chosen if samples]
        with self.path.open("rb") as file:
            media = [b"".join(_read(file, sample) for sample in samples) for _, samples in chosen]
        # The offsets are counted from the head of the fragment, whose own length does not depend on them.
        offset = len(_fragment(number, chosen, [0] * len(chosen))) + 8
        offsets = [offset + sum(map(len, media[:before])) for before in range(len(media))]
        return _fragment(number, chosen, offsets) + packed(b"mdat", *media)

    def _within(self, track: Track, number: int) -> Sequence[Sample]:
        first, last = (
            bisect_left(track.samples, round(at * track.scale), key=lambda sample: sample.start)
            for at in self.starts[number : number + 2]
        )
        return track.samples[first : last if number + 1 < len(self.pieces) else None]


def whole(address: str, seconds: int) -> str:
    """A playlist whose one piece is the file at this address."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{seconds}", f"#EXTINF:{seconds},", address]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def piece_response(film: Film, name: str) -> Response:
    """A piece of the film, or its head, by the name that the playlist has for it; 404 for another."""
    try:
        content = film.head() if name == HEAD else film.piece(int(name))
    except (LookupError, ValueError):
        return Response(404, b"not found", "text/plain; charset=utf-8", FOR_ANY_PAGE)
    return Response(200, content, PIECE, FOR_ANY_PAGE)


def film_of(path: Path) -> Film | None:
    """The film in a file; None when it cannot be cut: no MP4, or one without pictures."""
    found = path.stat()
    return _film(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=4)
def _film(path: Path, size: int, changed: int) -> Film | None:
    try:
        moov = _movie(path)
        tracks = tracks_of(moov)
        picture = next(track for track in tracks if track.is_picture)
    except (ValueError, LookupError, struct.error, StopIteration):
        return None
    starts = [sample.start / picture.scale for sample in picture.samples if sample.key]
    last = picture.samples[-1]
    return Film(path, moov, tuple(tracks), (*starts, (last.start + last.duration) / picture.scale))


def _movie(path: Path) -> Box:
    """The box that describes the film. Raises LookupError when there is none."""
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size, name = struct.unpack(">I4s", head)
            skip = struct.unpack(">Q", file.read(8))[0] - 16 if size == 1 else size - 8
            if name == b"moov" and 0 <= skip <= LARGEST_MOVIE:
                return Box(name, file.read(skip))
            if skip < 0:
                break
            file.seek(skip, 1)
    raise LookupError("moov")


def _without_samples(box: Box) -> bytes:
    """A track with the tables of its samples empty: they come with the pieces."""
    if box.name == b"stbl":
        empty = [packed(name, bytes(8)) for name in EMPTY] + [packed(b"stsz", bytes(12))]
        return packed(b"stbl", inside(box, b"stsd").packed(), *empty)
    if box.name in (b"trak", b"mdia", b"minf"):
        return packed(box.name, *(_without_samples(each) for each in boxes(box.content) if each.name != b"edts"))
    return box.packed()


def _fragment(number: int, chosen: Sequence[tuple[Track, Sequence[Sample]]], offsets: Sequence[int]) -> bytes:
    runs = [_run(track, samples, offset) for (track, samples), offset in zip(chosen, offsets, strict=True)]
    return packed(b"moof", packed(b"mfhd", struct.pack(">II", 0, number + 1)), *runs)


def _run(track: Track, samples: Sequence[Sample], offset: int) -> bytes:
    rows = b"".join(
        struct.pack(">IIIi", sample.duration, sample.size, KEY if sample.key else NOT_KEY, sample.shift)
        for sample in samples
    )
    # Each sample says its duration, size, flags and shift; version 1: a shift may be negative.
    run = packed(b"trun", struct.pack(">IIi", 0x01000F01, len(samples), offset), rows)
    begins = packed(b"tfdt", struct.pack(">IQ", 0x01000000, samples[0].start))
    return packed(b"traf", packed(b"tfhd", struct.pack(">II", 0x00020000, track.number)), begins, run)


def _read(file: BinaryIO, sample: Sample) -> bytes:
    file.seek(sample.offset)
    return file.read(sample.size)
