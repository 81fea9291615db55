"""Baijiayun's figures put together: of any span of days, from calls that each cover a part of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.api import Api
from platforms.drivers.baijiayun.results import PlayRecord as Viewing
from platforms.drivers.baijiayun.results import VideoFlow
from platforms.drivers.baijiayun.statistics_api import MOST_RECORDS_A_PAGE, VIDEO_ON_DEMAND
from platforms.transport.answers import BEIJING
from platforms.transport.pages import each_entry
from platforms.values import PlayRecord, Usage

LAST_SECOND = timedelta(seconds=1)


def usage(api: Api) -> Usage:
    """The plan, with storage and traffic by product line."""
    plan, lines = api.get_account_info(), api.get_storage_and_flow()
    monthly = plan.charge_type == mapping.MONTHLY
    return Usage(
        storage_used=plan.used_storage,
        storage_total=plan.total_storage,
        traffic_used=plan.used_flow,
        traffic_total=plan.month_flow_limit if monthly else plan.total_flow_limit,
        is_monthly=monthly,
        expires_at=plan.expires_at,
        lines={name: (line.storage, line.flow) for name, line in lines.items() if name != mapping.ALL_LINES},
    )


def video_traffic(api: Api, remote_id: str, first: date, last: date) -> int:
    """Traffic of one video, asked for month by month: a call covers no more."""
    return sum(api.get_video_flow(remote_id, begin, end) for begin, end in months(first, last))


def traffic_by_video(api: Api, day: date) -> Iterator[tuple[str, int]]:
    """Video id and traffic of one day, page by page."""

    def fetch(page: int) -> tuple[int, Sequence[VideoFlow]]:
        answer = api.list_daily_video_flow(day, page=page)
        return answer.total, answer.videos

    return ((video.video_id, video.flow) for video in each_entry(fetch))


def play_records(api: Api, first: datetime, last: datetime, remote_id: str) -> Iterator[PlayRecord]:
    """Viewings of one video, or of all on demand, day by day and page by page: a call covers no more than a day."""
    for begin, end in days(first, last):
        yield from map(_record, each_entry(partial(_viewings, api, begin, end, remote_id)))


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """First and last day of each month's part of a span."""
    begin = first
    while begin <= last:
        following = (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield begin, min(last, following - timedelta(days=1))
        begin = following


def days(first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """First and last second of each Beijing day's part of a span of aware times."""
    begin = first.astimezone(BEIJING)
    while begin <= last:
        following = datetime.combine(begin.date() + timedelta(days=1), time.min, BEIJING)
        yield begin, min(last.astimezone(BEIJING), following - LAST_SECOND)
        begin = following


def _viewings(api: Api, begin: datetime, end: datetime, remote_id: str, page: int) -> tuple[int, Sequence[Viewing]]:
    if remote_id:
        answer = api.list_video_play_records(remote_id, begin, end, page, MOST_RECORDS_A_PAGE)
    else:
        answer = api.list_account_play_records(begin, end, page, MOST_RECORDS_A_PAGE, VIDEO_ON_DEMAND)
    return answer.total, answer.records


def _record(viewing: Viewing) -> PlayRecord:
    return PlayRecord(
        record_id=viewing.guid,
        viewer_id=viewing.uuid,
        remote_id=viewing.video_id,
        user_name=viewing.user_name,
        user_number=viewing.user_number,
        began_at=viewing.began_at,
        ended_at=viewing.ended_at,
        seconds=viewing.length,
        client=mapping.CLIENTS.get(viewing.client_type or 0, ""),
        ip=viewing.user_ip,
        area=viewing.area,
    )
