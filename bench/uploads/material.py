"""The file that is uploaded, and what a platform would compute of its ranges: known before anything is timed."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import crcmod

MIB = 1024 * 1024
SEED = 20_120_810
MARK = 16  # so many bytes of random content tell where in the file they are
MARK_STEP = 4096
# Ranges that parts of whole MiB begin at or end at: their digests are ready before any run.
STARTS, LONGEST = 4 * MIB, 32 * MIB
ECMA_182, ALL_BITS = 0x142F0E1EBA9EA3693, (1 << 64) - 1
crc64 = crcmod.mkCrcFun(ECMA_182, initCrc=0, rev=True, xorOut=ALL_BITS)
bare_crc64 = crcmod.mkCrcFun(ECMA_182, initCrc=0, rev=True, xorOut=0)


def random_file(folder: Path, size: int) -> Path:
    """A file of random bytes, the same ones each time, made when it is missing."""
    path = folder / f"random-{size}.mp4"
    if not path.is_file() or path.stat().st_size != size:
        folder.mkdir(parents=True, exist_ok=True)
        source, draft = random.Random(SEED), path.with_suffix(".draft")
        with draft.open("wb") as file:
            for offset in range(0, size, MIB):
                file.write(source.randbytes(min(MIB, size - offset)))
        draft.rename(path)
    return path


def sparse_file(folder: Path, size: int) -> Path:
    """A file of zeros that takes no room on the disk."""
    path = folder / f"sparse-{size}.mp4"
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
    return path


class Material:
    """The file's content for the receiver: where a range lies, and its md5 and CRC64.

    `hashed` counts the bytes that had to be hashed because nobody had asked for their range before. Of a `sparse` file
    every range of a length is the same, and nothing tells where it lies.
    """

    def __init__(self, path: Path, *, sparse: bool = False) -> None:
        self.path, self.sparse = path, sparse
        self.size = path.stat().st_size
        self.hashed = 0
        self._lock = threading.Lock()
        self._md5: dict[tuple[int, int], str] = {}
        self._crc: dict[tuple[int, int], int] = {}
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        self._places = {} if sparse else {self._bytes[o : o + MARK]: o for o in range(0, self.size, MARK_STEP)}
        self._prefixes: list[int] = []
        self._shifts: dict[int, list[int]] = {}

    @property
    def md5_of_all(self) -> str:
        """Of a sparse file it is not computed, and nobody compares it."""
        return "0" * 32 if self.sparse else self.md5(0, self.size)

    @property
    def crc64_of_all(self) -> int:
        return self.crc64(0, self.size)

    def offset_of(self, start: bytes) -> int | None:
        """Where in the file a range lies that begins with these bytes; None when it cannot be told."""
        return self._places.get(start[:MARK])

    def md5(self, offset: int, length: int) -> str:
        key = (0 if self.sparse else offset, length)
        if key not in self._md5:
            self._count(length)
            with memoryview(self._bytes) as view:
                self._md5[key] = hashlib.md5(view[key[0] : key[0] + length]).hexdigest()
        return self._md5[key]

    def crc64(self, offset: int, length: int) -> int:
        key = (0 if self.sparse else offset, length)
        if key not in self._crc:
            self._crc[key] = self._known_crc(*key) or self._computed_crc(*key)
        return self._crc[key]

    def prepare(self) -> None:
        """Hash the ranges that parts of whole MiB are likely to be, once for all runs."""
        if self.sparse:
            return
        kept = self.path.with_suffix(".digests.json")
        if not kept.is_file():
            self._compute()
            found = {"md5": [[*key, md5] for key, md5 in self._md5.items()], "crc": self._prefixes}
            kept.write_text(json.dumps(found | {"shifts": list(self._shifts.items())}))
        found = json.loads(kept.read_text())
        self._md5 = {(o, n): md5 for o, n, md5 in found["md5"]}
        self._prefixes, self._shifts = found["crc"], dict(found["shifts"])
        self.hashed = 0

    def _compute(self) -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(self._md5_from, range(0, self.size, STARTS)))
        list(map(self._single, range(0, self.size, MIB)))
        self.md5(0, self.size)
        self._prefixes = list(self._crc_prefixes())
        zeros = bytes(MIB)
        shift = [bare_crc64(zeros, 1 << bit) for bit in range(64)]
        for power in range(6):
            self._shifts[MIB << power] = shift
            shift = [_times(shift, column) for column in shift]

    def _md5_from(self, start: int) -> None:
        md5, end = hashlib.md5(), min(start + LONGEST, self.size)
        with memoryview(self._bytes) as view:
            for offset in range(start, end, MIB):
                stop = min(offset + MIB, end)
                md5.update(view[offset:stop])
                self._md5[start, stop - start] = md5.hexdigest()

    def _single(self, start: int) -> None:
        for length in (MIB, 2 * MIB):
            if start + length <= self.size:
                self.md5(start, length)

    def _crc_prefixes(self) -> Iterator[int]:
        crc = 0
        yield crc
        for offset in range(0, self.size, MIB):
            crc = crc64(self._bytes[offset : offset + MIB], crc)
            yield crc

    def _known_crc(self, offset: int, length: int) -> int | None:
        """From the CRCs of the file's beginnings: of a range from one whole MiB to another, or to the file's end."""
        end = offset + length
        if offset % MIB or (end % MIB and end != self.size) or not self._prefixes:
            return None
        crc, before = self._prefixes[-(-end // MIB)], self._prefixes[offset // MIB]
        if before and length not in self._shifts:
            return None
        # What comes before a range changes the CRC after it as if the range were zeros.
        return crc ^ _times(self._shifts[length], before) if before else crc

    def _computed_crc(self, offset: int, length: int) -> int:
        self._count(length)
        crc = 0
        for start in range(offset, offset + length, MIB):
            crc = crc64(self._bytes[start : min(start + MIB, offset + length)], crc)
        return int(crc)

    def _count(self, length: int) -> None:
        with self._lock:
            self.hashed += length


def _times(columns: list[int], bits: int) -> int:
    """A matrix over two numbers, given by its columns, times a vector."""
    product = 0
    for bit, column in enumerate(columns):
        product ^= column if bits >> bit & 1 else 0
    return product
