"""A file as its bytes land: appended to by one process at a time, hashed on the way, sound after any end.

The file's own length says how many bytes have landed; `flock` sees to it that only one process appends. Beside it lies
a small record: how far the md5 has come, and up to where the disk has confirmed the bytes.

- kill -9 loses nothing: what was written is in the kernel's hands. The md5 goes on from the record, and what landed
  after it is read once more (at most what one `Landing` writes between two records).
- A power cut may take what the disk had not written yet, or leave zeros in its place. The record names the start of the
  machine that it was written in; after another start the bytes behind the last confirmed one are hashed again, and if
  the md5 is not the one that was seen then, they are cut off: the sender sends them again. A complete file is confirmed
  by the disk before anybody may use it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import struct
import uuid
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from platforms.services.files import running_md5
from platforms.services.files.running_md5 import FROM_START, Mark, RunningMd5

MIB = 1024 * 1024
READ_BYTES = MIB
RECORD_EVERY = 64 * MIB
# So that the disk is never far behind, and the last bytes of a large file do not wait for all of it.
CONFIRM_EVERY = 256 * MIB
RECORD_SUFFIX = ".record"
_RECORD = struct.Struct("<8s16sQ16sQ16s")
_MAGIC = b"MHland01"
# Where no md5 can be saved (`running_md5.AVAILABLE`), a mark says only how far the disk has confirmed.
_NOT_HASHED = bytes(16)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Busy(Exception):
    """Another request or worker appends to the file at this moment."""


class DiskFull(Exception):
    """The disk took no more; what it took before has landed."""


class Vanished(Exception):
    """The file was removed meanwhile."""


@dataclass(frozen=True, slots=True)
class Record:
    """How far the md5 is, how far the disk has confirmed, and in which start of the machine that was written."""

    boot: bytes
    hashed: Mark = FROM_START
    confirmed: Mark = FROM_START

    def pack(self) -> bytes:
        """Well below a sector, which disks write as a whole or not at all."""
        body = _RECORD.pack(
            _MAGIC, self.boot, self.hashed.offset, self.hashed.words, self.confirmed.offset, self.confirmed.words
        )
        return body + struct.pack("<I", zlib.crc32(body))

    @classmethod
    def unpack(cls, raw: bytes) -> Record | None:
        """None when it is no record."""
        body, check = raw[: _RECORD.size], raw[_RECORD.size : _RECORD.size + 4]
        if len(check) < 4 or struct.unpack("<I", check)[0] != zlib.crc32(body):
            return None
        magic, boot, hashed, words, confirmed, confirmed_words = _RECORD.unpack(body)
        return cls(boot, Mark(hashed, words), Mark(confirmed, confirmed_words)) if magic == _MAGIC else None


@lru_cache(maxsize=1)
def this_boot() -> bytes:
    """The id of this start of the machine; zeros where the system does not tell."""
    try:
        return uuid.UUID(Path("/proc/sys/kernel/random/boot_id").read_text().strip()).bytes
    except (OSError, ValueError):
        return bytes(16)


def record_path(path: Path) -> Path:
    return path.with_name(path.name + RECORD_SUFFIX)


def landed(path: Path) -> int:
    """How many bytes have landed, surely: after a power cut that has to be found out, once."""
    try:
        size = path.stat().st_size
        with record_path(path).open("rb") as note:
            record = Record.unpack(note.read(512))
    except FileNotFoundError:
        return size_of(path)
    if record is None or record.boot == this_boot():
        return size
    try:
        with Landing(path) as landing:
            return landing.offset
    except (Busy, Vanished):
        return size_of(path)


def size_of(path: Path) -> int:
    """0 without a file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def confirm(path: Path) -> None:
    """Wait until the disk has a whole file."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fdatasync(file)
    finally:
        os.close(file)


def confirm_name(path: Path, top: Path) -> None:
    """Wait until the disk has a file's name, too, and those of its folders up to `top`.

    A new name that only the kernel knows is lost with the power, and with it the file, however safe its bytes are.
    """
    for folder in path.parents:
        _sync_folder(folder)
        if folder == top:
            return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems do not know this, and keep names at once.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file that is landing, also while somebody appends to it."""
    path.unlink(missing_ok=True)
    record_path(path).unlink(missing_ok=True)


