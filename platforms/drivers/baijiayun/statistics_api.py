"""Baijiayun's figures (baijiayun-vod.txt, API-21, 22, 24, 25, 28 to 30, 37 to 39). Days and times are Beijing's.

Traffic is in bytes and counted once a day. `product_type`: 1 large class, 2 small class, 3 double teacher,
4 business, 5 video on demand, 0 all of them.
"""

from __future__ import annotations

from datetime import date, datetime

from platforms.drivers.baijiayun.client import Client
from platforms.drivers.baijiayun.results import (
    LineUsage,
    PlayRecordPage,
    VideoFlow,
    VideoFlowPage,
    VideoPlays,
    by_day,
    records_of,
)
from platforms.transport.answers import as_int, as_object, as_text
from platforms.transport.documented import documented
from platforms.transport.limits import check_days, check_one_day, check_page

MOST_RECORDS_A_PAGE = 1000
EVERY_LINE, VIDEO_ON_DEMAND = 0, 5


class StatisticsApi(Client):
    """Traffic and viewings of an account and of its videos."""

    @documented("BJ-21", "POST /openapi/video_data/getUsedFlow", "baijiayun-vod.txt API-21")
    def get_video_flow(self, video_id: str, start_date: date, end_date: date) -> int:
        """Traffic of one video; both days are in the same month. Source: API-21."""
        check_days("get_video_flow", start_date, end_date, same_month=True)
        params = {"video_id": video_id, "start_date": start_date, "end_date": end_date}
        return self.ask("get_video_flow", "/openapi/video_data/getUsedFlow", params).inner("data").number("flow")

    @documented("BJ-22", "POST /openapi/video_account/getUsedFlow", "baijiayun-vod.txt API-22")
    def get_account_flow(self, start_date: date, end_date: date) -> int:
        """Traffic of the account. Source: API-22."""
        check_days("get_account_flow", start_date, end_date)
        params = {"start_date": start_date, "end_date": end_date}
        return self.ask("get_account_flow", "/openapi/video_account/getUsedFlow", params).inner("data").number("flow")

    @documented("BJ-24", "POST /openapi/video_data/getVideoPlayRecord", "baijiayun-vod.txt API-24")
    def list_video_play_records(
        self,
        video_id: str,
        start_time: datetime,
        end_time: datetime,
        page: int = 1,
        page_size: int = 100,
    ) -> PlayRecordPage:
        """Viewings of one video within one day (aware times), at most 1000 a page. Source: API-24."""
        check_one_day("list_video_play_records", start_time, end_time)
        check_page("list_video_play_records", page, page_size, MOST_RECORDS_A_PAGE)
        params = {
            "video_id": video_id, "start_time": start_time, "end_time": end_time, "page": page, "page_size": page_size,
        }  # fmt: skip
        return records_of(
            self.ask("list_video_play_records", "/openapi/video_data/getVideoPlayRecord", params).inner("data")
        )

    @documented("BJ-25", "POST /openapi/video_data/exportVideoReportBatch", "baijiayun-vod.txt API-25")
    def list_account_play_records(
        self,
        start_time: datetime,
        end_time: datetime,
        page: int = 1,
        page_size: int = 100,
        product_type: int = EVERY_LINE,
    ) -> PlayRecordPage:
        """Viewings of all videos within one day (aware times), at most 1000 a page. Source: API-25."""
        check_one_day("list_account_play_records", start_time, end_time)
        check_page("list_account_play_records", page, page_size, MOST_RECORDS_A_PAGE)
        params = {
            "start_time": start_time, "end_time": end_time, "page": page, "page_size": page_size,
            "product_type": product_type or None,
        }  # fmt: skip
        return records_of(
            self.ask("list_account_play_records", "/openapi/video_data/exportVideoReportBatch", params).inner("data")
        )

    @documented("BJ-28", "POST /openapi/video_data/getVideoPlayCountRank", "baijiayun-vod.txt API-28")
    def get_play_rank(self, start_date: date, end_date: date, product_type: int = EVERY_LINE) -> tuple[VideoPlays, ...]:
        """The 100 most played videos, most played first. Source: API-28."""
        check_days("get_play_rank", start_date, end_date)
        params = {"start_date": start_date, "end_date": end_date, "product_type": product_type or None}
        fields = self.ask("get_play_rank", "/openapi/video_data/getVideoPlayCountRank", params).inner("data")
        entries = [entry.body for entry in fields.each("play_rank")]
        return tuple(VideoPlays(as_text(e.get("video_id")), as_int(e.get("play_count")) or 0) for e in entries)

    @documented("BJ-29", "POST /openapi/video_data/getVideoDailyPlayCount", "baijiayun-vod.txt API-29")
    def get_video_daily_plays(self, video_id: str, start_date: date, end_date: date) -> dict[date, int]:
        """Plays of one video by day. Source: API-29."""
        check_days("get_video_daily_plays", start_date, end_date)
        params = {"video_id": video_id, "start_date": start_date, "end_date": end_date}
        fields = self.ask("get_video_daily_plays", "/openapi/video_data/getVideoDailyPlayCount", params)
        return by_day(fields.inner("data").body.get("play_count"))

    @documented("BJ-30", "POST /openapi/video_data/getPartnerDailyPlayCount", "baijiayun-vod.txt API-30")
    def get_account_daily_plays(
        self, start_date: date, end_date: date, product_type: int = EVERY_LINE
    ) -> dict[date, int]:
        """Plays of the account by day. Source: API-30."""
        check_days("get_account_daily_plays", start_date, end_date)
        params = {"start_date": start_date, "end_date": end_date, "product_type": product_type or None}
        fields = self.ask("get_account_daily_plays", "/openapi/video_data/getPartnerDailyPlayCount", params)
        return by_day(fields.inner("data").body.get("play_count"))

    @documented("BJ-37", "GET /openapi/video_account/getUsedFlowDetail", "baijiayun-vod.txt API-37")
    def get_daily_flow(self, start_date: date, end_date: date) -> dict[date, int]:
        """Traffic of the account by day. Source: API-37."""
        check_days("get_daily_flow", start_date, end_date)
        params = {"start_date": start_date, "end_date": end_date}
        fields = self.ask("get_daily_flow", "/openapi/video_account/getUsedFlowDetail", params, method="GET")
        return by_day(fields.inner("data").body.get("flow"))

    @documented("BJ-38", "GET /openapi/video_data/getUsedFlowDetail", "baijiayun-vod.txt API-38")
    def list_daily_video_flow(
        self, date: date, product_type: int = VIDEO_ON_DEMAND, page: int = 1, page_size: int = 100
    ) -> VideoFlowPage:
        """Traffic by video of one day; the document gives no limit of `page_size`. Source: API-38."""
        check_page("list_daily_video_flow", page, page_size)
        params = {"date": date, "product_type": product_type, "page": page, "page_size": page_size}
        fields = self.ask("list_daily_video_flow", "/openapi/video_data/getUsedFlowDetail", params, method="GET")
        data = fields.inner("data")
        entries = [entry.body for entry in data.each("list")]
        flows = tuple(VideoFlow(as_text(e.get("video_id")), as_int(e.get("flow")) or 0) for e in entries)
        return VideoFlowPage(data.number("total"), flows)

    @documented("BJ-39", "GET /openapi/video_account/getStorgeAndFlowInfo", "baijiayun-vod.txt API-39")
    def get_storage_and_flow(self) -> dict[str, LineUsage]:
        """Storage and traffic by product line (large_class, ..., video, doc) and as "total". Source: API-39."""
        fields = self.ask("get_storage_and_flow", "/openapi/video_account/getStorgeAndFlowInfo", method="GET")
        lines = {name: as_object(line) for name, line in fields.inner("data").body.items()}
        return {name: LineUsage(as_int(line.get("storage")), as_int(line.get("flow"))) for name, line in lines.items()}
