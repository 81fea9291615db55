"""The samples of an MP4 or MOV file: where each one lies, when it is shown, and from which one playing can begin."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

HEAD = 8


class Box(NamedTuple):
    """A box of ISO 14496-12: its name and what is in it, without its head."""

    name: bytes
    content: bytes

    def packed(self) -> bytes:
        return packed(self.name, self.content)

    def full(self) -> bytes:
        """The content behind version and flags."""
        return self.content[4:]


class Sample(NamedTuple):
    """``start`` and ``duration`` in the track's own time; ``shift`` from decoding to showing; ``key``: a start."""

    offset: int
    size: int
    start: int
    duration: int
    shift: int
    key: bool


@dataclass(frozen=True)
class Track:
    """One track; ``trak`` is its box, ``scale`` its units a second."""

    number: int
    scale: int
    is_picture: bool
    trak: Box
    samples: tuple[Sample, ...]


def packed(name: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I4s", len(content) + HEAD, name) + content


def boxes(content: bytes) -> Iterator[Box]:
    """The boxes one after another. Raises ValueError for what is none."""
    at = 0
    while at + HEAD <= len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        if size < HEAD or at + size > len(content):
            raise ValueError(f"a box of {size} bytes")
        yield Box(name, content[at + HEAD : at + size])
        at += size


def inside(box: Box, *names: bytes) -> Box:
    """The first box on a path of names. Raises LookupError when there is none."""
    for name in names:
        found = next((each for each in boxes(box.content) if each.name == name), None)
        if found is None:
            raise LookupError(name)
        box = found
    return box


def tracks_of(moov: Box) -> list[Track]:
    """The tracks of picture and sound. Raises ValueError, LookupError or struct.error for a movie that is not whole."""
    every = [_track(box) for box in boxes(moov.content) if box.name == b"trak"]
    return [track for track in every if track is not None and track.samples]


def _track(trak: Box) -> Track | None:
    kind = inside(trak, b"mdia", b"hdlr").content[8:12]
    if kind not in (b"vide", b"soun"):
        return None
    header = inside(trak, b"tkhd").content
    clock = inside(trak, b"mdia", b"mdhd").content
    number = struct.unpack_from(">I", header, 20 if header[0] else 12)[0]
    scale = struct.unpack_from(">I", clock, 20 if clock[0] else 12)[0]
    return Track(number, scale, kind == b"vide", trak, tuple(_samples(inside(trak, b"mdia", b"minf", b"stbl"))))


def _samples(stbl: Box) -> Iterator[Sample]:
    tables = {box.name: box for box in boxes(stbl.content)}
    sizes = _sizes(tables[b"stsz"].full())
    durations = list(_runs(tables[b"stts"].full(), "I"))
    shifts = list(_runs(tables[b"ctts"].full(), "i")) if b"ctts" in tables else [0] * len(sizes)
    keys = set(_numbers(tables[b"stss"].full())) if b"stss" in tables else None
    starts = accumulate(durations, initial=0)
    rows = zip(_offsets(tables, sizes), sizes, starts, durations, shifts, strict=False)
    for number, row in enumerate(rows, start=1):
        yield Sample(*row, keys is None or number in keys)


def _sizes(table: bytes) -> list[int]:
    same, count = struct.unpack_from(">II", table)
    return [same] * count if same else list(struct.unpack_from(f">{count}I", table, 8))


def _numbers(table: bytes, form: str = "I") -> tuple[int, ...]:
    (count,) = struct.unpack_from(">I", table)
    return struct.unpack_from(f">{count}{form}", table, 4)


def _runs(table: bytes, form: str) -> Iterator[int]:
    """A table of counts and values, spelled out."""
    (rows,) = struct.unpack_from(">I", table)
    for row in range(rows):
        count, value = struct.unpack_from(f">I{form}", table, 4 + row * 8)
        yield from [value] * count


def _offsets(tables: dict[bytes, Box], sizes: list[int]) -> Iterator[int]:
    """The first byte of each sample: samples lie one after another in chunks."""
    chunks = _numbers(tables[b"stco"].full()) if b"stco" in tables else _numbers(tables[b"co64"].full(), "Q")
    (rows,) = struct.unpack_from(">I", tables[b"stsc"].full())
    runs = [struct.unpack_from(">III", tables[b"stsc"].full(), 4 + row * 12) for row in range(rows)]
    sample = 0
    for row, (first, count, _) in enumerate(runs):
        end = runs[row + 1][0] if row + 1 < rows else len(chunks) + 1
        for chunk in range(first, end):
            here = sizes[sample : sample + count]
            yield from accumulate(here[:-1], initial=chunks[chunk - 1])
            sample += count
