"""Video files: hashed as they arrive, read no second time, known before anything is published, kept for their owner."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.multipartparser import MultiPartParser

from platforms.models import Video
from platforms.services import publishing, sweep
from platforms.services.files import media
from platforms.services.files.media import HashingUploadHandler, KeptFile, NotAVideo
from tests import hub

SAMPLE_MD5 = hashlib.md5(hub.SAMPLE.read_bytes()).hexdigest()


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def intake(media_root: Path) -> list[Path]:
    folder = media_root / media.KEPT_FOLDER
    return list(folder.iterdir()) if folder.exists() else []


def uploaded(content: bytes, name: str = "lesson.mp4"):
    """What Django hands to a view for a file in a browser's form."""
    boundary = "b" * 20
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = head.encode() + b"Content-Type: video/mp4\r\n\r\n" + content + f"\r\n--{boundary}--\r\n".encode()
    meta = {"CONTENT_TYPE": f"multipart/form-data; boundary={boundary}", "CONTENT_LENGTH": str(len(body))}
    _post, files = MultiPartParser(meta, io.BytesIO(body), [HashingUploadHandler()]).parse()
    return files["file"]


@pytest.mark.parametrize("size", [1, 64 * 1024, 64 * 1024 + 1, 1_000_000])
def test_an_upload_is_hashed_as_it_arrives(size):
    content = os.urandom(size)
    upload = uploaded(content)
    assert upload.md5 == hashlib.md5(content).hexdigest()
    assert upload.size == size


def test_an_upload_is_kept_without_being_read_again(monkeypatch, media_root):
    upload = uploaded(hub.SAMPLE.read_bytes())
    monkeypatch.setattr(media, "_copy_hashing", lambda *_: pytest.fail("it was hashed when it arrived"))
    monkeypatch.setattr(shutil, "copyfile", lambda *_: pytest.fail("a link is enough"))
    kept = media.keep_upload(upload)
    upload.close()
    assert Path(kept.path).read_bytes() == hub.SAMPLE.read_bytes()
    assert (kept.md5, kept.size, kept.name) == (SAMPLE_MD5, hub.SAMPLE.stat().st_size, "lesson.mp4")
    assert intake(media_root) == [Path(kept.path)]


def test_an_upload_is_copied_where_folders_lie_on_different_disks(monkeypatch):
    def other_disk(*_):
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr(os, "link", other_disk)
    kept = media.keep_upload(uploaded(hub.SAMPLE.read_bytes()))
    assert hashlib.md5(Path(kept.path).read_bytes()).hexdigest() == kept.md5 == SAMPLE_MD5


def test_an_upload_that_some_other_handler_took_is_hashed_once():
    kept = media.keep_upload(SimpleUploadedFile("课.MP4", hub.SAMPLE.read_bytes()))
    assert (kept.md5, kept.extension) == (SAMPLE_MD5, "mp4")


def test_a_file_of_this_machine_is_read_once_in_blocks_and_left_where_it_is(monkeypatch, tmp_path):
    source = tmp_path / "课.mp4"
    source.write_bytes(hub.SAMPLE.read_bytes())
    monkeypatch.setattr(media, "COPY_BYTES", 100_000)
    read: list[int] = []
    real = Path.open

    def counted(path, mode="r", *arguments, **options):
        opened = real(path, mode, *arguments, **options)
        if path == source:
            return Reader(opened, read)
        return opened

    monkeypatch.setattr(Path, "open", counted)
    kept = media.keep_copy(source)
    blocks = -(-kept.size // 100_000) + 1
    assert read == [100_000] * blocks, "once to the end, never at one go"
    assert kept.md5 == SAMPLE_MD5
    assert source.exists()


class Reader:
    """An open file that notes the sizes it is asked for."""

    def __init__(self, opened: IO[bytes], sizes: list[int]) -> None:
        self._opened, self._sizes = opened, sizes

    def read(self, size: int) -> bytes:
        self._sizes.append(size)
        return self._opened.read(size)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def test_what_the_media_library_says_is_known_from_the_start():
    kept = media.keep_copy(hub.SAMPLE)
    assert kept.container == "MPEG-4"
    assert "AVC" in kept.codecs
    assert (kept.width, kept.height) == (1280, 720)
    assert kept.duration
    assert 1 < kept.duration < 60


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.mp4", b"just words, and nothing to see " * 100),
        ("noise.mp4", bytes(range(256)) * 400),
        ("begun.mp4", hub.SAMPLE.read_bytes()[:5000]),
        ("nearly there.mp4", hub.SAMPLE.read_bytes()[:-1000]),
        ("picture.mp4", b"\x89PNG\r\n\x1a\n" + b"\0" * 3000),
        ("empty.mp4", b""),
        ("no extension", hub.SAMPLE.read_bytes()),
    ],
)
def test_what_is_not_a_video_is_refused_by_name_and_not_kept(tmp_path, media_root, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NotAVideo) as caught:
        media.keep_copy(path)
    assert name in str(caught.value)
    with pytest.raises(NotAVideo):
        media.keep_upload(uploaded(content, name))
    assert intake(media_root) == []


