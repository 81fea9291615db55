"""baijiayun-vod.txt, API-20 to API-22, API-24, API-25, API-28 to API-30 and API-37 to API-39."""

from datetime import datetime, timedelta

import pytest
import requests

from sandbox.baijiayun.errors import Code
from sandbox.core import BEIJING
from tests.sandbox.baijiayun_client import baijiayun, tiny_mp4

DAY = 24 * 3600


pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


def today(client, shift=0):
    return (datetime.fromtimestamp(client.box.clock.now(), BEIJING) + timedelta(days=shift)).date()


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=BEIJING).timestamp()


def whole(day):
    return {"start_time": f"{day} 00:00:00", "end_time": f"{day} 23:59:59"}


def span(first, last):
    return {"start_date": str(first), "end_date": str(last)}


def test_the_account_shows_its_plan_and_what_it_uses(client):
    data = tiny_mp4()
    client.published(data, definition="16", format="1")
    info = client.data("video_account/getAccountInfo")
    assert info["partner_id"] == int(client.keys["partner_id"])
    assert (info["used_storage"], info["used_flow"]) == (2 * len(data), 0)
    assert info["total_storage"] > 0
    assert info["month_flow_limit"] > 0
    assert "total_flow_limit" not in info
    assert info["effect_time"] < info["expire_time"]


def test_a_plan_can_be_changed(client):
    client.box.baijiayun.set_plan(charge_type=1, total_storage=10, flow_limit=20, status=2)
    info = client.data("video_account/getAccountInfo")
    assert (info["total_storage"], info["total_flow_limit"], info["status"]) == (10, 20, 2)
    assert "month_flow_limit" not in info
    with pytest.raises(ValueError, match="no such_thing"):
        client.box.baijiayun.set_plan(such_thing=1)


def test_delivered_bytes_show_on_the_next_day(client):
    data = tiny_mp4()
    video_id, day = client.published(data, definition="16"), today(client)
    address = client.data("video/getUrl", video_id=video_id)["play_info"]["low"]["url"]
    requests.get(address, timeout=60)
    requests.get(address, headers={"Range": "bytes=0-99"}, timeout=60)
    values = {"video_id": video_id, **span(day, day)}
    assert client.data("video_data/getUsedFlow", **values) == {"flow": 0}
    client.box.clock.advance(DAY)
    assert client.data("video_data/getUsedFlow", **values) == {"flow": len(data) + 100}


def test_traffic_by_video_by_account_and_by_day(client):
    first, second, day = client.create()[0], client.create()[0], today(client, -3)
    client.box.baijiayun.add_flow(first, 100, day)
    client.box.baijiayun.add_flow(second, 20, day)
    client.box.baijiayun.add_flow(first, 3, day + timedelta(days=2))
    week = span(day, day + timedelta(days=3))
    assert client.data("video_account/getUsedFlow", **week) == {"flow": 123}
    flows = client.data("video_account/getUsedFlowDetail", "GET", **week)["flow"]
    assert list(flows.values()) == [120, 0, 3, 0]
    assert next(iter(flows)) == str(day)
    answer = client.data("video_data/getUsedFlowDetail", "GET", product_type="5", date=str(day))
    assert answer == {
        "total": 2,
        "list": [{"video_id": str(first), "flow": "100"}, {"video_id": str(second), "flow": "20"}],
    }
    other = client.data("video_data/getUsedFlowDetail", "GET", product_type="1", date=str(day))
    assert other == {"total": 0, "list": []}
    lines = client.data("video_account/getStorgeAndFlowInfo", "GET")
    assert (lines["video"]["flow"], lines["total"]["flow"], lines["large_class"]["flow"]) == (123, 123, 0)
    assert lines["doc"] == {"storage": 0}


def test_the_traffic_of_a_video_is_asked_for_within_a_month(client):
    values = {"video_id": client.create()[0], "start_date": "2017-08-31", "end_date": "2017-09-01"}
    assert client.refused("video_data/getUsedFlow", **values) == Code.BAD_PARAMETER


