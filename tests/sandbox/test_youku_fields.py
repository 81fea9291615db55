"""The limits of a video's fields, each with its documented code."""

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.youku_client import YoukuClient, code, some_bytes

DATA = some_bytes(100)

REFUSED = [
    ({"title": ""}, 120010101),
    ({"title": "字" * 61}, 120010102),
    ({"title": "a [banned] title"}, 120010104),
    ({"title": "违禁内容"}, 120010104),
    ({"tags": ""}, 120010121),
    ({"tags": ",".join(["标签"] * 11)}, 120010122),
    ({"tags": "违禁,测试"}, 120010123),
    ({"tags": "好,测试"}, 120010124),
    ({"tags": "测试,,再测"}, 120010124),
    ({"tags": "字" * 21}, 120010125),
    ({"description": "字" * 2001}, 120010142),
    ({"description": "违禁"}, 120010141),
    ({"public_type": "password"}, 1012),
    ({"public_type": "password", "watch_password": "a" * 33}, 120010145),
    ({"public_type": "password", "watch_password": "密码"}, 120010145),
    ({"watch_password": "abc"}, 1013),
    ({"public_type": "nobody"}, 1013),
    ({"copyright_type": "stolen"}, 1013),
    ({"category": "no such category"}, 1013),
    ({"deshake": "2"}, 1013),
    ({"isnew": "yes"}, 1013),
    ({"file_name": ""}, 1012),
    ({"file_name": "without-extension"}, 1013),
    ({"file_md5": ""}, 1012),
    ({"file_md5": "A" * 32}, 1013),
    ({"file_md5": "a" * 31}, 1013),
    ({"file_size": ""}, 1012),
    ({"file_size": "0"}, 1013),
    ({"file_size": "-5"}, 1013),
    ({"file_size": "1.5"}, 1013),
]

ACCEPTED = [
    {"title": "字" * 60},
    {"tags": ",".join(["标签"] * 10)},
    {"tags": "字" * 20},
    {"description": "字" * 2000},
    {"public_type": "password", "watch_password": "a1" * 16},
    {"public_type": "friend"},
    {"copyright_type": "reproduced"},
    {"category": "教育"},
    {"category": "Education"},
    {"deshake": "1"},
    {"isweb": "1", "file_md5": ""},
]


@pytest.mark.parametrize(("changes", "expected"), REFUSED)
def test_it_is_refused(box: Sandbox, youku: YoukuClient, changes: dict[str, str], expected: int):
    assert code(youku.create(DATA, **changes)) == expected
    assert box.videos() == []


@pytest.mark.parametrize("changes", ACCEPTED)
def test_it_is_accepted(youku: YoukuClient, changes: dict[str, str]):
    assert youku.create(DATA, **changes).status_code == 201


def test_a_file_over_the_limit(box: Sandbox, youku: YoukuClient):
    box.youku.uploads.file_size_limit = 99

    assert code(youku.create(DATA)) == 120010113


def test_create_wants_a_post(youku: YoukuClient):
    assert code(youku.get("/uploads/create.json")) == 1010


def test_an_error_has_its_documented_shape(youku: YoukuClient):
    answer = youku.create(DATA, title="")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/json")
    assert set(answer.json()["error"]) == {"code", "type", "description"}


def test_an_unknown_call_is_an_error_of_the_same_shape(youku: YoukuClient):
    answer = requests.get(f"{youku.base}/no/such.json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 1002)
