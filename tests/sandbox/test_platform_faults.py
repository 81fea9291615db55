"""Faults that only some calls of some platforms have: they really change what the platform knows."""

import json

import oss2
import pytest
from oss2.exceptions import NoSuchUpload, OssError

from sandbox.faults import Fault, FaultKind
from sandbox.server import Sandbox
from tests.sandbox.baijiayun_client import BaijiayunClient
from tests.sandbox.iqiyi_client import IqiyiClient
from tests.sandbox.youku_client import YoukuClient, bucket, code, md5, some_bytes

DATA = some_bytes(250_000)


def strike(box: Sandbox, kind: FaultKind, path: str = "") -> None:
    box.faults.add(Fault(kind, path))


def test_a_youku_token_expires_and_a_fresh_one_works(box: Sandbox, youku: YoukuClient):
    strike(box, FaultKind.EXPIRED_TOKEN)

    assert code(youku.create(DATA)) == 1009
    assert code(youku.create(DATA)) == 1009
    answer = youku.post(
        "/oauth2/token.json", grant_type="refresh_token", refresh_token=youku.credentials["refresh_token"]
    )
    youku.credentials |= answer.json()
    assert youku.create(DATA).status_code == 201


@pytest.mark.parametrize("call", ["check", "new_slice", "upload_slice", "commit"])
def test_youku_drops_a_slice_upload(box: Sandbox, youku: YoukuClient, call: str):
    upload = youku.start_slices(DATA)
    task = youku.new_slice(upload)
    strike(box, FaultKind.DROPPED_SESSION, f"/gupload/{call}" if call != "commit" else "/youku/uploads/commit.json")

    calls = {
        "check": lambda: youku.server(upload, "GET", "check", params={"upload_token": upload["upload_token"]}),
        "new_slice": lambda: youku.server(upload, "GET", "new_slice", params={"upload_token": upload["upload_token"]}),
        "upload_slice": lambda: youku.send_slice(upload, task, DATA),
        "commit": lambda: youku.commit(upload, upload_server_ip="127.0.0.1"),
    }
    assert code(calls[call]()) == 120010223
    assert code(youku.send_slice(upload, task, DATA)) == 120010223
    assert not box.youku.slices.path(upload["upload_token"]).exists()


