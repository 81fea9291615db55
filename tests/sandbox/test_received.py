"""How many bytes of each upload arrived: what was sent in vain or twice counts too."""

from pathlib import Path

import pytest
import requests

from sandbox.faults import Fault, FaultKind
from sandbox.server import Sandbox
from tests.sandbox.baijiayun_client import BaijiayunClient
from tests.sandbox.cut import send_and_cut
from tests.sandbox.iqiyi_client import IqiyiClient
from tests.sandbox.youku_client import YoukuClient, bucket, some_bytes

DATA = some_bytes(250_000)
SIZE = len(DATA)


def counted(box: Sandbox, platform: str, video_id: object) -> tuple[int, int]:
    row = next(row for row in box.videos(platform) if row["id"] == str(video_id))
    assert row["received"] == box.received(platform, video_id)
    return row["received"], row["parts"]


def test_slices_count_each_time_they_come(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    task = youku.new_slice(upload)
    youku.send_slice(upload, task, DATA)
    youku.send_slice(upload, task, DATA)
    assert counted(box, "youku", upload["video_id"]) == (2 * 65536, 2)

    box.clock.advance(box.youku.slices.patience)
    youku.send_all(upload, DATA)
    assert counted(box, "youku", upload["video_id"]) == (SIZE + 65536, 5)


def test_oss_parts_count_also_when_they_are_refused(box: Sandbox, youku: YoukuClient):
    upload = youku.create(DATA).json()
    where, key = bucket(upload), upload["oss_object"]
    upload_id = where.init_multipart_upload(key).upload_id
    where.upload_part(key, upload_id, 1, DATA[:150_000])
    box.oss.expire_credentials()
    requests.put(f"{box.url}/yk-source-upload/{key}?uploadId={upload_id}&partNumber=2", data=DATA[150_000:])

    assert counted(box, "youku", upload["video_id"]) == (SIZE, 2)


def test_an_object_put_at_once_counts(box: Sandbox, youku: YoukuClient):
    assert counted(box, "youku", youku.publish(DATA)) == (SIZE, 1)


@pytest.mark.parametrize("as_form", [False, True])
def test_iqiyi_ranges_count_without_the_form_around_them(box: Sandbox, as_form: bool):
    client = IqiyiClient(box)
    file_id, address = client.opened(SIZE)
    for _ in range(2):
        client.send(address, file_id, DATA, 0, 99_999, as_form=as_form)

    assert counted(box, "iqiyi", file_id) == (200_000, 2)


def test_baijiayun_counts_whole_files_and_chunks(box: Sandbox):
    client = BaijiayunClient(box)
    whole, address = client.create("whole")
    client.send(address, DATA)
    chunked, address = client.create("chunked")
    client.chunk(address, DATA, 1, 100_000)
    client.chunk(address, DATA, 1, 100_000)

    assert counted(box, "baijiayun", whole) == (SIZE, 1)
    assert counted(box, "baijiayun", chunked) == (200_000, 2)


def test_a_whole_file_that_is_refused_counts_without_the_form_around_it(box: Sandbox):
    client = BaijiayunClient(box)
    video_id, address = client.create()
    box.faults.add(Fault(FaultKind.EXPIRED_ADDRESS))
    box.faults.add(Fault(FaultKind.HTTP_500, "/baijiayun-upload/upload"))
    for _ in range(2):
        client.http.post(address, files={"file": ("film.mp4", DATA)})

    assert counted(box, "baijiayun", video_id) == (2 * SIZE, 2)


def test_what_came_before_a_cut_counts(box: Sandbox):
    client = IqiyiClient(box)
    file_id, address = client.opened(SIZE)
    headers = {"file_id": file_id, "file_size": str(SIZE), "range": f"0-{SIZE - 1}"}
    send_and_cut(f"{address}?type=body", headers, SIZE, DATA[:100_000])

    assert counted(box, "iqiyi", file_id) == (100_000, 1)


def test_what_a_fault_swallows_counts(box: Sandbox):
    client = IqiyiClient(box)
    file_id, address = client.opened(SIZE)
    box.faults.add(Fault(FaultKind.HTTP_503, "/iqiyi-upload/{node}/upload"))
    client.http.post(f"{address}?type=body", headers={"file_id": file_id}, data=DATA)

    assert counted(box, "iqiyi", file_id) == (SIZE, 1)


def test_the_counts_outlive_a_restart(tmp_path: Path):
    with Sandbox(tmp_path, pace=0) as box:
        client = IqiyiClient(box)
        file_id, address = client.opened(SIZE)
        client.send(address, file_id, DATA, 0, 99_999)

    with Sandbox(tmp_path, pace=0) as box:
        assert counted(box, "iqiyi", file_id) == (100_000, 1)
        assert requests.get(f"{box.url}/sandbox/videos.json").json()[0]["received"] == 100_000


def test_nothing_is_known_of_a_video_that_never_was(box: Sandbox):
    assert box.received("youku", "X") == 0
