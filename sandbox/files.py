"""Bytes that arrive: written where they belong while their checksums are computed, never whole in memory."""

import hashlib
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.messages import BLOCK, Body


@dataclass(frozen=True)
class Received:
    """What one body was: ``md5`` is hex, ``crc32`` a number."""

    size: int
    md5: str
    crc32: int


def receive(body: Body, path: Path, offset: int = 0, also: Callable[[bytes], None] | None = None) -> Received:
    """Write a body into a file at ``offset``; ``also`` sees each block. The file is made when missing, never cut.

    Raises ClientGone when the client stopped in the middle: what came before is in the file then.
    """
    md5, crc32, size = hashlib.md5(usedforsecurity=False), 0, 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        while block := body.read(BLOCK):
            _write(descriptor, block, offset + size)
            md5.update(block)
            crc32 = zlib.crc32(block, crc32)
            size += len(block)
            if also is not None:
                also(block)
    finally:
        os.close(descriptor)
    return Received(size, md5.hexdigest(), crc32)


def md5_of(path: Path) -> str:
    """The md5 of a file in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _write(descriptor: int, block: bytes, offset: int) -> None:
    view = memoryview(block)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
