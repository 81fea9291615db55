"""iqiyi-video-cloud.txt, sections 1.1 to 1.3: ranges arrive, in any order, and become the file."""

import threading

import pytest
import requests

from tests.sandbox.iqiyi_client import IqiyiClient, iqiyi, md5, some_bytes


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


def test_it_assembles_a_file_sent_whole(client):
    data = some_bytes(300_001)
    file_id = client.upload(data)
    row = client.row(file_id)
    assert (row["md5"], row["size"], row["state"]) == (md5(data), len(data), "publishing")


@pytest.mark.parametrize("as_form", [True, False])
def test_it_answers_what_it_received_of_a_range(client, as_form):
    data = some_bytes(1000)
    file_id, address = client.opened(1000)
    answer = client.send(address, file_id, data, 100, 199, as_form=as_form)
    assert answer == {
        "code": "A00000",
        "range_md5": md5(data[100:200]),
        "file_range_accepted": 100,
        "file_id": file_id,
    }
    assert client.box.iqiyi.received(file_id) == [(100, 200)]


def test_it_takes_ranges_in_any_order_and_more_than_once(client):
    data = some_bytes(1000)
    file_id, address = client.opened(1000)
    client.describe(file_id)
    for first, last in [(600, 999), (0, 299), (600, 999), (200, 650)]:
        assert client.send(address, file_id, data, first, last)["code"] == "A00000"
    assert client.box.iqiyi.received(file_id) == [(0, 1000)]
    client.finish(file_id)
    assert client.row(file_id)["md5"] == md5(data)


