"""Plain oss2 and our use of it put the same requests on the wire, and what plain oss2 sends becomes a video."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import oss2
import pytest
import time_machine
from oss2.models import PartInfo

from platforms.drivers.youku.driver import Youku
from platforms.drivers.youku.results import CreatedUpload
from platforms.drivers.youku.storage import Session, Storage
from platforms.drivers.youku.upload_oss import as_token
from sandbox.server import Sandbox
from tests.agreement.wire import REAL_ADDRESSES, Wire, differences
from tests.drivers.lent import BytesSource, MemoryAccess

PART = random.Random(1).randbytes(100 * 1024)
SIGNED = ("Authorization", "x-oss-security-token", "Content-Type", "Content-MD5", "date")


@dataclass
class World:
    """One upload task; `upload_id` is a multipart upload that plain oss2 has begun, with part 1 in it."""

    driver: Youku
    created: CreatedUpload
    bucket: oss2.Bucket
    storage: Storage
    upload_id: str = ""
    etags: dict[int, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.created.object_name

    def parts(self) -> list[PartInfo]:
        return [PartInfo(number, etag) for number, etag in self.etags.items()]


@pytest.fixture
def world(box: Sandbox, wire: Wire) -> World:
    driver = Youku(MemoryAccess(REAL_ADDRESSES, box.credentials("youku")))
    world = begun(driver, PART)
    world.upload_id = world.bucket.init_multipart_upload(world.name).upload_id
    world.etags[1] = world.bucket.upload_part(world.name, world.upload_id, 1, PART).etag
    return world


def begun(driver: Youku, data: bytes) -> World:
    source = BytesSource(data)
    created = driver.api.create_upload(
        title="第一课", tags=["数学"], file_name=source.name, file_size=source.size, file_md5=source.md5, isnew=True
    )
    assert created.sts
    auth = oss2.StsAuth(created.sts.access_id, created.sts.access_secret, created.sts.security_token)
    bucket = oss2.Bucket(auth, created.sts.endpoint, created.bucket)
    storage = Storage(Session(2), created.bucket, created.object_name, as_token(created.sts))
    return World(driver, created, bucket, storage)


#: What plain oss2 does, and our method for it.
CALLS: dict[str, tuple[Callable[[World], object], Callable[[World], object]]] = {
    "init_multipart_upload": (lambda w: w.bucket.init_multipart_upload(w.name), lambda w: w.storage.initiate()),
    "upload_part": (
        lambda w: w.bucket.upload_part(w.name, w.upload_id, 2, PART),
        lambda w: w.storage.upload_part(w.upload_id, 2, BytesSource(PART), 0, len(PART)),
    ),
    "list_parts": (lambda w: w.bucket.list_parts(w.name, w.upload_id), lambda w: w.storage.parts(w.upload_id)),
    "complete_multipart_upload": (
        lambda w: w.bucket.complete_multipart_upload(w.name, w.upload_id, w.parts()),
        lambda w: w.storage.complete(again(w), w.etags),
    ),
    "head_object": (
        lambda w: (w.bucket.put_object(w.name, PART), w.bucket.head_object(w.name)),
        lambda w: w.storage.has_object(len(PART)),
    ),
    "abort_multipart_upload": (
        lambda w: w.bucket.abort_multipart_upload(w.name, w.upload_id),
        lambda w: w.storage.abort(again(w)),
    ),
}


def again(world: World) -> str:
    """A second upload of the same part under the same id is impossible: ours gets one of its own."""
    world.upload_id = world.bucket.init_multipart_upload(world.name).upload_id
    world.etags[1] = world.bucket.upload_part(world.name, world.upload_id, 1, PART).etag
    return world.upload_id


@pytest.mark.parametrize("name", CALLS)
def test_both_make_the_same_request(wire: Wire, world: World, name: str) -> None:
    theirs, ours = (wire.last(partial(do, world)) for do in CALLS[name])
    assert differences(theirs, ours) <= {("uploadId", theirs.query.get("uploadId"), ours.query.get("uploadId"))}
    assert theirs.status == ours.status
    assert theirs.status < 300


@pytest.mark.parametrize("name", ["init_multipart_upload", "upload_part", "list_parts", "head_object"])
def test_both_sign_alike(wire: Wire, world: World, name: str) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        theirs, ours = (wire.last(partial(do, world)) for do in CALLS[name])
    assert {key: theirs.headers.get(key) for key in SIGNED} == {key: ours.headers.get(key) for key in SIGNED}
    assert ours.headers["Authorization"].startswith(f"OSS {world.created.sts.access_id}:")  # type: ignore[union-attr]


def send_whole(world: World, path: Path) -> None:
    """As the document's own example does."""
    world.bucket.put_object_from_file(world.name, str(path))


def send_resumable(world: World, path: Path) -> None:
    store = oss2.ResumableStore(root=str(path.parent))
    oss2.resumable_upload(
        world.bucket, world.name, str(path), store=store, multipart_threshold=1, part_size=len(PART), num_threads=2
    )


@pytest.mark.parametrize("send", [send_whole, send_resumable])
def test_what_plain_oss2_sends_is_committed(
    box: Sandbox, wire: Wire, tmp_path: Path, send: Callable[[World, Path], None]
) -> None:
    data = random.Random(2).randbytes(3 * len(PART) + 1)
    path = tmp_path / "lesson.mp4"
    path.write_bytes(data)
    world = begun(Youku(MemoryAccess(REAL_ADDRESSES, box.credentials("youku"))), data)
    send(world, path)
    video_id = world.driver.api.commit_upload(world.created.upload_token)
    assert [(row["id"], row["md5"]) for row in box.videos("youku")] == [(video_id, BytesSource(data).md5)]
