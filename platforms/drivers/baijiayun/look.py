"""Looking at videos and categories in few calls, and telling a video that is gone from one that is only refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.api import MOST_A_PAGE, Api
from platforms.drivers.baijiayun.library_api import MOST_A_CATEGORY_PAGE
from platforms.drivers.baijiayun.results import Category, ListedVideo, PlayUrl, VideoInfo
from platforms.errors import BadAnswer, PlatformError, Refused
from platforms.transport.pages import each_entry, each_once
from platforms.values import PlayAddress, RemoteCategory, RemoteVideo, State, gettext_noop

ROOT = "0"  # the category above all others, and of videos without one
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
            seen = from_list(entry) if entry and entry.status in mapping.STATUSES else None
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

    def fetch(page: int) -> tuple[int, Sequence[ListedVideo]]:
        try:
            answer = api.list_videos(page, MOST_A_PAGE)
        except Refused as refusal:
            raise api.blame(refusal) from None
        return answer.total, answer.videos

    return each_once(each_entry(fetch), lambda video: video.video_id)


def _listed(api: Api, wanted: Sequence[str]) -> dict[str, ListedVideo]:
    """Those of the wanted videos that stand on the pages worth reading."""
    left, found, page = set(wanted), {}, 1
    while True:
        try:
            answer = api.list_videos(page, MOST_A_PAGE)
        except Refused as refusal:
            raise api.blame(refusal) from None
        here = {video.video_id: video for video in answer.videos if video.video_id in left}
        found.update(here)
        left -= set(here)
        pages_left = -(-answer.total // MOST_A_PAGE) - page
        if pages_left <= 0 or pages_left >= len(left):
            return found
        page += 1


def from_list(video: ListedVideo) -> RemoteVideo:
    """What the list says. Of a video that is transcoded it tells whether it is shown, not how the audit went: the
    state is None unless it is blocked."""
    state, words = mapping.STATUSES.get(video.status or 0, (None, ""))
    if video.status == mapping.DONE and video.publish_status not in (None, mapping.PUBLISHED):
        state, words = State.BLOCKED, mapping.BLOCKED_WORDS
    return RemoteVideo(
        video.video_id, state, f"status {video.status}", words, title=video.name, cover_url=video.cover_url,
        duration=video.duration or None, category=video.category_ids[-1] if video.category_ids else "",
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
        duration=info.duration or None, category=info.categories[-1].category_id if info.categories else "",
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


def category_videos(api: Api, category_id: str) -> Iterator[ListedVideo]:
    """All videos of a category and of those below it, page by page."""

    def fetch(page: int) -> tuple[int, Sequence[ListedVideo]]:
        answer = api.list_category_videos(category_id, page, MOST_A_CATEGORY_PAGE)
        return answer.total, answer.videos

    return each_once(each_entry(fetch), lambda video: video.video_id)


def each_category(tree: Iterable[Category]) -> Iterator[RemoteCategory]:
    """A tree as a list, each category after its parent; the root that only the platform has is left out."""
    for category in tree:
        if category.category_id != ROOT:
            yield as_category(category)
        yield from each_category(category.children)


def as_category(category: Category) -> RemoteCategory:
    parent_id = "" if category.parent_id == ROOT else category.parent_id
    return RemoteCategory(category.category_id, category.name, parent_id, category.level or 1)


def play_addresses(api: Api, video_id: str) -> tuple[PlayAddress, ...]:
    """The addresses in every container that there is; a container that the video does not have is refused."""
    found: list[PlayAddress] = []
    refusal: Refused | None = None
    for container in mapping.CONTAINERS:
        try:
            urls = api.get_play_urls(video_id, container)
        except Refused as error:
            refusal = refusal or error
        else:
            found += [_play_address(container, name, url) for name, url in urls.items() if url.url]
    if refusal and not found:
        raise refusal
    return tuple(found)


def _play_address(container: str, name: str, found: PlayUrl) -> PlayAddress:
    label = mapping.PLAY_DEFINITIONS.get(name, name)
    return PlayAddress(found.url, container, label, found.width, found.height, found.size)
