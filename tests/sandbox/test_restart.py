"""A data folder outlives the process that works on it."""

from pathlib import Path

import pytest

from sandbox.server import DataFolderInUse, Sandbox
from tests.sandbox.youku_client import YoukuClient, bucket, code, some_bytes

DATA = some_bytes(250_000)


def test_accounts_and_videos_are_still_there(tmp_path: Path):
    with Sandbox(tmp_path, pace=0) as box:
        credentials = box.credentials("youku")
        video_id = YoukuClient(box).publish(DATA)
        videos = [{**row, "page": ""} for row in box.videos()]

    with Sandbox(tmp_path, pace=0) as box:
        assert box.credentials("youku") == credentials
        assert [{**row, "page": ""} for row in box.videos()] == videos
        assert YoukuClient(box).session.get(f"{box.url}/youku/files/{video_id}").content == DATA


def test_an_oss_upload_goes_on(tmp_path: Path):
    with Sandbox(tmp_path, pace=0) as box:
        upload = YoukuClient(box).create(DATA).json()
        where, key = bucket(upload), upload["oss_object"]
        upload_id = where.init_multipart_upload(key).upload_id
        where.upload_part(key, upload_id, 1, DATA[:150_000])

    with Sandbox(tmp_path, pace=0) as box:
        where = bucket(upload, endpoint=box.url)
        where.upload_part(key, upload_id, 2, DATA[150_000:])
        where.complete_multipart_upload(key, upload_id, where.list_parts(key, upload_id).parts)

        assert YoukuClient(box).commit(upload).status_code == 200


def test_what_had_expired_stays_expired(tmp_path: Path):
    with Sandbox(tmp_path) as box:
        YoukuClient(box)
        box.clock.advance(4000)

    with Sandbox(tmp_path) as box:
        assert code(YoukuClient(box).create(DATA)) == 1009


def test_leftovers_of_a_killed_process_are_swept(tmp_path: Path):
    with Sandbox(tmp_path) as box:
        (box.world.folder("oss") / "half-received").write_bytes(b"x")

    with Sandbox(tmp_path) as box:
        assert list(box.world.folder("oss").iterdir()) == []


def test_two_sandboxes_never_share_a_folder(tmp_path: Path):
    with Sandbox(tmp_path), pytest.raises(DataFolderInUse):
        Sandbox(tmp_path)


def test_a_port_that_is_taken_leaves_the_folder_free(tmp_path: Path):
    with Sandbox() as other:
        taken = Sandbox(tmp_path, port=int(other.url.rpartition(":")[2]))
        with pytest.raises(OSError, match="in use"):
            taken.start()

    with Sandbox(tmp_path) as box:
        assert box.videos() == []


def test_a_temporary_folder_is_removed():
    with Sandbox() as box:
        assert box.data.is_dir()

    assert not box.data.exists()
