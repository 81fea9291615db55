"""Looking at videos and categories in few calls, and telling a video that is gone from one that is only refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.api import MOST_A_PAGE, Api
from platforms.drivers.baijiayun.library_api import MOST_A_CATEGORY_PAGE
from platforms.drivers.baijiayun.results import Category, ListedVideo, PlayUrl, VideoInfo
from platforms.errors import BadAnswer, Gone, PlatformError, Refused, about
from platforms.transport.pages import each_entry, each_once, each_page
from platforms.values import (
    Copy,
    LibraryPage,
    PlayAddress,
    RemoteCategory,
    RemoteVideo,
    State,
    gettext_noop,
    say,
)

ROOT = "0"  # the category above all others, and of videos without one
FEW = 2  # up to so many videos are asked for one by one: a page of the list would save nothing

GONE_WORDS = gettext_noop("There is no such video")
NO_SUCH_CATEGORY = gettext_noop("Baijiayun no longer has the category.")


def look(api: Api, remote_ids: Sequence[str], closely: Collection[str]) -> Iterator[RemoteVideo]:
    """What Baijiayun says about these videos, and the links of those that are published and few or in `closely`.

    Many are read from the list, a thousand a page, as long as a page is cheaper than asking for the rest one by one.
    The list does not say how the audit went: a video that is transcoded is asked for by itself, and its links cost one
    more call. What is refused comes last: one walk through the whole list proves which of them are gone. An answer that
    cannot be read for one video, or a refusal of one that is there, is raised at the end.
    """
    wanted = list(dict.fromkeys(remote_ids))
    listed = _listed(api, wanted) if len(wanted) > FEW else {}
    unclear: dict[str, PlatformError] = {}
    refused: dict[str, Refused] = {}
    for video_id in wanted:
        entry = listed.get(video_id)
        try:
            seen = from_list(entry) if entry and entry.status in mapping.STATUSES else None
            yield seen or _from_info(api, video_id, with_links=len(wanted) <= FEW or video_id in closely)
        except Refused as error:
            refused[video_id] = error
        except BadAnswer as error:
            unclear[video_id] = error
    gone = absent(api, refused)
    yield from map(_missing, (video_id for video_id in refused if video_id in gone))
    unclear |= {video_id: error for video_id, error in refused.items() if video_id not in gone}
    if unclear:
        raise about(unclear)


def absent(api: Api, video_ids: Iterable[str]) -> frozenset[str]:
    """Those of these videos that the account does not have; raises `LoginExpired` when the account itself is refused.

    A refusal alone does not prove that a video is gone; a refusal and its absence from the whole list do. A list that
    ends before it has as many videos as it says proves nothing.
    """
    left = set(video_ids)
    said = seen = 0

    def fetch(page: int) -> tuple[int, Sequence[ListedVideo]]:
        nonlocal said, seen
        said, videos = _page(api, page)
        seen += len(videos)
        return said, videos

    entries = each_entry(fetch) if left else iter(())
    while left and (entry := next(entries, None)) is not None:
        left.discard(entry.video_id)
    return frozenset(left) if seen >= said else frozenset()


def every_video(api: Api) -> Iterator[ListedVideo]:
    """All videos of the account, page by page."""
    return each_once(each_entry(lambda page: _page(api, page)), lambda video: video.video_id)


def library(api: Api, cursor: str) -> Iterator[LibraryPage]:
    """Page by page from the one that `cursor` names on."""
    for page, total, videos in each_page(lambda page: _page(api, page), int(cursor or 1)):
        yield LibraryPage(str(page), tuple(map(from_list, videos)), total)


def _page(api: Api, page: int) -> tuple[int, Sequence[ListedVideo]]:
    try:
        answer = api.list_videos(page, MOST_A_PAGE)
    except Refused as refusal:
        raise api.blame(refusal) from None
    return answer.total, answer.videos


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
    state is None unless it is blocked, and presumed to be published: hardly any video is refused that is shown."""
    state, words = mapping.STATUSES.get(video.status or 0, (None, ""))
    presumed = None
    if video.status == mapping.DONE and video.publish_status == mapping.PUBLISHED:
        presumed = State.PUBLISHED
    elif video.status == mapping.DONE and video.publish_status is not None:
        state, words = State.BLOCKED, mapping.BLOCKED_WORDS
    return RemoteVideo(
        video.video_id, state, f"status {video.raw_status or None}", words, title=video.name, cover_url=video.cover_url,
        duration=video.duration or None, category=video.category_ids[-1] if video.category_ids else "",
        created_at=video.created_at, presumed=presumed,
    )  # fmt: skip


