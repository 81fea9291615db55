"""Looking at videos in few calls, and telling a video that is gone from one that is only refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.api import MOST_A_PAGE, Api
from platforms.drivers.baijiayun.results import ListedVideo, VideoInfo
from platforms.errors import BadAnswer, PlatformError, Refused
from platforms.values import RemoteVideo, State, gettext_noop

FEW = 2  # up to so many videos are asked for one by one: a page of the list would save nothing

GONE_WORDS = gettext_noop("There is no such video")


def look(api: Api, remote_ids: Sequence[str]) -> Iterator[RemoteVideo]:
    """What Baijiayun says about these videos.

    Many are read from the list, a thousand a page, as long as a page is cheaper than asking for the rest one by one.
    The list does not say how the audit went: a video that is transcoded is asked for by itself, and one that is
    published costs one more call for its links. An answer that cannot be read for one video is raised at the end.
    """
    wanted = list(dict.fromkeys(remote_ids))
    listed = _listed(api, wanted) if len(wanted) > FEW else {}
    catalogue = Catalogue(api)
    unclear: PlatformError | None = None
    for video_id in wanted:
        entry = listed.get(video_id)
        try:
            seen = _from_list(entry) if entry and entry.status in mapping.STATUSES else None
            yield seen or _from_info(api, catalogue, video_id)
        except (BadAnswer, Refused) as error:
            unclear = error
    if unclear:
        raise unclear


class Catalogue:
    """The ids of all videos that the account has, read once and only when needed."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ids: frozenset[str] | None = None

    def lacks(self, video_id: str) -> bool:
        """Whether the whole list is without this video; raises `LoginExpired` when the account itself is refused."""
        if self._ids is None:
            self._ids = frozenset(video.video_id for video in every_video(self._api))
        return video_id not in self._ids


def every_video(api: Api) -> Iterator[ListedVideo]:
    """All videos of the account, page by page."""
    page, seen = 1, 0
    while True:
        try:
            answer = api.list_videos(page)
        except Refused as refusal:
            raise api.blame(refusal) from None
        yield from answer.videos
        seen += len(answer.videos)
        if not answer.videos or seen >= answer.total:
            return
        page += 1


def _listed(api: Api, wanted: Sequence[str]) -> dict[str, ListedVideo]:
    """Those of the wanted videos that stand on the pages worth reading."""
    left, found, page = set(wanted), {}, 1
    while True:
        try:
            answer = api.list_videos(page)
        except Refused as refusal:
            raise api.blame(refusal) from None
        here = {video.video_id: video for video in answer.videos if video.video_id in left}
        found.update(here)
        left -= set(here)
        pages_left = -(-answer.total // MOST_A_PAGE) - page
        if pages_left <= 0 or pages_left >= len(left):
            return found
        page += 1


def _from_list(video: ListedVideo) -> RemoteVideo:
    state, words = mapping.STATUSES[video.status or 0]
    return RemoteVideo(
        video.video_id, state, f"status {video.status}", words, title=video.name, cover_url=video.cover_url,
        duration=video.duration or None,
    )  # fmt: skip


def _from_info(api: Api, catalogue: Catalogue, video_id: str) -> RemoteVideo:
    """A refusal alone does not prove that the video is gone; a refusal and its absence from the whole list do."""
    try:
        info = api.get_info(video_id)
    except Refused:
        if not catalogue.lacks(video_id):
            raise
        info = None
    if info is None:
        return RemoteVideo(video_id, State.MISSING, "", GONE_WORDS)
    state, words = state_of(info)
    link = _player_page(api, video_id) if state == State.PUBLISHED else ""
    return RemoteVideo(
        video_id, state, _raw(info), words, title=info.name, page_url=link, embed_url=link, cover_url=info.cover_url,
        duration=info.duration or None,
    )  # fmt: skip


def state_of(info: VideoInfo) -> tuple[State | None, str]:
    """The state of a video and its words; None for one that we do not know."""
    if info.status != mapping.DONE:
        return mapping.STATUSES.get(info.status or 0, (None, ""))
    if info.audit_status == mapping.AUDIT_REFUSED:
        return State.REJECTED, mapping.REJECTED_WORDS
    if info.publish_status is None:
        return None, ""
    if info.publish_status == mapping.PUBLISHED:
        return State.PUBLISHED, mapping.PUBLISHED_WORDS
    return State.BLOCKED, mapping.BLOCKED_WORDS


def _raw(info: VideoInfo) -> str:
    parts = {"status": info.status, "audit": info.audit_status, "publish": info.publish_status}
    return " ".join(f"{name} {value}" for name, value in parts.items() if value is not None)


def _player_page(api: Api, video_id: str) -> str:
    """The address of the player; the state of a video does not hang on it."""
    try:
        return api.get_share_urls(video_id).iframe
    except (Refused, BadAnswer):
        return ""
