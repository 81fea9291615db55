"""What iQiyi's addresses say to wrong paths and methods."""

import pytest
import requests

from tests.sandbox.iqiyi_client import iqiyi


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


@pytest.mark.parametrize("path", ["/iqiyi/api/file/nothing", "/iqiyi-upload/nothing", "/iqiyi-media/nothing"])
def test_an_unknown_path_is_404(client, path):
    assert requests.get(client.box.url + path, timeout=60).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/iqiyi/api/file/info"), ("GET", "/iqiyi-upload/uploadfinish"), ("POST", "/iqiyi-upload/openupload")],
)
def test_another_method_is_405(client, method, path):
    assert requests.request(method, client.box.url + path, timeout=60).status_code == 405
