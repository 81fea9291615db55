"""Answers that a test puts in a platform's way."""

import pytest
import requests

from sandbox.server import Answer, Sandbox
from tests.sandbox.youku_client import YoukuClient, code, some_bytes


def test_only_so_many_calls_get_the_answer(box: Sandbox, youku: YoukuClient):
    box.block("/youku/videos", Answer(503, b"<html>busy</html>"), times=2)

    answers = [youku.show("X") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503, 503, 400]
    assert answers[0].text == "<html>busy</html>"
    assert answers[0].headers["Content-Type"].startswith("text/html")


def test_other_paths_and_methods_are_left_alone(box: Sandbox, youku: YoukuClient):
    box.block("/youku/uploads", Answer(), method="POST")

    assert code(youku.show("X")) == 120020001
    assert code(youku.get("/uploads/cancel.json", upload_token="x")) == 120010151
    assert youku.create(b"x").status_code == 503


def test_a_platform_can_hang_up(box: Sandbox, youku: YoukuClient):
    box.block("/youku", Answer(close=True))

    with pytest.raises(requests.ConnectionError):
        youku.show("X")


def test_a_platform_can_be_slow(box: Sandbox, youku: YoukuClient):
    box.block("/youku", Answer(delay=30))

    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{youku.base}/videos/show.json", timeout=0.05)


def test_a_body_can_be_cut(box: Sandbox, youku: YoukuClient):
    box.block("/youku", Answer(200, b'{"id": "X', "application/json", length=500))

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        youku.show("X")


def test_an_answer_can_get_lost_after_the_work_was_done(box: Sandbox, youku: YoukuClient):
    box.block("/youku/uploads/create.json", Answer(close=True, after_work=True))

    with pytest.raises(requests.ConnectionError):
        youku.create(some_bytes(10))

    assert [video["state"] for video in box.videos("youku")] == ["uploading"]


def test_blocks_can_be_lifted(box: Sandbox, youku: YoukuClient):
    box.block("/youku", Answer(), times=100)
    box.unblock()

    assert code(youku.show("X")) == 120020001
