"""baijiayun-vod.txt, sign rules: who calls, and whether the call is what was signed."""

import time

import pytest
import requests

from sandbox.baijiayun.accounts import sign_of
from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import BaijiayunClient, baijiayun, sign


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


def post(client, values, path="video/getVideoList", **options):
    return requests.post(client.address(path), data=values, timeout=60, **options).json()["code"]


def test_it_computes_the_check_value():
    values = {"partner_id": "12345", "timestamp": "1596096142", "video_id": "456"}
    assert sign_of(values, "8jewu3j93jjewi3jwj90093jkyu") == "95b1618b51f5e38f1889f1bee9d54c00"


def test_a_right_sign_is_taken(client):
    assert post(client, client.signed()) == 0


def test_values_are_signed_unencoded(client):
    data = client.data("video/addCategory", name="数学 & 物理 = 100% +1")
    assert data["name"] == "数学 & 物理 = 100% +1"


def test_keys_are_sorted_by_bytes(client):
    assert post(client, client.signed(Z="1", a="2", Ä="3")) == 0


def test_a_parameter_that_was_not_signed_is_refused(client):
    assert post(client, {**client.signed(), "page": "2"}) == Code.BAD_SIGN


def test_an_empty_parameter_that_was_not_signed_is_refused(client):
    assert post(client, {**client.signed(), "page": ""}) == Code.BAD_SIGN


def test_a_changed_value_is_refused(client):
    assert post(client, {**client.signed(page="1"), "page": "2"}) == Code.BAD_SIGN


def test_the_parameters_of_a_post_are_those_of_its_form(client):
    values = client.signed(page="1")
    assert post(client, {}, params=values) == Code.MISSING_PARAMETER
    del values["page"]
    assert post(client, values, params={"page": "1"}) == Code.BAD_SIGN
    assert post(client, client.signed(), params={"page": "no number"}) == 0


def test_a_multipart_form_is_read_like_any_other(client):
    files = {name: (None, value) for name, value in client.signed(page="1").items()}
    assert requests.post(client.address("video/getVideoList"), files=files, timeout=60).json()["code"] == 0


@pytest.mark.parametrize("change", [str.upper, lambda text: text[:-1], lambda text: "0" * 32])
def test_a_wrong_sign_is_refused(client, change):
    values = client.signed()
    assert post(client, {**values, "sign": change(values["sign"])}) == Code.BAD_SIGN


@pytest.mark.parametrize("name", ["partner_id", "timestamp", "sign"])
def test_what_every_call_carries_is_required(client, name):
    values = client.signed()
    del values[name], values["sign" if name != "sign" else "timestamp"]
    if name != "sign":
        values["sign"] = sign(values, client.keys["partner_key"])
    assert post(client, values) == Code.MISSING_PARAMETER


def test_an_unknown_partner_is_refused(client):
    assert post(client, client.signed(partner_id="1")) == Code.UNKNOWN_PARTNER


def test_a_partner_is_refused_on_another_s_domain(client):
    other = BaijiayunClient(client.box, "second")
    answer = requests.post(other.address("video/getVideoList"), data=client.signed(), timeout=60).json()
    assert answer["code"] == Code.UNKNOWN_PARTNER


@pytest.mark.parametrize("seconds", [-310, 310, 1_795_000_000_000])
def test_a_timestamp_far_from_now_is_refused(client, seconds):
    assert post(client, client.signed(timestamp=int(time.time() + seconds))) == Code.STALE_TIMESTAMP


@pytest.mark.parametrize("seconds", [-290, 290])
def test_a_timestamp_near_now_is_taken(client, seconds):
    assert post(client, client.signed(timestamp=int(time.time() + seconds))) == 0


def test_a_timestamp_that_is_no_number_is_refused(client):
    assert post(client, client.signed(timestamp="now")) == Code.BAD_PARAMETER


def test_advancing_the_clock_does_not_make_a_client_s_time_wrong(client):
    client.box.clock.advance(10 * 24 * 3600)
    assert post(client, client.signed()) == 0


def test_an_unknown_call_is_404_and_another_method_405(client):
    assert requests.post(client.address("video/nothing"), timeout=60).status_code == 404
    assert requests.get(client.address("video/getUploadUrl"), timeout=60).status_code == 405
    assert requests.post(client.address("video_account/getUsedFlowDetail"), timeout=60).status_code == 405
