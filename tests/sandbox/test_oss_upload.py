"""The unmodified oss2 package uploads to the simulated OSS, with its own checks on."""

import hashlib

import oss2
import pytest
from oss2.models import PartInfo

from sandbox.server import Sandbox
from tests.sandbox.youku_client import KB, Json, YoukuClient, bucket, some_bytes

PART = 100 * KB
DATA = some_bytes(5 * PART + 7)


@pytest.fixture
def upload(youku: YoukuClient) -> Json:
    return dict(youku.create(DATA).json())


def send_parts(where: oss2.Bucket, key: str, upload_id: str, data: bytes = DATA, size: int = PART) -> list[PartInfo]:
    parts = []
    for number, start in enumerate(range(0, len(data), size), 1):
        piece = data[start : start + size]
        result = where.upload_part(key, upload_id, number, piece)
        parts.append(PartInfo(number, result.etag, size=len(piece), part_crc=result.crc))
    return parts


@pytest.mark.parametrize("auth_version", ["v1", "v4"])
def test_an_object_can_be_put_and_read_back(box: Sandbox, upload: Json, auth_version: str):
    where, key = bucket(upload, auth_version=auth_version), upload["oss_object"]

    result = where.put_object(key, DATA)

    assert result.etag == hashlib.md5(DATA).hexdigest().upper()
    assert where.get_object(key).read() == DATA
    assert where.get_object(key, byte_range=(3, 9)).read() == DATA[3:10]
    assert where.head_object(key).content_length == len(DATA)
    stored = box.oss.objects.find(upload["oss_bucket"], key)
    assert stored is not None
    assert stored.path.read_bytes() == DATA


@pytest.mark.parametrize("auth_version", ["v1", "v4"])
def test_parts_become_the_object(box: Sandbox, upload: Json, auth_version: str):
    where, key = bucket(upload, auth_version=auth_version), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id

    parts = send_parts(where, key, upload_id)
    result = where.complete_multipart_upload(key, upload_id, parts)

    assert result.etag.endswith("-6")
    assert where.get_object(key).read() == DATA
    stored = box.oss.objects.find(upload["oss_bucket"], key)
    assert stored is not None
    assert stored.md5 == hashlib.md5(DATA).hexdigest()


def test_of_two_that_complete_it_at_once_one_finds_no_upload(box: Sandbox, upload: Json):
    where, key, objects = bucket(upload), upload["oss_object"], box.oss.objects
    upload_id = where.init_multipart_upload(key).upload_id
    send_parts(where, key, upload_id)
    known, parts = objects.upload(upload_id), objects.parts(upload_id)
    assert known is not None

    assert objects.complete(known, parts) is not None
    assert objects.complete(known, parts) is None

    stored = objects.find(upload["oss_bucket"], key)
    assert stored is not None
    assert [path.name for path in stored.path.parent.iterdir()] == [stored.path.name]


def test_parts_may_arrive_in_any_order_and_twice(upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id
    last = where.upload_part(key, upload_id, 2, DATA[PART : PART + 9])
    where.upload_part(key, upload_id, 1, b"x" * PART)
    first = where.upload_part(key, upload_id, 1, DATA[:PART])

    infos = [PartInfo(1, first.etag, PART, part_crc=first.crc), PartInfo(2, last.etag, 9, part_crc=last.crc)]
    where.complete_multipart_upload(key, upload_id, infos)

    assert where.get_object(key).read() == DATA[: PART + 9]


def test_parts_are_listed_page_by_page(upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id
    sent = send_parts(where, key, upload_id)

    pages, marker, truncated = [], "", True
    while truncated:
        answer = where.list_parts(key, upload_id, marker=marker, max_parts=4)
        pages.append([(part.part_number, part.etag, part.size) for part in answer.parts])
        marker, truncated = answer.next_marker, answer.is_truncated

    assert [len(page) for page in pages] == [4, 2]
    assert [part for page in pages for part in page] == [(part.part_number, part.etag, part.size) for part in sent]


def test_running_uploads_of_the_object_are_listed(upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    ids = [where.init_multipart_upload(key).upload_id for _ in range(3)]

    first = where.list_multipart_uploads(prefix=key, max_uploads=2)
    rest = where.list_multipart_uploads(
        prefix=key, key_marker=first.next_key_marker, upload_id_marker=first.next_upload_id_marker
    )

    assert [each.upload_id for each in first.upload_list + rest.upload_list] == ids
    assert (first.is_truncated, rest.is_truncated) == (True, False)


def test_an_aborted_upload_is_gone(box: Sandbox, upload: Json):
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id
    send_parts(where, key, upload_id)

    where.abort_multipart_upload(key, upload_id)

    with pytest.raises(oss2.exceptions.NoSuchUpload):
        where.list_parts(key, upload_id)
    assert list(box.world.folder("oss").iterdir()) == []


def test_oss2_resumable_upload_works(upload: Json, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(DATA)
    where, key = bucket(upload), upload["oss_object"]

    oss2.resumable_upload(
        where,
        key,
        str(path),
        store=oss2.ResumableStore(root=str(tmp_path)),
        multipart_threshold=PART,
        part_size=PART,
        num_threads=3,
    )

    assert where.get_object(key).read() == DATA


def test_renewed_credentials_go_on_with_the_same_upload(box: Sandbox, youku: YoukuClient, upload: Json):
    key = upload["oss_object"]
    upload_id = bucket(upload).init_multipart_upload(key).upload_id
    names = {name: upload[name] for name in ("upload_token", "oss_bucket", "oss_object")}
    box.oss.expire_credentials()

    renewed = youku.post("/uploads/get_sts_inf.json", **names).json()

    assert set(renewed) == {
        *("upload_token", "endpoint", "security_token", "temp_access_id", "temp_access_secret", "expire_time")
    }
    where = bucket(upload, **renewed)
    where.complete_multipart_upload(key, upload_id, send_parts(where, key, upload_id))
    assert youku.commit(upload).status_code == 200
