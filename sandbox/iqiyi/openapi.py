"""The calls on openapi.iqiyi.com about files (iqiyi-video-cloud.txt, sections 1.5 and 4 to 7)."""

import re

from sandbox.core import Outcome, Refusal, outcome_of
from sandbox.iqiyi import answers
from sandbox.iqiyi.accounts import Accounts
from sandbox.iqiyi.library import Library, State
from sandbox.iqiyi.media import NOTES, Media
from sandbox.messages import Request, Response, json_response
from sandbox.store import Document

# The table of section 1.5; the numbers missing from it are not categories.
CATEGORIES = frozenset(str(number) for number in (*range(1, 11), 12, 13, 15, 16, 17, 20, 21, 22, *range(24, 29)))

STATUS_CODES = {
    State.UPLOADING: "A00004",
    State.WAITING: "A00004",
    State.PUBLISHING: "A00001",
    State.PUBLISHED: "A00000",
    State.REJECTED: "A00002",
    State.FAILED: "A00007",
    State.CANCELLED: "A00006",
    State.DELETED: "A00003",
}

PUBLISHED_STATUS = 2
PAGE_SIZE, LARGEST_PAGE = 20, 100


class OpenApi:
    """Failures other than those of the token answer Q00001, the one code that these sections list for them."""

    def __init__(self, accounts: Accounts, library: Library, media: Media) -> None:
        self._accounts = accounts
        self._library = library
        self._media = media

    def info(self, request: Request) -> Response:
        """Section 1.5: set name, description, tags and category; again at any time until the file is deleted."""
        video = self._own_video(request)
        name, description = request.query.get("file_name", ""), request.query.get("description", "")
        category = request.query.get("file_type", "")
        if not name.strip() or not description.strip():
            raise _failed("缺少 file_name 或 description")
        if category and category not in CATEGORIES:
            raise _failed("file_type 不在分类表中")
        if outcome_of(name) == Outcome.BANNED:
            raise _failed("标题含有违禁内容")
        values = {"title": name, "description": description, "tags": request.query.get("tags", "")}
        self._library.change(str(video["file_id"]), lambda video: video.update(values, category=category))
        return answers.answer(msg="")

    def full_status(self, request: Request) -> Response:
        """Section 4: the state is the code, the addresses come when it is A00000."""
        client_id = self._accounts.check(request.query.get("access_token", ""))
        file_id = request.query.get("file_id", "")
        if not file_id:
            raise _failed("缺少 file_id")
        video = self._library.get(file_id)
        state = self._library.state(video) if video and video["client_id"] == client_id else State.DELETED
        data = self._addresses(video) if video and state == State.PUBLISHED else {}
        note = "" if state == State.PUBLISHED else NOTES[state]
        return json_response({"code": STATUS_CODES[state], "data": {**data, "msg": note}})

    def _addresses(self, video: Document) -> Document:
        picture = self._media.picture(video)
        return {
            "img": picture,
            "thumbnail": picture,
            "swfurl": self._media.share_player(video),
            "urllist": self._media.addresses(video),
        }

    def video_list(self, request: Request) -> Response:
        """Section 5: what is published, newest first; ``count`` is how many there are on all pages."""
        client_id = self._accounts.check(request.query.get("access_token", ""))
        size, page = _number(request, "page_size", PAGE_SIZE), _number(request, "page", 1)
        if size > LARGEST_PAGE:
            raise _failed(f"page_size 最大 {LARGEST_PAGE}")
        wanted = {file_id for file_id in request.query.get("file_ids", "").split(",") if file_id}
        asked = self._library.some(client_id, wanted) if wanted else self._library.of(client_id)
        videos = [video for video in reversed(asked) if self._library.state(video) == State.PUBLISHED]
        chosen = videos[(page - 1) * size : page * size]
        return answers.answer(count=len(videos), data=[self._entry(video) for video in chosen])

    def _entry(self, video: Document) -> Document:
        picture = self._media.picture(video)
        return {
            "fileId": video["file_id"],
            "fileName": video["title"],
            "createTime": int(video["created"]),
            "description": video["description"],
            "fileSize": video["size"],
            "fileStatus": PUBLISHED_STATUS,
            "playCount": video["plays"],
            "duration": video["duration"],
            "img": picture,
            "originalImg": picture,
            "thumbnail": "",
            "pageUrl": self._media.page(video),
        }

    def url_list(self, request: Request) -> Response:
        """Section 6."""
        video = self._own_video(request)
        if self._library.state(video) != State.PUBLISHED:
            raise _failed("视频还没有发布")
        return answers.answer(data=self._media.addresses(video, m3u8=("1", "96")))

    def delete(self, request: Request) -> Response:
        """Section 7. Both separators that the section shows are read; an unknown id deletes nothing at all."""
        client_id = self._accounts.check(request.query.get("access_token", ""))
        kind = request.query.get("delete_type", "")
        mine = {str(video["file_id"]): video for video in self._library.of(client_id)}
        if kind not in {"0", "1"}:
            raise _failed("delete_type 应为 0 或 1")
        ids = re.split("[,;]", request.query.get("file_ids", "")) if kind == "1" else list(mine)
        if any(file_id not in mine for file_id in ids):
            raise _failed("file_ids 中有不存在的视频")
        for file_id in ids:
            self._library.stop(mine[file_id], State.DELETED)
        return answers.answer()

    def _own_video(self, request: Request) -> Document:
        client_id = self._accounts.check(request.query.get("access_token", ""))
        video = self._library.get(request.query.get("file_id", ""))
        if video is None or video["client_id"] != client_id or video["stopped"]:
            raise _failed("视频不存在")
        return video


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, "") or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", text) or not int(text):
        raise _failed(f"{name} 应为正整数")
    return int(text)


def _failed(message: str) -> Refusal:
    return answers.refusal(answers.FAILED, message)
