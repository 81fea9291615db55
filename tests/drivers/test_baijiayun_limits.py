"""What the document certainly refuses is not sent, and said at the parameter concerned; its defaults are its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest

from platforms.drivers.baijiayun.api import Api
from platforms.errors import Refused
from platforms.transport.answers import BEIJING
from sandbox.server import Sandbox
from tests.drivers.lent import BytesSource
from tests.drivers.on_baijiayun import baijiayun, path, transcoded

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
MORNING = datetime(2026, 11, 1, tzinfo=BEIJING)
EVENING, NEXT = MORNING + timedelta(days=1, seconds=-1), MORNING + timedelta(days=1)

REFUSED: list[tuple[str, str, Callable[[Api], object]]] = [
    ("get_video_flow", "end_date", lambda api: api.get_video_flow("1", FIRST, date(2026, 12, 1))),
    ("get_video_flow", "end_date", lambda api: api.get_video_flow("1", LAST, FIRST)),
    ("get_account_flow", "end_date", lambda api: api.get_account_flow(LAST, FIRST)),
    ("get_play_rank", "end_date", lambda api: api.get_play_rank(LAST, FIRST)),
    ("get_video_daily_plays", "end_date", lambda api: api.get_video_daily_plays("1", LAST, FIRST)),
    ("get_account_daily_plays", "end_date", lambda api: api.get_account_daily_plays(LAST, FIRST)),
    ("get_daily_flow", "end_date", lambda api: api.get_daily_flow(LAST, FIRST)),
    ("list_video_play_records", "end_time", lambda api: api.list_video_play_records("1", MORNING, NEXT)),
    ("list_video_play_records", "page_size", lambda api: api.list_video_play_records("1", MORNING, EVENING, 1, 1001)),
    ("list_account_play_records", "end_time", lambda api: api.list_account_play_records(MORNING, NEXT)),
    ("list_account_play_records", "page", lambda api: api.list_account_play_records(MORNING, EVENING, 0)),
    ("list_videos", "page_size", lambda api: api.list_videos(1, 1001)),
    ("list_category_videos", "page_size", lambda api: api.list_category_videos("1", 1, 101)),
    ("list_daily_video_flow", "page", lambda api: api.list_daily_video_flow(FIRST, page=0)),
    ("get_player_token", "expires_in", lambda api: api.get_player_token("1", -1)),
    ("get_player_tokens", "expires_in", lambda api: api.get_player_tokens(["1"], -1)),
    ("get_play_urls", "expires_in", lambda api: api.get_play_urls("1", "mp4", 0)),
    ("set_publish_status", "status", lambda api: api.set_publish_status("1", 3)),
    ("set_callback_url", "url", lambda api: api.set_callback_url("ftp://our.site/")),
    ("upload_subtitle", "subtitle", lambda api: api.upload_subtitle("1", "中文", BytesSource(b"WEBVTT", "zh.ass"))),
]


@pytest.fixture
def api(box: Sandbox) -> Api:
    return baijiayun(box).api


@pytest.mark.parametrize(("call", "field", "send"), REFUSED)
def test_it_is_not_sent(box: Sandbox, api: Api, call: str, field: str, send: Callable[[Api], object]) -> None:
    with pytest.raises(Refused) as caught:
        send(api)
    assert (caught.value.call, caught.value.field) == (call, field)
    assert len(box.requests) == 0


def test_the_limits_themselves_are_taken(box: Sandbox, api: Api) -> None:
    video_id = transcoded(box, baijiayun(box))
    category = api.add_category("数学").category_id
    api.get_video_flow(video_id, FIRST, LAST)
    api.list_video_play_records(video_id, MORNING, EVENING, 1, 1000)
    api.list_account_play_records(MORNING, EVENING, 1, 1000)
    api.list_videos(1, 1000)
    api.list_category_videos(category, 1, 100)
    api.get_play_urls(video_id, expires_in=1)


def test_the_platform_refuses_the_same_dates_and_pages(box: Sandbox, api: Api) -> None:
    """What is checked here is not stricter than what is checked there."""
    video_id = transcoded(box, baijiayun(box))
    asked: list[tuple[str, dict[str, object]]] = [
        ("video_data/getUsedFlow", {"video_id": video_id, "start_date": FIRST, "end_date": date(2026, 12, 1)}),
        ("video_data/getVideoPlayRecord", {"video_id": video_id, "start_time": MORNING, "end_time": NEXT}),
        ("video/getVideoList", {"page_size": 1001}),
    ]
    for call, params in asked:
        with pytest.raises(Refused) as caught:
            api.ask("a call", f"/openapi/{call}", params)
        assert caught.value.code == "1005"


@pytest.mark.parametrize(
    ("call", "send", "sent"),
    [
        ("video/getVideoList", lambda api: api.list_videos(), {"page": "1", "page_size": "20"}),
        ("video/getUrl", lambda api: api.get_play_urls("1"), {"format": "mp4", "expires_in": "43200"}),
        ("video/getPlayerToken", lambda api: api.get_player_token("1"), {"expires_in": "0"}),
        ("video/getPlayerTokenBatch", lambda api: api.get_player_tokens(["1", "2"], 9),
         {"video_ids": "1,2", "expires_in": "9", "product_type": "5"}),
        ("video_data/getUsedFlowDetail", lambda api: api.list_daily_video_flow(FIRST),
         {"date": "2026-11-01", "product_type": "5", "page": "1", "page_size": "100"}),
        ("video_data/exportVideoReportBatch", lambda api: api.list_account_play_records(MORNING, EVENING),
         {"start_time": "2026-11-01 00:00:00", "end_time": "2026-11-01 23:59:59", "page": "1", "page_size": "100"}),
        ("video/getCategoryInfo", lambda api: api.get_category(), {"category_id": "0"}),
        ("video/getUploadUrl", lambda api: api.get_upload_url("a.mp4", ["16", "1"], True, ["1", "4"], "2"),
         {"definition": "16,1", "audio_with_view": "1", "format": "1,4", "encrypt": "2", "use_https": "1"}),
        ("video/getVideoList", lambda api: api.list_videos(create_time=datetime(2020, 1, 1, 2, 1, 1, tzinfo=UTC)),
         {"create_time": "2020-01-01 10:01:01"}),
    ],
)  # fmt: skip
def test_what_is_sent_stands_under_the_documents_names(
    box: Sandbox, api: Api, call: str, send: Callable[[Api], object], sent: dict[str, str]
) -> None:
    with suppress(Refused):  # there is no such video here: what counts is what was asked
        send(api)
    (request,) = box.requests.to(path(box, call))
    assert {name: request.values.get(name) for name in sent} == sent


def test_all_product_lines_is_the_documents_default_and_left_out(box: Sandbox, api: Api) -> None:
    api.get_play_rank(FIRST, LAST)
    api.get_play_rank(FIRST, LAST, product_type=1)
    everything, one = box.requests.to(path(box, "video_data/getVideoPlayCountRank"))
    assert "product_type" not in everything.values
    assert one.values["product_type"] == "1"
