"""A film of any size, made as it is sent: the sample, and behind it a box of random bytes that players skip."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent.parent.parent / "sandbox" / "samples" / "sample.mp4"
MIB = 1024 * 1024
PIECE = 16 * MIB


class Film:
    """`size` bytes. Only two pieces are in memory, so that the sender costs next to nothing."""

    def __init__(self, size: int) -> None:
        sample = SAMPLE.read_bytes()
        box = struct.pack(">I4sQ", 1, b"free", size - len(sample))
        random = os.urandom(PIECE)
        self.size = size
        self._first = memoryview((sample + box + random)[:PIECE])
        self._rest = memoryview(random)

    def pieces(self) -> Iterator[memoryview]:
        """The film in pieces of 16 MiB; the last may be smaller."""
        at = 0
        while at < self.size:
            piece = (self._rest if at else self._first)[: self.size - at]
            yield piece
            at += len(piece)