def test_it_takes_ranges_in_parallel(client):
    data, step = some_bytes(1_600_000), 100_000
    file_id, address = client.opened(len(data))
    client.describe(file_id)
    codes = []

    def send(first):
        answer = client.send(address, file_id, data, first, first + step - 1, as_form=first % 200_000 == 0)
        codes.append(answer["code"])

    threads = [threading.Thread(target=send, args=(first,)) for first in range(0, len(data), step)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == ["A00000"] * 16
    client.finish(file_id)
    assert client.row(file_id)["md5"] == md5(data)


def test_it_goes_on_after_a_restart_in_the_middle(tmp_path):
    data = some_bytes(1000)
    with iqiyi(tmp_path) as client:
        file_id, address = client.opened(1000)
        node = address.split("/")[-2]
        client.describe(file_id)
        client.send(address, file_id, data, 0, 499)
    with iqiyi(tmp_path) as client:
        assert client.finish(file_id)["code"] == "A00010"
        again = f"{client.box.url}/iqiyi-upload/{node}/upload"
        assert client.send(again, file_id, data, 500, 999)["code"] == "A00000"
        assert client.finish(file_id) == {"code": "A00000"}
        assert client.row(file_id)["md5"] == md5(data)


@pytest.mark.parametrize(
    ("first", "last"),
    [(0, 1000), (1000, 1000), (5, 4), (1200, 1300)],
    ids=["one too far", "at the end", "turned", "out"],
)
def test_it_refuses_a_range_outside_the_file(client, first, last):
    data = some_bytes(1000)
    file_id, address = client.opened(1000)
    assert client.send(address, file_id, data, first, last, content=b"x")["code"] == "A00010"


@pytest.mark.parametrize("span", ["", "0", "bytes=0-9", "0-9,20-29", "-5", "a-b"])
def test_it_refuses_a_range_that_is_not_first_dash_last(client, span):
    file_id, address = client.opened(1000)
    headers = {"file_id": file_id, "file_size": "1000", "range": span}
    answer = requests.post(f"{address}?type=body", headers=headers, data=b"0123456789", timeout=60).json()
    assert answer["code"] == "A00010"


@pytest.mark.parametrize("as_form", [True, False])
@pytest.mark.parametrize("sent", [99, 101, 0])
def test_it_refuses_a_body_of_another_length_than_the_range(client, as_form, sent):
    data = some_bytes(1000)
    file_id, address = client.opened(1000)
    answer = client.send(address, file_id, data, 0, 99, as_form=as_form, content=some_bytes(sent))
    assert answer["code"] == "A00010"
    assert client.box.iqiyi.received(file_id) == []


def test_a_body_that_is_too_long_does_not_spill_into_its_neighbour(client):
    data = some_bytes(1000)
    file_id, address = client.opened(1000)
    client.describe(file_id)
    client.send(address, file_id, data, 500, 999)
    client.send(address, file_id, data, 0, 499, content=data[:500] + b"spill")
    client.send(address, file_id, data, 0, 499)
    client.finish(file_id)
    assert client.row(file_id)["md5"] == md5(data)


def test_it_refuses_another_file_size_than_the_declared_one(client):
    data = some_bytes(1000)
    file_id, address = client.opened(1000)
    assert client.send(address, file_id, data, 0, 99, total=1001)["code"] == "A00010"


def test_it_refuses_an_unknown_file_id(client):
    _, address = client.opened(1000)
    assert client.send(address, "f" * 32, some_bytes(1000))["code"] == "A00005"


def test_an_upload_address_takes_only_its_own_file(client):
    first_id, first_address = client.opened(1000)
    _, other_address = client.opened(1000)
    assert client.send(other_address, first_id, some_bytes(1000))["code"] == "A00005"
    assert client.send(first_address, first_id, some_bytes(1000))["code"] == "A00000"


def test_it_refuses_raw_bytes_without_type_body(client):
    file_id, address = client.opened(10)
    headers = {"file_id": file_id, "file_size": "10", "range": "0-9"}
    answer = requests.post(address, headers=headers, data=b"0123456789", timeout=60).json()
    assert answer["code"] == "A00010"


def test_it_refuses_a_form_without_the_field_file(client):
    file_id, address = client.opened(10)
    headers = {"file_id": file_id, "file_size": "10", "range": "0-9"}
    answer = requests.post(address, headers=headers, files={"data": b"0123456789"}, timeout=60).json()
    assert answer["code"] == "A00010"
    assert client.box.iqiyi.received(file_id) == []


@pytest.mark.parametrize("filetype", ["", ".mp4", "a b", "m" * 11])
def test_it_refuses_a_strange_file_type(client, filetype):
    assert client.open(10, filetype)["code"] == "A00010"


@pytest.mark.parametrize("size", ["", "0", "-5", "ten", "1.5"])
def test_it_refuses_a_strange_file_size(client, size):
    assert client.open(size)["code"] == "A00010"


def test_it_refuses_parameters_in_the_query_instead_of_headers(client):
    parameters = {"access_token": client.token, "filetype": "mp4", "filesize": "10"}
    answer = requests.get(f"{client.box.url}/iqiyi-upload/openupload", params=parameters, timeout=60).json()
    assert answer["code"] == "A21332"


def test_it_refuses_to_finish_before_all_bytes_are_there(client):
    data = some_bytes(1000)
    file_id, address = client.opened(1000)
    client.describe(file_id)
    client.send(address, file_id, data, 0, 998)
    assert client.finish(file_id)["code"] == "A00010"
    assert client.status(file_id)["code"] == "A00004"


def test_it_refuses_to_finish_without_range_finished(client):
    data = some_bytes(10)
    file_id, address = client.opened(10)
    client.send(address, file_id, data)
    assert client.finish(file_id, range_finished="false")["code"] == "A00010"


def test_finishing_twice_is_no_mistake(client):
    file_id = client.upload(some_bytes(10))
    assert client.finish(file_id) == {"code": "A00000"}


def test_it_refuses_to_finish_an_unknown_file_or_another_account_s(client):
    file_id = client.upload(some_bytes(10))
    other = IqiyiClient(client.box)
    other.token = client.box.credentials("iqiyi", "second")["access_token"]
    assert other.finish(file_id)["code"] == "A00005"
    assert client.finish("0" * 32)["code"] == "A00005"


def test_it_refuses_ranges_after_the_end(client):
    data = some_bytes(10)
    file_id, address = client.opened(10)
    client.describe(file_id)
    client.send(address, file_id, data)
    client.finish(file_id)
    assert client.send(address, file_id, data)["code"] == "A00005"


def test_it_refuses_more_than_the_quota(client):
    client.box.iqiyi.quota = 1000
    assert client.open(600)["code"] == "A00000"
    assert client.open(401)["code"] == "A00018"
    assert client.open(400)["code"] == "A00000"


@pytest.mark.parametrize("code", ["A00005", "A00007", "A00008", "A00009"])
def test_it_refuses_an_application_that_may_not_upload(client, code):
    client.box.iqiyi.application = code
    assert client.open(10)["code"] == code


def test_every_file_gets_its_own_id(client):
    assert len({client.opened(10)[0] for _ in range(5)}) == 5
