"""A slice upload that was cut goes on: by the same tasks, by tasks handed out again, after a restart."""

from pathlib import Path

import pytest
import requests

from sandbox.server import Answer, Sandbox
from tests.sandbox.youku_client import KB, YoukuClient, code, md5, some_bytes

SLICE = 64 * KB
DATA = some_bytes(4 * SLICE)


def test_a_slice_that_was_handed_out_but_never_came_is_handed_out_again(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    lost = youku.new_slice(upload)
    youku.send_all(upload, DATA)
    assert youku.check(upload)["status"] == 2

    box.clock.advance(box.youku.slices.patience)
    status = youku.check(upload)
    again = youku.new_slice(upload)

    assert (status["status"], status["empty_tasks"]) == (4, 1)
    assert (again["offset"], again["length"]) == (lost["offset"], lost["length"])
    assert code(youku.send_slice(upload, lost, DATA)) == 120010208
    assert youku.send_slice(upload, again, DATA).status_code == 201
    assert youku.commit(upload, upload_server_ip="127.0.0.1").status_code == 200


def test_a_slice_whose_answer_was_lost_may_be_sent_again(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    task = youku.new_slice(upload)
    box.block("/gupload/upload_slice", Answer(close=True, after_work=True))
    with pytest.raises(requests.ConnectionError):
        youku.send_slice(upload, task, DATA)

    answer = youku.send_slice(upload, task, DATA)

    assert answer.status_code == 201
    assert answer.json()["transferred"] == SLICE
    assert code(youku.send_slice(upload, task, bytes(len(DATA)))) == 120010225


def test_a_cut_slice_counts_for_nothing(box: Sandbox, youku: YoukuClient):
    upload = youku.start_slices(DATA)
    task = youku.new_slice(upload)

    def half_a_slice():
        yield DATA[: SLICE // 2]
        raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        youku.send_slice(upload, task, DATA, body=half_a_slice())

    assert youku.check(upload)["transferred_percent"] == 0
    assert youku.send_slice(upload, task, DATA).status_code == 201


def test_a_restart_goes_on_with_the_upload(tmp_path: Path):
    with Sandbox(tmp_path, pace=0) as box:
        youku = YoukuClient(box)
        upload = youku.start_slices(DATA)
        youku.send_slice(upload, youku.new_slice(upload), DATA)

    with Sandbox(tmp_path, pace=0) as box:
        youku = YoukuClient(box)
        upload["upload_server_uri"] = box.url.removeprefix("http://")
        assert youku.check(upload)["transferred_percent"] == 25
        box.clock.advance(box.youku.slices.patience)
        youku.send_all(upload, DATA)

        assert youku.commit(upload, upload_server_ip="127.0.0.1").status_code == 200
        assert box.videos("youku")[0]["md5"] == md5(DATA)
