"""Baijiayun's figures (baijiayun-vod.txt, API-21, 22, 24, 25, 28 to 30, 37 to 39). Days and times are Beijing's.

Traffic is in bytes and counted once a day. `product_type`: 1 large class, 2 small class, 3 double teacher,
4 business, 5 video on demand; None is the platform's own choice.
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

MOST_RECORDS_A_PAGE = 1000
VIDEO_ON_DEMAND = 5


class StatisticsApi(Client):
    """Traffic and viewings of an account and of its videos."""

    def get_video_flow(self, video_id: str, start_date: date, end_date: date) -> int:
        """Traffic of one video; both days are in the same month. Source: API-21."""
        params = {"video_id": video_id, "start_date": start_date, "end_date": end_date}
        return self.ask("get_video_flow", "/openapi/video_data/getUsedFlow", params).inner("data").number("flow")

    def get_account_flow(self, start_date: date, end_date: date) -> int:
        """Traffic of the account. Source: API-22."""
        params = {"start_date": start_date, "end_date": end_date}
        return self.ask("get_account_flow", "/openapi/video_account/getUsedFlow", params).inner("data").number("flow")

    def list_video_play_records(
        self,
        video_id: str,
        start_time: datetime,
        end_time: datetime,
        page: int = 1,
        page_size: int = MOST_RECORDS_A_PAGE,
    ) -> PlayRecordPage:
        """Viewings of one video within one day (aware times), at most 1000 a page. Source: API-24."""
        params = {
            "video_id": video_id, "start_time": start_time, "end_time": end_time, "page": page, "page_size": page_size,
        }  # fmt: skip
        return records_of(
            self.ask("list_video_play_records", "/openapi/video_data/getVideoPlayRecord", params).inner("data")
        )

    def list_account_play_records(
        self,
        start_time: datetime,
        end_time: datetime,
        page: int = 1,
        page_size: int = MOST_RECORDS_A_PAGE,
        product_type: int | None = None,
    ) -> PlayRecordPage:
        """Viewings of all videos within one day (aware times), at most 1000 a page. Source: API-25."""
        params = {
            "start_time": start_time, "end_time": end_time, "page": page, "page_size": page_size,
            "product_type": product_type,
        }  # fmt: skip
        return records_of(
            self.ask("list_account_play_records", "/openapi/video_data/exportVideoReportBatch", params).inner("data")
        )

    def get_play_rank(
        self, start_date: date, end_date: date, product_type: int | None = None
    ) -> tuple[VideoPlays, ...]:
        """The 100 most played videos, most played first. Source: API-28."""
        params = {"start_date": start_date, "end_date": end_date, "product_type": product_type}
        fields = self.ask("get_play_rank", "/openapi/video_data/getVideoPlayCountRank", params).inner("data")
        entries = [entry.body for entry in fields.each("play_rank")]
        return tuple(VideoPlays(as_text(e.get("video_id")), as_int(e.get("play_count")) or 0) for e in entries)

    def get_video_daily_plays(self, video_id: str, start_date: date, end_date: date) -> dict[date, int]:
        """Plays of one video by day. Source: API-29."""
        params = {"video_id": video_id, "start_date": start_date, "end_date": end_date}
        fields = self.ask("get_video_daily_plays", "/openapi/video_data/getVideoDailyPlayCount", params)
        return by_day(fields.inner("data").body.get("play_count"))

    def get_account_daily_plays(
        self, start_date: date, end_date: date, product_type: int | None = None
    ) -> dict[date, int]:
        """Plays of the account by day. Source: API-30."""
        params = {"start_date": start_date, "end_date": end_date, "product_type": product_type}
        fields = self.ask("get_account_daily_plays", "/openapi/video_data/getPartnerDailyPlayCount", params)
        return by_day(fields.inner("data").body.get("play_count"))

    def get_daily_flow(self, start_date: date, end_date: date) -> dict[date, int]:
        """Traffic of the account by day. Source: API-37."""
        params = {"start_date": start_date, "end_date": end_date}
        fields = self.ask("get_daily_flow", "/openapi/video_account/getUsedFlowDetail", params, method="GET")
        return by_day(fields.inner("data").body.get("flow"))

    def list_daily_video_flow(
        self, date: date, product_type: int = VIDEO_ON_DEMAND, page: int = 1, page_size: int = 100
    ) -> VideoFlowPage:
        """Traffic by video of one day. Source: API-38."""
        params = {"date": date, "product_type": product_type, "page": page, "page_size": page_size}
        fields = self.ask("list_daily_video_flow", "/openapi/video_data/getUsedFlowDetail", params, method="GET")
        data = fields.inner("data")
        entries = [entry.body for entry in data.each("list")]
        flows = tuple(VideoFlow(as_text(e.get("video_id")), as_int(e.get("flow")) or 0) for e in entries)
        return VideoFlowPage(data.number("total"), flows)

    def get_storage_and_flow(self) -> dict[str, LineUsage]:
        """Storage and traffic by product line (large_class, ..., video, doc) and as "total". Source: API-39."""
        fields = self.ask("get_storage_and_flow", "/openapi/video_account/getStorgeAndFlowInfo", method="GET")
        lines = {name: as_object(line) for name, line in fields.inner("data").body.items()}
        return {name: LineUsage(as_int(line.get("storage")), as_int(line.get("flow"))) for name, line in lines.items()}
