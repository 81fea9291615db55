"""A stop while an answer is awaited: what may be left to itself, and what is waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from platforms.contract import Interrupted
from platforms.transport import http
from platforms.transport.http import Answer, Http
from tests.hub import PATIENCE_SECONDS

ANSWER = Answer("call", 200, b"{}", {}, safe=False)


@pytest.fixture
def answered(monkeypatch) -> Iterator[threading.Event]:
    """Every call is answered once this is set."""
    event = threading.Event()

    def send(*_arguments: Any, **_parts: Any) -> Answer:
        event.wait()
        return ANSWER

    monkeypatch.setattr(Http, "_send", send)
    yield event
    event.set()


def stop() -> None:
    raise Interrupted


def call(client: Http, *, safe: bool) -> Answer:
    return client.call("create", "POST", "http://platform/", safe=safe)


def test_a_safe_call_is_left_to_itself(answered):
    client = Http()
    with client.alive(stop), pytest.raises(Interrupted):
        call(client, safe=True)


def test_an_unsafe_one_that_can_be_looked_up_is_left_to_itself_too(answered, monkeypatch):
    monkeypatch.setattr(http, "GRACE_SECONDS", 0.01)
    client = Http()
    with client.alive(stop, looked_up=["create"]), pytest.raises(Interrupted):
        call(client, safe=False)


def test_its_answer_is_taken_if_it_comes_soon_after_the_stop(answered, monkeypatch):
    monkeypatch.setattr(http, "GRACE_SECONDS", PATIENCE_SECONDS)

    def stop_and_answer() -> None:
        answered.set()
        raise Interrupted

    client = Http()
    with client.alive(stop_and_answer, looked_up=["create"]):
        assert call(client, safe=False) is ANSWER


def test_an_unsafe_one_that_nobody_can_look_up_is_waited_for(answered):
    client = Http()
    threading.Timer(0.01, answered.set).start()
    with client.alive(stop, looked_up=["create"]):
        assert client.call("refresh_token", "POST", "http://platform/", safe=False) is ANSWER
