"""Video files: hashed as they arrive, looked at once by a media library, and kept until a video takes them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from platforms.models.wording import render
from platforms.services.files.probe import UNREADABLE
from platforms.values import Sentence, gettext_noop, say

log = logging.getLogger(__name__)

COPY_BYTES = 4 * 1024 * 1024
PROBE_SECONDS = 60
KEPT_FOLDER = "incoming"
EMPTY = gettext_noop("“%(name)s” is empty.")
NOT_LOOKED_AT = gettext_noop("“%(name)s” could not be looked at just now: %(reason)s")
# By these a parser ends itself, or its limits end it, because of what is in the file; any other ending is no verdict.
OF_THE_FILE = frozenset(
    -number
    for number in (
        signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP, signal.SIGSYS,
        signal.SIGXCPU,
    )
)  # fmt: skip


class NotAVideo(ValueError):
    """The file cannot be published; `sentence` says why, and the text says it in the active language."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return render(self.sentence.as_json())


class NotLookedAt(NotAVideo):
    """Nobody could find out what it is: the file may be good, and is to be looked at again."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that has arrived and is known: `name` as the person calls it, `path` where it lies, `size` in bytes.

    `place` is where a video is to keep it, below MEDIA_ROOT, if that is settled already.
    """

    path: str
    name: str
    size: int
    md5: str
    container: str
    codecs: str
    duration: float | None
    width: int | None
    height: int | None
    place: str = ""

    @property
    def extension(self) -> str:
        return Path(self.name).suffix.lstrip(".").lower()

    @property
    def facts(self) -> dict[str, Any]:
        """What the media library said of it, as `probe` answers."""
        return {name: getattr(self, name) for name in ("container", "codecs", "duration", "width", "height")}


class HashingUploadHandler(TemporaryFileUploadHandler):
    """Writes an upload to a temporary file and computes its md5 as the bytes land; `md5` is set on the file."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._md5 = hashlib.md5()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._md5.update(raw_data)
        super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        upload = super().file_complete(file_size)
        upload.md5 = self._md5.hexdigest()  # type: ignore[union-attr]
        return upload


def keep_upload(upload: UploadedFile[Any]) -> KeptFile:
    """Take over an uploaded file, without copying it where that is possible; raises `NotAVideo`."""
    name = Path(upload.name or "").name
    check_name_and_size(name, upload.size or 0)
    path = _kept_path(name)
    md5 = getattr(upload, "md5", "")
    if md5 and isinstance(upload, TemporaryUploadedFile):
        # A hard link keeps the bytes when Django removes its temporary name.
        _link_or_copy(Path(upload.temporary_file_path()), path)
    else:
        md5 = _copy_hashing(upload, path)
    return _looked_at(path, name, upload.size or 0, md5)


def keep_copy(file: Path) -> KeptFile:
    """Copy a file of this machine into the hub, hashing it on the way; raises `NotAVideo`."""
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise NotAVideo(say(gettext_noop("“%(name)s” is not a file."), name=str(file)))
        check_name_and_size(file.name, size)
        path = _kept_path(file.name)
        with file.open("rb") as source:
            md5 = _copy_hashing(source, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotAVideo(
            say(gettext_noop("“%(name)s” cannot be read: %(reason)s."), name=str(file), reason=reason)
        ) from error
    return _looked_at(path, file.name, path.stat().st_size, md5)


def forget(kept: KeptFile) -> None:
    """Remove a kept file that nobody took."""
    Path(kept.path).unlink(missing_ok=True)


def check_name_and_size(name: str, size: int) -> None:
    """Raises `NotAVideo` for what no platform takes, whatever the bytes are."""
    if size == 0:
        raise NotAVideo(say(EMPTY, name=name))
    if not Path(name).suffix:
        raise NotAVideo(say(gettext_noop("“%(name)s” has no extension; platforms need one such as .mp4."), name=name))


def kept_folder() -> Path:
    """Where files lie until a video takes them."""
    folder = Path(settings.MEDIA_ROOT) / KEPT_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _kept_path(name: str) -> Path:
    return kept_folder() / f"{uuid.uuid4().hex}{Path(name).suffix.lower()[:12]}"


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Another file system: the temporary folder and MEDIA_ROOT lie apart.
        shutil.copyfile(source, target)
    target.chmod(0o640)


def _copy_hashing(source: IO[bytes] | UploadedFile[Any], target: Path) -> str:
    md5 = hashlib.md5()
    try:
        with target.open("wb") as out:
            while block := source.read(COPY_BYTES):
                md5.update(block)
                out.write(block)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return md5.hexdigest()


def _looked_at(path: Path, name: str, size: int, md5: str) -> KeptFile:
    try:
        facts = look_at(path, name)
    except NotAVideo:
        path.unlink(missing_ok=True)
        raise
    return KeptFile(str(path), name, size, md5, **facts)


def look_at(path: Path, name: str) -> dict[str, Any]:
    """What a media library says of the file that people call `name`, as `probe`; raises `NotAVideo`."""
    try:
        return probe(path)
    except NotLookedAt as error:
        raise NotLookedAt(say(NOT_LOOKED_AT, name=name, reason=error.sentence.text)) from None
    except NotAVideo as error:
        reason = error.sentence.text
        raise NotAVideo(say(gettext_noop("“%(name)s” is not a video: %(reason)s"), name=name, reason=reason)) from None


def probe(path: Path) -> dict[str, Any]:
    """What a media library says: container, codecs, duration (seconds), width, height; raises `NotAVideo`.

    It runs in a process of its own: files come from outside, and a parser that crashes must not take us along. When
    that process is stopped from outside, does not get going or waits for the disk, this is `NotLookedAt`.
    """
    command = [sys.executable, "-m", "platforms.services.files.probe", str(path)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=PROBE_SECONDS,
            cwd=settings.BASE_DIR,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        facts: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise NotLookedAt(say(gettext_noop("the media library did not come to an end."))) from None
    except subprocess.CalledProcessError as error:
        if error.returncode in (*OF_THE_FILE, UNREADABLE):
            raise NotAVideo(say(gettext_noop("it cannot be read."))) from None
        log.warning("Looking at %s ended with %s: %s", path.name, error.returncode, error.stderr[-500:])
        raise NotLookedAt(say(gettext_noop("the media library was stopped or did not start."))) from None
    except ValueError:
        raise NotAVideo(say(gettext_noop("it cannot be read."))) from None
    if not facts.pop("tracks"):
        raise NotAVideo(say(gettext_noop("it holds neither pictures nor sound.")))
    if facts.pop("truncated"):
        raise NotAVideo(say(gettext_noop("it ends before its end; the copy may have been interrupted.")))
    return facts
