"""Answers of every form that Youku's calls have been seen to give."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from platforms.drivers.youku.api import Api
from platforms.drivers.youku.results import SliceTask
from sandbox.server import Answer, Sandbox
from tests.drivers.on_youku import youku


@pytest.fixture
def api(box: Sandbox) -> Api:
    return youku(box).api


@pytest.fixture
def server(box: Sandbox) -> str:
    """An upload server as Youku names it: without a scheme."""
    return box.url.removeprefix("http://")


def answers(**values: Any) -> Answer:
    return Answer(200, json.dumps(values).encode(), "application/json")


def test_a_slice_task_in_texts_is_read(box: Sandbox, api: Api, server: str) -> None:
    task = {"slice_task_id": "7", "offset": "0", "length": "1024", "transferred": "12", "finished": "true"}
    box.block("/gupload/new_slice", answers(**task, unheard={"of": 1}))
    assert api.new_slice(server, "token") == SliceTask(7, 0, 1024, 12, True)


def test_a_check_in_texts_or_without_percents_is_read(box: Sandbox, api: Api, server: str) -> None:
    box.block("/gupload/check", answers(status="2", transferred_percent="50.9", empty_tasks="3", finished=False))
    check = api.check_upload(server, "token")
    assert (check.status, check.transferred_percent, check.empty_tasks, check.finished) == (2, 50, 3, False)
    box.block("/gupload/check", answers(status=1, upload_server_ip="10.30.88.156"))
    check = api.check_upload(server, "token")
    assert (check.status, check.upload_server_ip, check.confirmed_percent, check.empty_tasks) == (
        1, "10.30.88.156", 0, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expire_time", "expires_at"),
    [
        ("2019-01-07T13:03:04Z", datetime(2019, 1, 7, 13, 3, 4, tzinfo=UTC)),
        ("2019-01-07 13:03:04", datetime(2019, 1, 7, 13, 3, 4, tzinfo=UTC)),
        (1546866184, datetime(2019, 1, 7, 13, 3, 4, tzinfo=UTC)),
        ("soon", None),
        (None, None),
    ],
)
def test_the_end_of_an_access_is_read_as_utc(
    box: Sandbox, api: Api, expire_time: object, expires_at: datetime | None
) -> None:
    names = ("endpoint", "security_token", "temp_access_id", "temp_access_secret")
    box.block("/youku/uploads/get_sts_inf.json", answers(**dict.fromkeys(names, "x"), expire_time=expire_time))
    assert api.renew_sts("token", "bucket", "object").expires_at == expires_at


def test_the_documents_own_example_of_a_video_is_read(box: Sandbox, api: Api) -> None:
    shown = answers(
        id="XNDY5Njc0MTA4", title="一个标题", link="http://v.youku.com/v_show/id_XNDY5Njc0MTA4.html",
        duration="2675.36", category="综艺", state="normal", created="2011-07-15 09:00:42",
        published="2011-7-15 9:00:42", public_type="all", copyright_type="reproduced",
        user={"id": 58011986, "name": "一个人", "link": "http://i.youku.com/u/1"}, tags="一,二",
        view_count=646437, operation_limit=[], streamtypes=["hd2", "mp4"], show={"id": "2ab7", "seq": "215"},
    )  # fmt: skip
    box.block("/youku/videos/show.json", shown)
    details = api.show_video("XNDY5Njc0MTA4")
    nine_in_beijing = datetime(2011, 7, 15, 1, 0, 42, tzinfo=UTC)
    assert (details.created_at, details.published_at) == (nine_in_beijing, nine_in_beijing)
    assert (details.duration, details.view_count, details.tags) == (2675.36, 646437, ("一", "二"))
    assert details.owner is not None
    assert (details.owner.user_id, details.owner.name) == ("58011986", "一个人")
    assert (details.stream_types, details.operation_limit) == (("hd2", "mp4"), ())


def test_a_video_of_which_little_is_said_is_read(box: Sandbox, api: Api) -> None:
    box.block("/youku/videos/show.json", answers(id="X1", tags=None, user="nobody", streamtypes={}, created="soon"))
    details = api.show_video("X1")
    assert (details.tags, details.owner, details.stream_types, details.created_at) == ((), None, (), None)


def test_a_page_without_a_total_is_read(box: Sandbox, api: Api) -> None:
    box.block("/youku/videos/by_me.json", answers(videos=[{"id": "X1"}, "nonsense"]))
    page = api.list_my_videos()
    assert (page.total, [video.video_id for video in page.videos]) == (None, ["X1"])


@pytest.mark.parametrize("expires_in", ["7200", 7200, "7200.0"])
def test_tokens_live_as_long_as_a_text_says(box: Sandbox, api: Api, expires_in: object) -> None:
    tokens = answers(access_token="a" * 8, refresh_token="r" * 8, expires_in=expires_in, token_type="bearar")
    box.block("/youku/oauth2/token.json", tokens)
    fetched = api.refresh_token()
    assert fetched is not None
    assert (fetched.expires_in, fetched.token_type) == (7200, "bearar")
