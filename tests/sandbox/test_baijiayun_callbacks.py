"""baijiayun-vod.txt, callbacks 1 to 3: signed forms at each step, repeated until somebody takes them."""

import time

import pytest
import requests

from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import baijiayun, md5, sign, tiny_mp4
from tests.sandbox.receiver import receiver


@pytest.fixture
def owner():
    with receiver() as owner:
        yield owner


@pytest.fixture
def client(owner):
    with baijiayun(pace=0.02) as client:
        client.data("video_account/setTranscodeCallbackUrl", url=owner.url)
        yield client


def wait_until(client, condition):
    """The callback events, once ``condition`` holds for them."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        events = client.box.baijiayun.callbacks()
        if condition(events):
            return events
        time.sleep(0.01)
    raise AssertionError(client.box.baijiayun.callbacks())


def outcomes(client, count):
    """The outcomes of the events, once so many are settled."""
    events = wait_until(client, lambda events: sum(bool(event["outcome"]) for event in events) >= count)
    return [(event["status"], event["attempts"], event["outcome"]) for event in events if event["outcome"]]


def test_the_address_is_registered_and_shown(client, owner):
    assert client.data("video_account/getTranscodeCallbackUrl") == {"url": owner.url}
    url = "https://example.com/callback"
    assert client.data("video_account/setTranscodeCallbackUrl", url=url) == {"url": url}
    assert client.data("video_account/getTranscodeCallbackUrl") == {"url": url}


@pytest.mark.parametrize(
    ("url", "code"), [("ftp://example.com", Code.BAD_PARAMETER), ("example.com", Code.BAD_PARAMETER), ("", 1004)]
)
def test_an_address_must_be_http(client, url, code):
    assert client.refused("video_account/setTranscodeCallbackUrl", url=url) == code


def test_it_tells_of_the_upload_and_of_the_end(client, owner):
    data = tiny_mp4(seconds=19, width=1280, height=720)
    video_id = client.upload(data, definition="16,4", format="1")
    uploaded, done = owner.wait_for(2)
    assert sorted(uploaded) == ["qid", "sign", "status", "timestamp", "video_id"]
    assert (uploaded["status"], uploaded["video_id"]) == ("20", str(video_id))
    assert done.pop("preface_url").startswith("http")
    fixed = {name: done[name] for name in done if name not in ("qid", "sign", "timestamp")}
    assert fixed == {
        "video_id": str(video_id),
        "status": "100",
        "total_size": str(len(data)),
        "total_transcode_size": str(3 * len(data)),
        "now_definition": "super,low",
        "origin_definition": "super",
        "length": "19",
        "file_md5": md5(data),
    }
    assert uploaded["qid"] != done["qid"]


def test_every_callback_is_signed_over_all_its_fields(client, owner):
    client.upload(tiny_mp4())
    for form in owner.wait_for(2):
        given = form.pop("sign")
        assert given == sign(form, client.keys["partner_key"])
        assert abs(int(form["timestamp"]) - time.time()) < 60


def test_a_failure_is_told_in_few_words(client, owner):
    client.upload(tiny_mp4(), "[fail]")
    form = owner.wait_for(2)[1]
    assert form["status"] == "30"
    assert sorted(form) == ["qid", "sign", "status", "timestamp", "video_id"]


@pytest.mark.parametrize(
    "answer",
    [
        (200, b'{"code": 1, "msg": "no"}'),
        (500, b'{"code": 0}'),
        (202, b'{"code": 0}'),
        (200, b"fine"),
        (200, b""),
        (302, b""),
    ],
)
def test_the_end_is_told_again_after_a_failing_answer(client, owner, answer):
    owner.answers = [(200, b'{"code": 0}'), answer]
    client.upload(tiny_mp4())
    _, first, second = owner.wait_for(3)
    assert (first["qid"], first["status"]) == (second["qid"], second["status"])
    assert outcomes(client, 2) == [(20, 1, "delivered"), (100, 2, "delivered")]


def test_it_gives_up_after_two_repetitions(client, owner):
    owner.answers = [(500, b"")] * 9
    client.upload(tiny_mp4())
    assert outcomes(client, 2) == [(20, 1, "given up"), (100, 3, "given up")]
    assert [form["status"] for form in owner.forms] == ["20", "100", "100", "100"]


def test_it_waits_5_and_30_seconds_by_the_clock(owner):
    with baijiayun(pace=60) as client:
        client.data("video_account/setTranscodeCallbackUrl", url=owner.url)
        owner.answers = [(500, b"")] * 4
        client.upload(tiny_mp4())
        for seconds, attempts in ((0, 1), (61, 2), (6, 3), (31, 4)):
            client.box.clock.advance(seconds)
            wait_until(client, lambda events, made=attempts: sum(event["attempts"] for event in events) == made)
        assert outcomes(client, 2) == [(20, 1, "given up"), (100, 3, "given up")]


def test_without_an_address_nobody_is_told():
    with baijiayun(pace=0.02) as client:
        client.upload(tiny_mp4())
        assert outcomes(client, 2) == [(20, 0, "unwanted"), (None, 0, "unwanted")]


def test_an_address_that_nobody_serves_fails_quietly(client, owner):
    client.data("video_account/setTranscodeCallbackUrl", url="http://127.0.0.1:9/callback")
    client.upload(tiny_mp4())
    assert outcomes(client, 2) == [(20, 1, "given up"), (100, 3, "given up")]
    assert owner.forms == []


def test_a_callback_that_waits_outlives_a_restart(tmp_path, owner):
    with baijiayun(tmp_path, pace=30) as client:
        client.data("video_account/setTranscodeCallbackUrl", url=owner.url)
        client.upload(tiny_mp4())
        owner.wait_for(1)
    with baijiayun(tmp_path, pace=30) as client:
        client.box.clock.advance(31)
        assert [form["status"] for form in owner.wait_for(2)] == ["20", "100"]
        assert outcomes(client, 2)[1] == (100, 1, "delivered")


def test_transcoding_again_is_told_again(client, owner):
    video_id = client.upload(tiny_mp4(), definition="16")
    owner.wait_for(2)
    client.data("video/transcodeAgain", video_id=video_id, definition="8")
    form = owner.wait_for(3)[2]
    assert (form["status"], form["now_definition"]) == ("100", "1080p,low")


def test_an_access_key_is_judged_by_the_owner(client, owner):
    video_id = client.upload(tiny_mp4())
    owner.wait_for(2)
    client.box.baijiayun.set_authorization(owner.url)
    page = client.data("video/getShareUrl", video_id=video_id)["iframe"]
    owner.answers = [(200, b'{"code": 0}'), (200, b'{"code": 1, "msg": "no"}'), (403, b'{"code": 0}')]
    plays = ["<video" in requests.get(f"{page}&access_key=fgh6789", timeout=60).text for _ in range(3)]
    assert plays == [True, False, False]
    assert owner.forms[2:] == [{"access_key": "fgh6789", "video_id": str(video_id)}] * 3


@pytest.mark.parametrize(("always", "plays"), [(False, True), (True, False)])
def test_a_page_without_an_access_key_plays_unless_the_owner_insists(client, owner, always, plays):
    video_id = client.upload(tiny_mp4())
    owner.wait_for(2)
    client.box.baijiayun.set_authorization(owner.url, always=always)
    page = client.data("video/getShareUrl", video_id=video_id)["iframe"]
    assert ("<video" in requests.get(page, timeout=60).text) is plays
    assert len(owner.forms) == 2
