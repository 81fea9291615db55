"""iQiyi's video cloud as one service: the calls, and what tests and the control pages may ask."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from sandbox.core import MAIN_ACCOUNT, Planted, Platform, Route, VideoRow, World
from sandbox.faults import FaultKind, Strike
from sandbox.iqiyi import answers
from sandbox.iqiyi.accounts import Accounts
from sandbox.iqiyi.library import Library, State
from sandbox.iqiyi.media import Media
from sandbox.iqiyi.openapi import OpenApi
from sandbox.iqiyi.uploads import Uploads
from sandbox.messages import Request, Response, json_response


class Iqiyi(Platform):
    """``/iqiyi`` is openapi.iqiyi.com, ``/iqiyi-upload`` upload.iqiyi.com, ``/iqiyi-media`` what is shown."""

    name: ClassVar[str] = "iqiyi"
    prefixes: ClassVar[tuple[str, ...]] = ("iqiyi", "iqiyi-upload", "iqiyi-media")

    def __init__(self, world: World) -> None:
        self._accounts = Accounts(world, self.write_credentials)
        self._library = Library(world)
        self._media = Media(world, self._library)
        self._uploads = Uploads(world, self._accounts, self._library)
        self._openapi = OpenApi(self._accounts, self._library, self._media)
        super().__init__(world)

    def routes(self) -> Sequence[Route]:
        uploads, openapi, accounts, media = self._uploads, self._openapi, self._accounts, self._media
        return (
            Route("GET", "/iqiyi-upload/openupload", uploads.open),
            Route("POST", "/iqiyi-upload/{node}/upload", uploads.upload),
            Route("POST", "/iqiyi-upload/uploadfinish", uploads.finish),
            Route("POST", "/iqiyi-upload/cancelupload", uploads.cancel),
            Route("GET", "/iqiyi/api/file/info", openapi.info),
            Route("GET", "/iqiyi/api/iqiyi/authorize", accounts.authorize),
            Route("GET", "/iqiyi/api/oauth2/token", accounts.token),
            Route("GET", "/iqiyi/api/file/fullStatus", openapi.full_status),
            Route("GET", "/iqiyi/api/file/videoListForExternal", openapi.video_list),
            Route("GET", "/iqiyi/api/file/urllist", openapi.url_list),
            Route("GET", "/iqiyi/api/file/delete", openapi.delete),
            Route("GET", "/iqiyi-media/thumb/{file_id}.svg", media.show_picture),
            Route("GET", "/iqiyi-media/common/qplay.html", media.show_page),
            Route("GET", "/iqiyi-media/dispatcher/shareplayer.swf", media.show_page),
            Route("GET", "/iqiyi-media/videos/{file_id}/{definition}.{container}", media.play),
        )

    def no_such_path(self, request: Request) -> Response:
        return json_response({"code": answers.FAILED, "msg": "接口不存在"}, 404)

    def wrong_method(self, request: Request, allowed: Sequence[str]) -> Response:
        return json_response({"code": answers.FAILED, "msg": f"应使用 {'、'.join(allowed)}"}, 405)

    def strikes(self) -> Mapping[FaultKind, Strike]:
        part, upload, files = "/iqiyi-upload/{node}/upload", "/iqiyi-upload/", "/iqiyi/api/file/"
        finish, info = f"{upload}uploadfinish", f"{files}info"
        calls = ("fullStatus", "videoListForExternal", "urllist", "delete")
        with_token = {finish, info, *(f"{files}{call}" for call in calls)}
        with_token |= {f"{upload}openupload", f"{upload}cancelupload"}
        return {
            FaultKind.EXPIRED_TOKEN: Strike(frozenset(with_token), self._expire_token),
            FaultKind.DROPPED_SESSION: Strike(frozenset({part, finish, info}), self._drop_session),
            FaultKind.WRONG_MD5: Strike(frozenset({part}), Request.damage),
        }

    def _expire_token(self, request: Request) -> None:
        self._accounts.expire(request.header("access_token") or request.query.get("access_token", ""))

    def _drop_session(self, request: Request) -> None:
        """What is complete is no upload any more."""
        video = self._library.get(request.header("file_id") or request.query.get("file_id", ""))
        if video is not None and self._library.state(video) == State.UPLOADING:
            self._library.stop(video, State.CANCELLED)

    def upload_key(self, request: Request) -> str:
        is_part = request.path.startswith("/iqiyi-upload/") and request.path.endswith("/upload")
        return request.header("file_id") if is_part else ""

    def credentials(self, account: str = MAIN_ACCOUNT) -> dict[str, str]:
        """``client_id``, ``client_secret`` and the newest ``access_token`` and ``refresh_token``."""
        found = self._accounts.named(account)
        return {name: found[name] for name in ("client_id", "client_secret", "access_token", "refresh_token")}

    def videos(self) -> list[VideoRow]:
        """``state`` is one of ``library.State``."""
        return [
            VideoRow(
                platform=self.name,
                id=video["file_id"],
                account=self._accounts.name_of(video["client_id"]),
                title=video["title"],
                state=self._library.state(video).value,
                md5=video["md5"],
                size=video["size"],
                created=video["created"],
                page=self._media.page(video),
                received=self.world.received.size(self.name, video["file_id"]),
                parts=self.world.received.parts(self.name, video["file_id"]),
            )
            for video in self._library.all()
        ]

    def plant(self, videos: Iterable[Planted], account: str = MAIN_ACCOUNT) -> list[str]:
        return self._library.plant(self._accounts.named(account)["client_id"], videos)

    def remove(self, video_id: str) -> None:
        video = self._library.get(video_id)
        if video is None or video["stopped"]:
            raise LookupError(video_id)
        self._library.stop(video, State.DELETED)

    @property
    def token_lifetime(self) -> int:
        """Seconds that access tokens issued from now on live."""
        return self._accounts.token_lifetime

    @token_lifetime.setter
    def token_lifetime(self, seconds: int) -> None:
        self._accounts.token_lifetime = seconds

    @property
    def quota(self) -> int | None:
        """Bytes that one application may hold before ``openupload`` answers A00018; None: no limit."""
        return self._uploads.quota

    @quota.setter
    def quota(self, size: int | None) -> None:
        self._uploads.quota = size

    @property
    def application(self) -> str:
        """A00000, or the code of an application that may not upload: A00005, A00007, A00008 or A00009."""
        return self._uploads.application

    @application.setter
    def application(self, code: str) -> None:
        self._uploads.application = code

    def set_state(self, file_id: str, state: str | None) -> None:
        """Fix a file's state, one of ``library.State``; None lets time decide again. Raises LookupError, ValueError."""
        fixed = None if state is None else State(state).value
        self._library.change(file_id, lambda video: video.update(forced=fixed))

    def add_plays(self, file_id: str, plays: int = 1) -> None:
        """Count plays of a published file. Raises LookupError when there is no such file."""
        self._media.count_plays(file_id, plays)

    def received(self, file_id: str) -> list[tuple[int, int]]:
        """The [start, end) spans that have arrived, sorted. Raises LookupError when there is no such file."""
        video = self._library.get(file_id)
        if video is None:
            raise LookupError(file_id)
        return [(start, end) for start, end in video["ranges"]]