def _missing(video_id: str) -> RemoteVideo:
    return RemoteVideo(video_id, State.MISSING, "", GONE_WORDS)


def _from_info(api: Api, video_id: str, *, with_links: bool) -> RemoteVideo:
    """Raises `Refused` for a video that is not there, among others."""
    info = api.get_info(video_id)
    if info is None:
        return _missing(video_id)
    state, words = state_of(info)
    link = _player_page(api, video_id) if with_links and state == State.PUBLISHED else ""
    return RemoteVideo(
        video_id, state, _raw(info), words, title=info.name, page_url=link, embed_url=link, cover_url=info.cover_url,
        duration=info.duration or None, category=info.categories[-1].category_id if info.categories else "",
        created_at=info.created_at,
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


def copies(api: Api, video_id: str) -> frozenset[Copy]:
    """What has been made of a video."""
    info = api.get_info(video_id)
    if info is None:
        raise Gone(say(GONE_WORDS), call="get_info")
    names, formats = mapping.INFO_DEFINITIONS, mapping.INFO_FORMATS
    return frozenset(
        Copy(names.get(file.definition, file.definition), formats.get(file.type, file.type)) for file in info.files
    )


def _raw(info: VideoInfo) -> str:
    parts = {"status": info.raw_status, "audit": info.audit_status, "publish": info.publish_status}
    return " ".join(f"{name} {value}" for name, value in parts.items() if value not in (None, ""))


def _player_page(api: Api, video_id: str) -> str:
    """The address of the player; the state of a video does not hang on it."""
    try:
        return api.get_share_urls(video_id).iframe
    except (Refused, BadAnswer):
        return ""


def category_videos(api: Api, category_id: str) -> Iterator[ListedVideo]:
    """All videos of a category and of those below it, page by page."""
    entries = each_entry(lambda page: _category_page(api, category_id, page))
    return each_once(entries, lambda video: video.video_id)


def category_library(api: Api, category_id: str, cursor: str) -> Iterator[LibraryPage]:
    """The same page by page from the one that `cursor` names on."""
    for page, total, videos in each_page(lambda page: _category_page(api, category_id, page), int(cursor or 1)):
        yield LibraryPage(str(page), tuple(map(from_list, videos)), total)


def _category_page(api: Api, category_id: str, page: int) -> tuple[int, Sequence[ListedVideo]]:
    answer = api.list_category_videos(category_id, page, MOST_A_CATEGORY_PAGE)
    return answer.total, answer.videos


def every_category(api: Api) -> tuple[RemoteCategory, ...]:
    """The account's whole tree, each category after its parent."""
    try:
        return tuple(each_category(api.list_categories()))
    except Refused as refusal:
        raise api.blame(refusal) from None


def gone_category(api: Api, category_id: str, refusal: Refused) -> PlatformError:
    """`Gone` when the tree has no such category, else the refusal itself: the document has no code for either."""
    if not category_id or any(category.remote_id == category_id for category in every_category(api)):
        return refusal
    return Gone(say(NO_SUCH_CATEGORY), code=refusal.code, call=refusal.call, detail=refusal.detail)


def each_category(tree: Iterable[Category]) -> Iterator[RemoteCategory]:
    """A tree as a list, each category after its parent; left out are the platform's own root and what has no id."""
    for category in tree:
        if category.category_id not in (ROOT, ""):
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