class Landing:
    """The one who appends: `with Landing(path) as landing: landing.write(block)`.

    Entering raises `Busy` while somebody else appends. `offset` is how many bytes have landed. Any method may raise
    `DiskFull`: then `offset` is what surely has.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self._file = self._note = -1

    def __enter__(self) -> Landing:
        self._threads = ThreadPoolExecutor(2)
        self._hashing: Future[None] | None = None
        self._confirming: Future[Mark] | None = None
        try:
            self._open()
            self._begin()
        except BaseException as error:
            self._close()
            if isinstance(error, OSError) and error.errno in _FULL:
                raise DiskFull from error
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._settle()
            if running_md5.AVAILABLE:
                self._keep_record()
            else:
                self.confirm()
        finally:
            self._threads.shutdown()
            self._close()

    def write(self, block: bytes) -> None:
        """Append; raises `DiskFull` when not all of it fits: what fits has landed."""
        if running_md5.AVAILABLE:
            # Beside the writing, and done before the next block: both cost about the same.
            self._wait_for_hash()
            self._hashing = self._threads.submit(self._md5.update, block)
        landed = 0
        try:
            while landed < len(block):
                landed += os.write(self._file, memoryview(block)[landed:] if landed else block)
        except OSError as error:
            self._cut_hash_back(block, landed)
            if error.errno in _FULL:
                raise DiskFull from error
            raise
        finally:
            self.offset += landed
        self._keep_up()

    def restart(self) -> None:
        """Drop what has landed."""
        self._settle()
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        self.offset, self._md5, self._record = 0, RunningMd5(), Record(this_boot())
        self._keep_record()

    def confirm(self) -> None:
        """Wait until the disk has everything."""
        self._settle()
        try:
            os.fdatasync(self._file)
        except OSError as error:
            self._cut_back(error)
        _sync_folder(self.path.parent)
        mark = self._md5.mark() if running_md5.AVAILABLE else Mark(self.offset, _NOT_HASHED)
        self._record = replace(self._record, hashed=mark, confirmed=mark)
        self._keep_record()
        os.fdatasync(self._note)

    def md5(self) -> str:
        """Of everything that has landed."""
        self._settle()
        return self._md5.hexdigest() if running_md5.AVAILABLE else self._hash_whole()

    # Beginning ------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o640)
        self._lock()
        self._note = os.open(record_path(self.path), os.O_RDWR | os.O_CREAT, 0o640)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        if os.fstat(self._file).st_nlink == 0:
            raise Vanished

    def _begin(self) -> None:
        size = os.fstat(self._file).st_size
        record = Record.unpack(os.pread(self._note, 512, 0)) or Record(this_boot())
        if record.boot != this_boot():
            size = self._sound(record, size)
            os.ftruncate(self._file, size)
        if max(record.hashed.offset, record.confirmed.offset) > size:
            confirmed = record.confirmed if record.confirmed.offset <= size else FROM_START
            record = Record(this_boot(), confirmed, confirmed)
        self._record = replace(record, boot=this_boot())
        self._md5 = RunningMd5(record.hashed if record.hashed.words != _NOT_HASHED else FROM_START)
        if running_md5.AVAILABLE:
            self._catch_up(self._md5, size)
        self.offset = os.lseek(self._file, size, os.SEEK_SET)

    def _sound(self, record: Record, size: int) -> int:
        """How many bytes of the file are surely those that landed before the machine was started again."""
        confirmed, hashed = record.confirmed, record.hashed
        if size < hashed.offset or not running_md5.AVAILABLE:
            return min(size, confirmed.offset)
        again = RunningMd5(confirmed)
        self._catch_up(again, hashed.offset)
        return hashed.offset if again.mark() == hashed else min(size, confirmed.offset)

    def _catch_up(self, md5: RunningMd5, end: int) -> None:
        while md5.offset < end:
            block = os.pread(self._file, min(READ_BYTES, end - md5.offset), md5.offset)
            if not block:
                raise Vanished
            md5.update(block)

    # Keeping up -----------------------------------------------------------------------------------------------------

    def _keep_up(self) -> None:
        if not running_md5.AVAILABLE:
            return
        if self._confirming and self._confirming.done():
            self._wait_for_confirmation()
        if self.offset - self._record.hashed.offset >= RECORD_EVERY:
            self._keep_record()
        if self.offset - self._record.confirmed.offset >= CONFIRM_EVERY and self._confirming is None:
            self._wait_for_hash()
            self._confirming = self._threads.submit(self._confirm_up_to, self._md5.mark())

    def _confirm_up_to(self, mark: Mark) -> Mark:
        os.fdatasync(self._file)
        return mark

    def _keep_record(self) -> None:
        """Written over the old one in place, so that a full disk takes it too, once there is one."""
        self._wait_for_hash()
        if running_md5.AVAILABLE:
            self._record = replace(self._record, hashed=self._md5.mark())
        try:
            os.pwrite(self._note, self._record.pack(), 0)
        except OSError as error:
            # Without a record the md5 begins anew; nothing is lost.
            if error.errno not in _FULL:
                raise

    def _settle(self) -> None:
        self._wait_for_hash()
        self._wait_for_confirmation()

    def _wait_for_hash(self) -> None:
        waiting, self._hashing = self._hashing, None
        if waiting:
            waiting.result()

    def _wait_for_confirmation(self) -> None:
        waiting, self._confirming = self._confirming, None
        if waiting:
            try:
                confirmed = waiting.result()
            except OSError as error:
                self._cut_back(error)
            self._record = replace(self._record, confirmed=confirmed)

    def _cut_back(self, error: OSError) -> NoReturn:
        """The disk did not keep what it had taken, although it may still show it: what it confirmed before counts."""
        self._wait_for_hash()
        confirmed = self._record.confirmed
        os.ftruncate(self._file, confirmed.offset)
        self.offset = os.lseek(self._file, confirmed.offset, os.SEEK_SET)
        self._md5 = RunningMd5(confirmed if running_md5.AVAILABLE else FROM_START)
        self._record = Record(this_boot(), confirmed, confirmed)
        self._keep_record()
        if error.errno in _FULL:
            raise DiskFull from error
        raise error

    def _cut_hash_back(self, block: bytes, landed: int) -> None:
        """Of the block, only what has landed counts."""
        self._wait_for_hash()
        if running_md5.AVAILABLE and landed < len(block):
            self._md5 = RunningMd5(self._record.hashed)
            self._catch_up(self._md5, self.offset + landed)

    def _hash_whole(self) -> str:
        md5, at = hashlib.md5(), 0
        while block := os.pread(self._file, READ_BYTES, at):
            md5.update(block)
            at += len(block)
        return md5.hexdigest()

    def _close(self) -> None:
        for descriptor in (self._note, self._file):
            if descriptor >= 0:
                os.close(descriptor)
