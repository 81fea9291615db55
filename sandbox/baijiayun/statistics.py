"""Plays, traffic and storage (baijiayun-vod.txt, API-20 to 22, 24, 25, 28 to 30 and 37 to 39).

Only video on demand (product type 5) exists here: other product lines have nothing to count.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta

from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.errors import Code, refuse
from sandbox.baijiayun.library import Library
from sandbox.baijiayun.traffic import Traffic, days_between
from sandbox.core import BEIJING
from sandbox.store import Document

VOD = "5"
PRODUCTS = ("0", "1", "2", "3", "4", VOD)
EMPTY_LINES = ("large_class", "small_class", "double_teacher", "business")
RANKED = 100


class Statistics:
    def __init__(self, library: Library, traffic: Traffic) -> None:
        self._library = library
        self._traffic = traffic

    def account_info(self, call: Call) -> Document:
        """API-20: the limit is a month's or the whole plan's, as ``charge_type`` says."""
        account, today = call.account, self._traffic.today()
        monthly = account["charge_type"] == 0
        month = self._traffic.flow(call.partner_id, today.replace(day=1), today)
        used = sum(flow["flow"] for flow in month) if monthly else self._traffic.total_flow(call.partner_id)
        copied = ("mobile", "type", "charge_type", "status", "total_storage", "effect_time", "expire_time")
        return {
            "partner_id": int(call.partner_id),
            **{name: account[name] for name in copied},
            "used_storage": self._storage(call),
            "used_flow": used,
            "month_flow_limit" if monthly else "total_flow_limit": account["flow_limit"],
        }

    def video_flow(self, call: Call) -> Document:
        """API-21: within one month."""
        video, (first, last) = self._library.own(call), call.days()
        if (first.year, first.month) != (last.year, last.month):
            raise refuse(Code.BAD_PARAMETER, "查询时间不能跨月")
        flows = self._traffic.flow(call.partner_id, first, last, video["video_id"])
        return {"flow": sum(flow["flow"] for flow in flows)}

    def account_flow(self, call: Call) -> Document:
        """API-22."""
        return {"flow": sum(flow["flow"] for flow in self._traffic.flow(call.partner_id, *call.days()))}

    def video_records(self, call: Call) -> Document:
        """API-24: within one day."""
        video_id = self._library.own(call)["video_id"]
        plays = [play for play in self._plays_of_one_day(call) if play["video_id"] == video_id]
        return _page_of(call, plays)

    def account_records(self, call: Call) -> Document:
        """API-25: within one day."""
        product = call.choice("product_type", PRODUCTS, "0")
        plays = self._plays_of_one_day(call)
        return _page_of(call, plays if product in ("0", VOD) else [])

    def _plays_of_one_day(self, call: Call) -> list[Document]:
        first, last = call.moment("start_time"), call.moment("end_time")
        if first > last or first.date() != last.date():
            raise refuse(Code.BAD_PARAMETER, "查询时间不能跨天")
        return self._traffic.plays(call.partner_id, first, last)

    def rank(self, call: Call) -> Document:
        """API-28: the hundred most played."""
        counts = Counter(play["video_id"] for play in self._product_plays(call))
        top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:RANKED]
        return {"play_rank": [{"video_id": video_id, "play_count": count} for video_id, count in top]}

    def video_plays(self, call: Call) -> Document:
        """API-29."""
        video_id, (first, last) = self._library.own(call)["video_id"], call.days()
        plays = [play for play in self._plays(call, first, last) if play["video_id"] == video_id]
        return {"play_count": _by_day(plays, first, last)}

    def account_plays(self, call: Call) -> Document:
        """API-30."""
        first, last = call.days()
        return {"play_count": _by_day(self._product_plays(call), first, last)}

    def _product_plays(self, call: Call) -> list[Document]:
        product = call.choice("product_type", PRODUCTS, "0")
        plays = self._plays(call, *call.days())
        return plays if product in ("0", VOD) else []

    def _plays(self, call: Call, first: date, last: date) -> list[Document]:
        begin = datetime.combine(first, time.min, BEIJING)
        end = datetime.combine(last, time.min, BEIJING) + timedelta(days=1, seconds=-1)
        return self._traffic.plays(call.partner_id, begin, end)

    def daily_flow(self, call: Call) -> Document:
        """API-37: every day of the span, also those without traffic."""
        first, last = call.days()
        days = {day.isoformat(): 0 for day in days_between(first, last)}
        for flow in self._traffic.flow(call.partner_id, first, last):
            days[flow["date"]] += flow["flow"]
        return {"flow": days}

    def daily_video_flow(self, call: Call) -> Document:
        """API-38: numbers are strings, as in the example. The document gives no limit of ``page_size``."""
        product, day = call.choice("product_type", PRODUCTS[1:]), call.day("date")
        page, size = call.page(100, 1000)
        flows = self._traffic.flow(call.partner_id, day, day) if product == VOD else []
        flows.sort(key=lambda flow: int(flow["flow"]), reverse=True)
        chosen = [
            {"video_id": str(flow["video_id"]), "flow": str(flow["flow"])}
            for flow in flows[(page - 1) * size : page * size]
        ]
        return {"total": len(flows), "list": chosen}

    def storage_and_flow(self, call: Call) -> Document:
        """API-39."""
        used = {"storage": self._storage(call), "flow": self._traffic.total_flow(call.partner_id)}
        nothing = {"storage": 0, "flow": 0}
        lines = dict.fromkeys(EMPTY_LINES, nothing)
        return {**lines, "video": used, "weclass": nothing, "doc": {"storage": 0}, "total": used}

    def _storage(self, call: Call) -> int:
        return sum(self._library.stored(video) for video in self._library.of(call.partner_id))


def _page_of(call: Call, plays: list[Document]) -> Document:
    page, size = call.page(100, 1000)
    chosen = plays[(page - 1) * size : page * size]
    return {"total": len(plays), "list": chosen, "page": page, "page_size": size}


def _by_day(plays: list[Document], first: date, last: date) -> dict[str, int]:
    days = {day.isoformat(): 0 for day in days_between(first, last)}
    for play in plays:
        days[play["play_begin_time"][:10]] += 1
    return days