def test_a_play_becomes_a_record(client):
    video_id, day = client.create()[0], today(client, -1)
    client.box.baijiayun.add_play(video_id, noon(day), user_name="小明", user_number=7, play_length=45, client_type=3)
    answer = client.data("video_data/getVideoPlayRecord", video_id=video_id, **whole(day))
    record = answer.pop("list")[0]
    assert answer == {"total": 1, "page": 1, "page_size": 100}
    assert len(record.pop("guid")) == 32
    assert record.pop("uuid")
    assert record == {
        "video_id": video_id,
        "user_name": "小明",
        "user_number": 7,
        "play_begin_time": f"{day} 12:00:00",
        "play_end_time": f"{day} 12:00:45",
        "client_type": 3,
        "play_length": 45,
        "user_ip": "127.0.0.1",
        "area": "",
    }


def test_opening_the_page_is_a_play(client):
    video_id = client.published()
    requests.get(client.row(video_id)["page"], timeout=60)
    answer = client.data("video_data/getVideoPlayRecord", video_id=video_id, **whole(today(client)))
    assert answer["total"] == 1


def test_records_come_in_pages_for_a_video_and_for_the_account(client):
    first, second, day = client.create()[0], client.create()[0], today(client, -1)
    for number in range(5):
        client.box.baijiayun.add_play(first if number % 2 else second, noon(day) + number)
    path = "video_data/exportVideoReportBatch"
    pages = [client.data(path, **whole(day), page_size="2", page=str(page)) for page in (1, 2, 3)]
    shown = [record["video_id"] for page in pages for record in page["list"]]
    assert shown == [second, first, second, first, second]
    assert pages[0]["total"] == 5
    assert client.data("video_data/getVideoPlayRecord", video_id=first, **whole(day))["total"] == 2
    assert client.data(path, **whole(day), product_type="2")["total"] == 0
    half = {"start_time": f"{day} 12:00:03", "end_time": f"{day} 12:00:04"}
    assert client.data(path, **half)["total"] == 2


@pytest.mark.parametrize(
    "values",
    [
        {"start_time": "2017-09-08 00:00:00", "end_time": "2017-09-09 00:00:00"},
        {"start_time": "2017-09-08 10:00:00", "end_time": "2017-09-08 09:00:00"},
        {"start_time": "2017-09-08", "end_time": "2017-09-08 09:00:00"},
        {"start_time": "2017-9-8 0:00:00", "end_time": "2017-09-08 09:00:00"},
        {"start_time": "2017-09-08 00:00:00", "end_time": "2017-09-08 23:59:59", "page_size": "1001"},
    ],
)
def test_records_are_asked_for_within_a_day_and_1000_at_most(client, values):
    assert client.refused("video_data/exportVideoReportBatch", **values) == Code.BAD_PARAMETER
    video_id = client.create()[0]
    assert client.refused("video_data/getVideoPlayRecord", video_id=video_id, **values) == Code.BAD_PARAMETER


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_plays_by_rank_and_by_day(client, method):
    first, second, day = client.create()[0], client.create()[0], today(client, -2)
    for video_id, plays in ((first, 1), (second, 3)):
        for _ in range(plays):
            client.box.baijiayun.add_play(video_id, noon(day))
    week = span(day - timedelta(days=1), day)
    rank = client.data("video_data/getVideoPlayCountRank", method, **week)["play_rank"]
    assert rank == [{"video_id": second, "play_count": 3}, {"video_id": first, "play_count": 1}]
    days = [str(day - timedelta(days=1)), str(day)]
    video = client.data("video_data/getVideoDailyPlayCount", method, video_id=second, **week)
    assert video == {"play_count": dict(zip(days, (0, 3), strict=True))}
    account = client.data("video_data/getPartnerDailyPlayCount", method, **week)
    assert account == {"play_count": dict(zip(days, (0, 4), strict=True))}
    others = client.data("video_data/getVideoPlayCountRank", method, **week, product_type="1")
    assert others == {"play_rank": []}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"start_date": "2017-08-02", "end_date": "2017-08-01"}, Code.BAD_PARAMETER),
        ({"start_date": "2017-8-1", "end_date": "2017-08-01"}, Code.BAD_PARAMETER),
        ({"start_date": "2017-08-32", "end_date": "2017-08-33"}, Code.BAD_PARAMETER),
        ({"start_date": "2017-08-01"}, Code.MISSING_PARAMETER),
    ],
)
def test_strange_dates_are_refused(client, values, code):
    assert client.refused("video_account/getUsedFlow", **values) == code
    assert client.refused("video_data/getPartnerDailyPlayCount", **values) == code
