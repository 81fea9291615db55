"""iqiyi-video-cloud.txt, section 4: the state is the code."""

import pytest

from tests.sandbox.iqiyi_client import IqiyiClient, iqiyi, some_bytes


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


def test_it_goes_from_uploading_over_publishing_to_done(client):
    data = some_bytes(10)
    file_id, address = client.opened(10)
    client.describe(file_id)
    client.send(address, file_id, data)
    assert client.status(file_id)["code"] == "A00004"
    client.finish(file_id)
    assert client.status(file_id)["code"] == "A00001"
    client.box.clock.advance(11)
    assert client.status(file_id)["code"] == "A00000"


def test_a_finished_video_shows_its_addresses(client):
    data = client.status(client.published(some_bytes(10)))["data"]
    assert sorted(data) == ["img", "msg", "swfurl", "thumbnail", "urllist"]
    assert data["msg"] == ""
    assert sorted(data["urllist"]["mp4"]) == ["1", "2"]
    assert sorted(data["urllist"]["m3u8"]) == ["1", "2", "96"]


@pytest.mark.parametrize(
    ("title", "code", "state"), [("这是 审核拒绝", "A00002", "rejected"), ("a clip [fail]", "A00007", "failed")]
)
def test_a_title_may_ask_for_a_bad_end(client, title, code, state):
    file_id = client.published(some_bytes(10), title)
    answer = client.status(file_id)
    assert answer["code"] == code
    assert answer["data"]["msg"]
    assert client.row(file_id)["state"] == state


def test_an_unknown_or_deleted_or_foreign_video_does_not_exist(client):
    file_id = client.published(some_bytes(10))
    other = IqiyiClient(client.box)
    other.token = client.box.credentials("iqiyi", "second")["access_token"]
    assert other.status(file_id)["code"] == "A00003"
    assert client.status("0" * 32)["code"] == "A00003"
    client.mine("/api/file/delete", file_ids=file_id, delete_type="1")
    assert client.status(file_id)["code"] == "A00003"


def test_it_refuses_a_missing_file_id(client):
    assert client.mine("/api/file/fullStatus")["code"] == "Q00001"


def test_a_state_can_be_fixed_and_set_free(client):
    file_id = client.published(some_bytes(10))
    client.box.iqiyi.set_state(file_id, "failed")
    assert client.status(file_id)["code"] == "A00007"
    client.box.iqiyi.set_state(file_id, None)
    assert client.status(file_id)["code"] == "A00000"
    with pytest.raises(ValueError, match="nonsense"):
        client.box.iqiyi.set_state(file_id, "nonsense")


def test_states_live_on_after_a_restart(tmp_path):
    with iqiyi(tmp_path) as client:
        file_id = client.published(some_bytes(10))
    with iqiyi(tmp_path) as client:
        assert client.status(file_id)["code"] == "A00000"