@pytest.mark.parametrize("name", ["missing.mp4", "."])
def test_what_is_no_file_is_refused_by_name(tmp_path, media_root, name):
    with pytest.raises(NotAVideo) as caught:
        media.keep_copy(tmp_path / name)
    assert str(tmp_path) in str(caught.value)
    assert intake(media_root) == []


def test_a_media_library_that_crashes_or_hangs_takes_nobody_along(monkeypatch, tmp_path):
    crash, hang = tmp_path / "crash", tmp_path / "hang"
    crash.write_text(f"#!{sys.executable}\nimport os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n")
    hang.write_text(f"#!{sys.executable}\nimport time; time.sleep(60)\n")
    monkeypatch.setattr(media, "PROBE_SECONDS", 0.5)
    for program in (crash, hang):
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        with pytest.raises(NotAVideo):
            media.probe(hub.SAMPLE)


@pytest.mark.parametrize(("ending", "of_the_file"), [
    ("os.kill(os.getpid(), signal.SIGTERM)", False),
    ("os.kill(os.getpid(), signal.SIGKILL)", False),
    ("import no_such_library", False),
    ("time.sleep(60)", False),
    ("os.kill(os.getpid(), signal.SIGABRT)", True),
    ("os.kill(os.getpid(), signal.SIGXCPU)", True),
    ("sys.exit(65)", True),
])  # fmt: skip
def test_only_an_end_that_the_file_has_caused_is_a_verdict(monkeypatch, tmp_path, ending, of_the_file):
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{ending}\n")
    program.chmod(0o755)
    monkeypatch.setattr(media, "PROBE_SECONDS", 2)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(NotAVideo) as caught:
        media.probe(hub.SAMPLE)
    assert isinstance(caught.value, media.NotLookedAt) != of_the_file


def test_the_probe_runs_with_bounds_on_memory_and_time():
    done = subprocess.run(
        [sys.executable, "-m", "platforms.services.files.probe", str(hub.SAMPLE)], capture_output=True, check=True,
        cwd=settings.BASE_DIR,
    )  # fmt: skip
    assert b'"tracks": ' in done.stdout


@pytest.mark.django_db
def test_tidying_sweeps_them_too(media_root):
    kept = media.keep_copy(hub.SAMPLE)
    os.utime(kept.path, (0, 0))
    sweep.tidy()
    assert intake(media_root) == []


@pytest.mark.django_db
def test_a_video_takes_its_file_over_without_a_copy(media_root):
    kept = media.keep_copy(hub.SAMPLE)
    inode = Path(kept.path).stat().st_ino
    video = publishing.create_video(kept, hub.LESSON)
    stored = Path(Video.objects.get(pk=video.pk).source.path)
    assert stored.stat().st_ino == inode
    assert stored.is_relative_to(media_root / "videos")
    assert intake(media_root) == []
    assert (video.md5, video.size, video.original_name, video.extension) == (kept.md5, kept.size, "sample.mp4", "mp4")


def test_no_name_that_a_browser_sends_leads_out_of_the_folder(media_root):
    kept = media.keep_upload(uploaded(hub.SAMPLE.read_bytes(), "../../../etc/passwd.mp4"))
    assert Path(kept.path).parent == media_root / media.KEPT_FOLDER
    assert kept.name == "passwd.mp4"


def test_a_kept_file_knows_its_extension_whatever_its_case():
    assert KeptFile("x", "课.MOV", 1, "", "", "", None, None, None).extension == "mov"
