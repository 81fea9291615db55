"""Bytes that arrive: written where they belong while their checksums are computed, never whole in memory."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.messages import BLOCK, Body


@dataclass(frozen=True)
class Received:
    """What one body was; ``md5`` is lower-case hex."""

    size: int
    md5: str


def receive(body: Body, path: Path | None, offset: int = 0, also: Callable[[bytes], None] | None = None) -> Received:
    """Write a body into a file at ``offset``; ``also`` sees each block (another checksum).

    The file is made when missing and never cut; with ``path`` None the bytes are only counted and hashed.
    Raises ClientGone when the client stopped in the middle: what came before is in the file then.
    """
    md5, size = hashlib.md5(usedforsecurity=False), 0
    descriptor = None if path is None else os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        while block := body.read(BLOCK):
            if descriptor is not None:
                _write(descriptor, block, offset + size)
            md5.update(block)
            size += len(block)
            if also is not None:
                also(block)
    finally:
        if descriptor is not None:
            os.close(descriptor)
    return Received(size, md5.hexdigest())


def md5_of(path: Path) -> str:
    """The md5 of a file in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _write(descriptor: int, block: bytes, offset: int) -> None:
    view = memoryview(block)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
