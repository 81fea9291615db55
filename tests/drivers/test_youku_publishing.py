from __future__ import annotations

import threading
from typing import Any

import oss2
import pytest
import requests

from platforms.drivers.youku import storage
from platforms.drivers.youku.api import Api
from platforms.drivers.youku.driver import Youku
from platforms.drivers.youku.upload_slices import server_address
from platforms.errors import BadAnswer, Refused, Temporary
from platforms.transport.slices import md5_hex
from sandbox.server import Sandbox
from tests.drivers.on_youku import PART, SLICE, access_to, job_of, make_small_and_quick, stopped, youku

CREATE = "/youku/uploads/create.json"


@pytest.fixture(autouse=True)
def small(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small_and_quick(box, monkeypatch)


def test_it_sends_the_options_that_were_chosen(box: Sandbox) -> None:
    options = {"copyright_type": "reproduced", "public_type": "password", "watch_password": "abc123", "deshake": "1"}
    youku(box).upload(job_of(category="教育", options=options))
    (call,) = box.requests.to(CREATE)
    assert call.method == "POST"
    assert {name: call.values[name] for name in [*options, "category", "isnew"]} == {
        **options, "category": "教育", "isnew": "1",
    }  # fmt: skip


def test_it_leaves_out_what_was_not_chosen(box: Sandbox) -> None:
    youku(box).upload(job_of(description="", options={"public_type": "", "watch_password": "", "deshake": ""}))
    (call,) = box.requests.to(CREATE)
    assert set(call.values) == {
        *("client_id", "access_token", "file_name", "file_md5", "file_size", "title", "tags", "isnew"),
    }


def test_it_joins_tags_by_commas_and_names_file_size_and_md5(box: Sandbox) -> None:
    job = job_of(tags=("数学", "三年级"))
    youku(box).upload(job)
    (call,) = box.requests.to(CREATE)
    assert (call.values["tags"], call.values["file_name"]) == ("数学,三年级", "lesson.mp4")
    assert (call.values["file_size"], call.values["file_md5"]) == (str(job.source.size), job.source.md5)


def test_it_speaks_no_word_of_oss_when_the_account_says_slices(box: Sandbox) -> None:
    youku(box, "slices").upload(job_of())
    assert {call.path.split("/")[1] for call in box.requests} == {"youku", "gupload"}
    assert box.requests.to(CREATE)[0].values["isnew"] == "0"


@pytest.mark.parametrize("protocol", ["", "unheard of"])
def test_oss_is_the_default(box: Sandbox, protocol: str) -> None:
    youku(box, protocol).upload(job_of())
    assert box.requests.to(CREATE)[0].values["isnew"] == "1"


def test_an_upload_goes_on_the_way_it_was_begun(box: Sandbox) -> None:
    job = stopped(youku(box, "slices"), 3 * SLICE, 5)
    youku(box, "oss").upload(job)
    assert box.videos("youku")[0]["md5"] == job.source.md5
    assert len(box.requests.to(CREATE)) == 1


def test_it_tells_what_is_refused_and_may_be_tried_again_from_the_start(box: Sandbox) -> None:
    job = job_of(title="[banned]")
    with pytest.raises(Refused) as caught:
        youku(box).upload(job)
    assert (caught.value.field, caught.value.code) == ("title", "120010104")
    assert job.token == {}


def test_slices_carry_their_md5(box: Sandbox) -> None:
    job = job_of(3 * SLICE)
    youku(box, "slices").upload(job)
    sent = {call.values["offset"]: call.values["hash"] for call in box.requests.to("/gupload/upload_slice")}
    assert sent == {str(at): md5_hex(job.source.data[at : at + SLICE]) for at in range(0, 3 * SLICE, SLICE)}


@pytest.mark.parametrize(
    ("protocol", "sender", "method"), [("oss", storage.Storage, "upload_part"), ("slices", Api, "upload_slice")]
)
def test_four_pieces_are_under_way_at_once(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, protocol: str, sender: type, method: str
) -> None:
    together, send = threading.Barrier(4), getattr(sender, method)

    def wait_for_the_others(*args: Any) -> Any:
        together.wait(60)
        return send(*args)

    monkeypatch.setattr(sender, method, wait_for_the_others)
    youku(box, protocol).upload(job_of(8 * PART if protocol == "oss" else 8 * SLICE))


def test_commit_names_the_upload_server_as_it_calls_itself(box: Sandbox) -> None:
    youku(box, "slices").upload(job_of())
    (call,) = box.requests.to("/youku/uploads/commit.json")
    assert call.values["upload_server_ip"] == "127.0.0.1"


def test_storage_without_a_scheme_is_reached_by_https(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def note(request: oss2.http.Request, timeout: object) -> None:
        asked.append(request.url)
        raise oss2.exceptions.RequestError(requests.ConnectTimeout())

    sts = {"endpoint": "oss-cn-shanghai.aliyuncs.com", "access_id": "a", "access_secret": "b", "security_token": "c"}
    session = storage.Session(1)
    monkeypatch.setattr(session.oss, "do_request", note)
    with pytest.raises(Temporary):
        storage.Storage(session, "yk-source-upload", "x.mp4", sts).initiate()
    assert asked == ["https://yk-source-upload.oss-cn-shanghai.aliyuncs.com/x.mp4"]


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1"),
        ("127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("http://127.0.0.1:8090/gupload", "http://127.0.0.1:8090"),
        ("localhost:8090", "http://127.0.0.1:8090"),
        ("https://upload.youku.test:8443", "https://upload.youku.test:8443"),
    ],
)
def test_an_upload_server_is_one_machine_and_http_by_default(uri: str, address: str) -> None:
    assert server_address(uri) == address


@pytest.mark.parametrize("uri", ["", "http://", "ftp://127.0.0.1", "127.0.0.1:port", "http://[::1"])
def test_an_upload_server_that_is_no_address_is_a_bad_answer(uri: str) -> None:
    with pytest.raises(BadAnswer):
        server_address(uri)


def test_an_upload_server_whose_name_is_unknown_is_waited_for() -> None:
    with pytest.raises(Temporary):
        server_address("upload.invalid")


def test_it_counts_its_calls_to_the_api_only(box: Sandbox) -> None:
    driver = Youku(access_to(box))
    driver.upload(job_of(3 * PART))
    assert driver.calls == len([call for call in box.requests if call.platform == "youku"])