def test_a_slice_that_arrives_changed_is_sent_again(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    task = youku.new_slice(upload)
    strike(box, FaultKind.WRONG_MD5)

    assert code(youku.send_slice(upload, task, DATA)) == 120010225
    assert youku.check(upload)["transferred_percent"] == 0
    task = youku.send_slice(upload, task, DATA).json()
    while task["slice_task_id"]:
        task = youku.send_slice(upload, task, DATA).json()
    youku.commit(upload, upload_server_ip="127.0.0.1")
    assert box.videos()[0]["md5"] == md5(DATA)


def started_multipart(youku: YoukuClient) -> tuple[oss2.Bucket, str, str]:
    upload = youku.create(DATA).json()
    where, key = bucket(upload), upload["oss_object"]
    where.enable_crc = False
    return where, key, where.init_multipart_upload(key).upload_id


@pytest.mark.parametrize("by_path", ["", "/yk-source-upload", "UploadPart"])
def test_an_oss_access_expires(box: Sandbox, youku: YoukuClient, by_path: str):
    where, key, upload_id = started_multipart(youku)
    strike(box, FaultKind.EXPIRED_STS, by_path)

    for _ in range(2):
        with pytest.raises(OssError) as caught:
            where.upload_part(key, upload_id, 1, DATA)
        assert (caught.value.status, caught.value.details["Code"]) == (403, "SecurityTokenExpired")


@pytest.mark.parametrize("call", ["UploadPart", "ListParts", "CompleteMultipartUpload"])
def test_oss_drops_a_multipart_upload(box: Sandbox, youku: YoukuClient, call: str):
    where, key, upload_id = started_multipart(youku)
    part = where.upload_part(key, upload_id, 1, DATA)
    strike(box, FaultKind.DROPPED_SESSION, call)

    calls = {
        "UploadPart": lambda: where.upload_part(key, upload_id, 2, DATA),
        "ListParts": lambda: where.list_parts(key, upload_id),
        "CompleteMultipartUpload": lambda: where.complete_multipart_upload(
            key, upload_id, [oss2.models.PartInfo(1, part.etag)]
        ),
    }
    with pytest.raises(NoSuchUpload):
        calls[call]()
    with pytest.raises(NoSuchUpload):
        where.list_parts(key, upload_id)


def test_an_oss_part_that_arrives_changed_has_another_crc_and_is_not_kept(box: Sandbox, youku: YoukuClient):
    where, key, upload_id = started_multipart(youku)
    strike(box, FaultKind.WRONG_MD5)

    damaged = where.upload_part(key, upload_id, 1, DATA)
    kept = [part.part_number for part in where.list_parts(key, upload_id).parts]
    sound = where.upload_part(key, upload_id, 1, DATA)

    assert kept == []
    assert damaged.crc != sound.crc


def test_an_iqiyi_token_expires(box: Sandbox):
    client = IqiyiClient(box)
    strike(box, FaultKind.EXPIRED_TOKEN)

    assert client.open(1000)["code"] == "A21327"
    assert client.status("any")["code"] == "A21327"


@pytest.mark.parametrize("as_form", [False, True])
def test_an_iqiyi_range_that_arrives_changed_is_not_kept(box: Sandbox, as_form: bool):
    client = IqiyiClient(box)
    file_id, address = client.opened(len(DATA))
    client.describe(file_id)
    strike(box, FaultKind.WRONG_MD5)

    damaged = client.send(address, file_id, DATA, as_form=as_form)
    assert (damaged["code"], damaged["file_range_accepted"]) == ("A00000", len(DATA))
    assert damaged["range_md5"] != md5(DATA)
    assert box.iqiyi.received(file_id) == []
    assert client.send(address, file_id, DATA, as_form=as_form)["range_md5"] == md5(DATA)
    client.finish(file_id)
    assert client.row(file_id)["md5"] == md5(DATA)


@pytest.mark.parametrize("call", ["upload", "uploadfinish", "info"])
def test_iqiyi_drops_an_upload(box: Sandbox, call: str):
    client = IqiyiClient(box)
    file_id, address = client.opened(len(DATA))
    path = {"upload": "/iqiyi-upload/{node}/upload", "uploadfinish": "/iqiyi-upload/uploadfinish"}
    strike(box, FaultKind.DROPPED_SESSION, path.get(call, "/iqiyi/api/file/info"))

    calls = {
        "upload": lambda: client.send(address, file_id, DATA),
        "uploadfinish": lambda: client.finish(file_id),
        "info": lambda: client.describe(file_id),
    }
    assert calls[call]()["code"] in {"A00005", "Q00001"}
    assert client.send(address, file_id, DATA)["code"] == "A00005"
    assert client.status(file_id)["code"] == "A00006"


def test_a_complete_iqiyi_video_is_no_upload_that_could_be_dropped(box: Sandbox):
    client = IqiyiClient(box)
    file_id = client.upload(DATA)
    strike(box, FaultKind.DROPPED_SESSION, "/iqiyi-upload/uploadfinish")

    assert client.finish(file_id)["code"] == "A00000"
    assert client.row(file_id)["md5"] == md5(DATA)


def test_a_baijiayun_chunk_that_arrives_changed_is_not_kept(box: Sandbox):
    client = BaijiayunClient(box)
    video_id, address = client.create()
    strike(box, FaultKind.WRONG_MD5)

    assert client.chunk(address, DATA, 1, 100_000)["code"] == 1
    assert client.resume(video_id)["upload_size"] == 0
    client.chunk(address, DATA, 1, 100_000)
    client.chunk(address, DATA, 100_001, len(DATA))
    assert client.info(video_id)["file_md5"] == md5(DATA)


def test_a_baijiayun_file_that_arrives_changed_has_another_md5(box: Sandbox):
    client = BaijiayunClient(box)
    video_id, address = client.create()
    strike(box, FaultKind.WRONG_MD5)

    assert client.send(address, DATA)["code"] == 1
    assert client.info(video_id)["file_md5"] == md5(bytes([DATA[0] ^ 0xFF]) + DATA[1:])


@pytest.mark.parametrize("call", ["/baijiayun-upload/upload", "/baijiayun/{domain}/openapi/video/getResumeUploadUrl"])
def test_baijiayun_drops_a_video(box: Sandbox, call: str):
    client = BaijiayunClient(box)
    video_id, address = client.create()
    client.chunk(address, DATA, 1, 100_000)
    strike(box, FaultKind.DROPPED_SESSION, call)

    if call == "/baijiayun-upload/upload":
        assert client.chunk(address, DATA, 100_001, len(DATA))["code"] != 1
    assert client.refused("video/getResumeUploadUrl", video_id=video_id)
    assert client.row(video_id)["state"] == "deleted"


def test_a_baijiayun_address_expires_and_the_next_one_works(box: Sandbox):
    client = BaijiayunClient(box)
    video_id, address = client.create()
    strike(box, FaultKind.EXPIRED_ADDRESS)

    refused = [client.chunk(address, DATA, 1, 100_000)["code"] for _ in range(2)]
    fresh = client.resume(video_id)["upload_url"]

    assert refused == [3002, 3002]
    assert client.chunk(fresh, DATA, 1, 100_000)["code"] == 1


def test_every_platform_fault_names_calls_that_exist(box: Sandbox):
    for service in (*box.platforms.values(), box.oss):
        for kind, strike in service.strikes().items():
            assert strike.calls, kind
            assert strike.calls <= service.calls_below("/"), json.dumps(sorted(strike.calls))
