"""Youku's videos: their states, details, lists, changes and player pages.

``videos/show`` as in youku-slice-upload.txt, section 4; the other calls as the public SDK uses them.
"""

from html import escape
from pathlib import Path

from sandbox.core import Outcome, VideoRow, World, beijing_time, outcome_of
from sandbox.media import media_type, player_page, thumbnail
from sandbox.messages import Request, Response, file_response, html_response, json_response, text_response
from sandbox.store import Document
from sandbox.youku.accounts import Accounts
from sandbox.youku.errors import refuse
from sandbox.youku.rules import CATEGORIES, Values, choice, metadata, require, whole_number

STATES = ("normal", "encoding", "fail", "in_review", "limited", "blocked")
ENDINGS = {Outcome.FAILED: ("encoding", "fail"), Outcome.REJECTED: ("encoding", "in_review", "blocked")}
STREAMS = ["hd2", "flvhd", "mp4", "3gp", "3gphd"]
PLAYABLE = ("normal", "limited")
LARGEST_PAGE = 100


class Videos:
    """Everything that was committed."""

    def __init__(self, world: World, accounts: Accounts) -> None:
        self._world = world
        self._store = world.store
        self._accounts = accounts

    def state(self, video: Document) -> str:
        """``encoding``, ``in_review``, then what the title asks for; ``set_state`` overrides."""
        if video["forced_state"]:
            return str(video["forced_state"])
        stages = ENDINGS.get(outcome_of(video["title"]), ("encoding", "in_review", "normal"))
        return self._world.stage(video["committed"], stages, video.get("pace"))

    def set_state(self, video_id: str, state: str | None) -> None:
        """Fix a video's state; None lets time decide again."""
        if state is not None and state not in STATES:
            raise ValueError(f"Youku has no state {state!r}")
        self._change(self._known(video_id), forced_state=state)

    def rows(self) -> list[VideoRow]:
        return [self._row(video) for video in self._store.all("youku-video")]

    def show(self, request: Request) -> Response:
        """GET videos/show: needs only ``client_id``."""
        self._accounts.client(request.query)
        require(request.query, "video_id")
        return json_response(self._details(self._known(request.query["video_id"])))

    def show_batch(self, request: Request) -> Response:
        """GET videos/show_batch: unknown ids are left out of the answer."""
        self._accounts.client(request.query)
        require(request.query, "video_ids")
        ids = request.query["video_ids"].split(",")
        if len(ids) > LARGEST_PAGE:
            raise refuse(1013)
        found = [video for video_id in ids if (video := self._find(video_id))]
        return json_response({"total": len(found), "videos": [self._details(video) for video in found]})

    def by_me(self, request: Request) -> Response:
        """GET videos/by_me: the caller's videos, newest first, 20 a page."""
        values = request.query
        account = self._accounts.user(values)
        choice(values, "orderby", ("published", "view-count", "comment-count", "favorite-count"))
        page, count = whole_number(values, "page", 1), whole_number(values, "count", 20)
        if count > LARGEST_PAGE:
            raise refuse(1013)
        own = [video for video in self._store.all("youku-video", account=account["account"]) if _exists(video)]
        by_views = values.get("orderby") == "view-count"
        own.sort(key=lambda video: float(video["views"] if by_views else video["committed"]), reverse=True)
        chosen = own[(page - 1) * count : page * count]
        videos = [self._details(video) for video in chosen]
        return json_response({"total": len(own), "page": page, "count": count, "videos": videos})

    def remove(self, video_id: str) -> None:
        """Delete a committed video; the bytes go too. Raises LookupError when there is none."""
        video = self._find(video_id)
        if video is None:
            raise LookupError(video_id)
        self._change(video, deleted=True)
        self.path(video).unlink(missing_ok=True)

    def update(self, request: Request) -> Response:
        """POST videos/update: only the fields that are sent change. ``thumbnail_seq`` picks another cover."""
        values = request.form()
        video = self._own(values)
        sent = {name: values[name] for name in EDITABLE if name in values}
        kept = {name: video[name] for name in EDITABLE}
        if sent.get("public_type", "password") != "password":
            kept["watch_password"] = ""
        fields = metadata(kept | sent)
        cover = {"thumbnail": ""} if (number := whole_number(values, "thumbnail_seq", 0)) else {}
        self._change(video, **fields, **cover, thumbnail_seq=number or video.get("thumbnail_seq", 0))
        return json_response({"id": video["id"]})

    def destroy(self, request: Request) -> Response:
        """POST videos/destroy: the bytes go too."""
        video = self._own(request.form())
        self.remove(str(video["id"]))
        return json_response({"id": video["id"]})

    def categories(self, _: Request) -> Response:
        """GET schemas/video/category: needs no parameter."""
        each = [{"term": term, "label": label, "lang": "zh_CN"} for term, label in CATEGORIES.items()]
        return json_response({"categories": each})

    def page(self, request: Request) -> Response:
        """The page on which a person watches a video; each look counts."""
        video = self._find(request.captured["video_id"])
        if video is None:
            return text_response("没有这个视频", 404)
        state, video_id = self.state(video), video["id"]
        source = f"{self._world.url}/youku/files/{video_id}" if state in PLAYABLE else None
        with self._store.transaction():
            video = self._known(video_id)
            self._change(video, views=video["views"] + 1)
        return player_page(video["title"], source, self._thumbnail(video), f"优酷（模拟） · {state}")

    def file(self, request: Request) -> Response:
        video = self._find(request.captured["video_id"])
        if video is None or self.state(video) not in PLAYABLE:
            return text_response("没有这个视频", 404)
        return file_response(request, self.path(video), media_type(video["file_name"]))

    def picture(self, request: Request) -> Response:
        video = self._find(request.captured["video_id"])
        return thumbnail(video["title"]) if video else text_response("没有这个视频", 404)

    def user_page(self, request: Request) -> Response:
        """The page of a video's owner: what plays."""
        wanted = request.captured["user_id"]
        items = [
            f'<li><a href="{self._world.url}/youku/v_show/id_{video["id"]}.html">{escape(video["title"])}</a></li>'
            for video in self._store.all("youku-video")
            if _exists(video) and str(self._accounts.find(video["account"])["user_id"]) == wanted
        ]
        return html_response(
            f"<!doctype html><meta charset='utf-8'><title>优酷（模拟）</title><ul>{''.join(items)}</ul>"
        )

    def path(self, video: Document) -> Path:
        return self._world.data / str(video["file"])

    def _find(self, video_id: str) -> Document | None:
        # Before its commit a video is only a number: the documents show no state for it.
        video = self._store.get("youku-video", video_id)
        return video if video and _exists(video) else None

    def _known(self, video_id: str) -> Document:
        video = self._find(video_id)
        if video is None:
            raise refuse(120020001)
        return video

    def _own(self, values: Values) -> Document:
        account = self._accounts.user(values)
        require(values, "video_id")
        video = self._known(values["video_id"])
        if video["account"] != account["account"]:
            raise refuse(1006)
        return video

    def _change(self, video: Document, **values: str | int | bool | None) -> None:
        with self._store.transaction():
            current = self._store.get("youku-video", video["id"]) or video
            self._store.put("youku-video", video["id"], current | values)

    def _thumbnail(self, video: Document) -> str:
        """The cover that was handed in with the upload, else the screenshot that was chosen."""
        number = video.get("thumbnail_seq", 0)
        screenshot = f"{self._world.url}/youku/thumbnails/{video['id']}.svg{f'?seq={number}' if number else ''}"
        return str(video.get("thumbnail") or screenshot)

    def _details(self, video: Document) -> Document:
        """The document's example: texts and numbers in its own mixture, times in Beijing."""
        owner = self._accounts.find(video["account"])
        base, video_id, state = f"{self._world.url}/youku", video["id"], self.state(video)
        ready = state in PLAYABLE
        return {
            "id": video_id,
            "title": video["title"],
            "link": f"{base}/v_show/id_{video_id}.html",
            "thumbnail": self._thumbnail(video),
            "duration": f"{video['duration']:.2f}",
            "category": CATEGORIES.get(video["category"], video["category"]),
            "state": state,
            "created": beijing_time(video["created"]),
            "published": beijing_time(video["committed"]) if ready else None,
            "description": video["description"],
            "player": f"{base}/player.php/sid/{video_id}/v.swf",
            "public_type": video["public_type"],
            "copyright_type": video["copyright_type"],
            "user": {"id": owner["user_id"], "name": owner["user_name"], "link": f"{base}/u/{owner['user_id']}"},
            "tags": video["tags"],
            "view_count": video["views"],
            "operation_limit": [],
            "streamtypes": STREAMS if ready else [],
        }

    def _row(self, video: Document) -> VideoRow:
        upload = self._store.get("youku-upload", video["upload_token"])
        unfinished = "cancelled" if upload is None or upload["state"] == "cancelled" else "uploading"
        state = "deleted" if video["deleted"] else unfinished if video["committed"] is None else self.state(video)
        return {
            "platform": "youku",
            "id": video["id"],
            "account": video["account"],
            "title": video["title"],
            "state": state,
            "md5": video["md5"],
            "size": video["size"],
            "created": video["created"],
            "page": f"{self._world.url}/youku/v_show/id_{video['id']}.html",
            "received": self._world.received.size("youku", video["id"]),
            "parts": self._world.received.parts("youku", video["id"]),
        }


EDITABLE = ("title", "tags", "description", "category", "copyright_type", "public_type", "watch_password")


def _exists(video: Document) -> bool:
    return video["committed"] is not None and not video["deleted"]
