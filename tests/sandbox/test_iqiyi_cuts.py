"""A range that breaks off does not count, and the upload goes on."""

import pytest

from tests.sandbox.cut import send_and_cut
from tests.sandbox.iqiyi_client import iqiyi, md5, some_bytes


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


def test_a_raw_range_that_breaks_off_does_not_count(client):
    data = some_bytes(1000)
    file_id, address = client.opened(1000)
    client.describe(file_id)
    headers = {"file_id": file_id, "file_size": "1000", "range": "0-999"}
    assert send_and_cut(f"{address}?type=body", headers, 1000, data[:600]) == b""
    assert client.box.iqiyi.received(file_id) == []
    client.send(address, file_id, data)
    assert client.finish(file_id)["code"] == "A00000"
    assert client.row(file_id)["md5"] == md5(data)


def test_a_range_in_a_form_that_breaks_off_does_not_count(client):
    file_id, address = client.opened(1000)
    headers = {"file_id": file_id, "file_size": "1000", "range": "0-9"}
    headers["Content-Type"] = "multipart/form-data; boundary=b"
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n0123456789\r\n'
    assert send_and_cut(address, headers, len(body) + 5, body) == b""
    assert client.box.iqiyi.received(file_id) == []
