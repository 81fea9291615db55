"""Baijiayun as one service: the calls, and what tests and the control pages may ask."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from sandbox.baijiayun.accounts import Accounts
from sandbox.baijiayun.callbacks import Callbacks
from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.categories import Categories
from sandbox.baijiayun.definitions import STATUSES
from sandbox.baijiayun.errors import Code, failure, success
from sandbox.baijiayun.library import Library
from sandbox.baijiayun.media import Media
from sandbox.baijiayun.players import Players
from sandbox.baijiayun.statistics import Statistics
from sandbox.baijiayun.subtitles import Subtitles
from sandbox.baijiayun.traffic import Traffic
from sandbox.baijiayun.uploads import Uploads
from sandbox.baijiayun.videos import Videos
from sandbox.core import MAIN_ACCOUNT, Planted, Platform, Route, VideoRow, World
from sandbox.faults import FaultKind, Strike
from sandbox.messages import Request, Response
from sandbox.store import Document

POST, GET, BOTH = ("POST",), ("GET",), ("POST", "GET")

Row = tuple[Sequence[str], str, Callable[[Call], Any]]


class Baijiayun(Platform):
    """``/baijiayun/DOMAIN`` is DOMAIN.at.baijiayun.com; uploads, films, pictures and pages have other prefixes."""

    name: ClassVar[str] = "baijiayun"
    prefixes: ClassVar[tuple[str, ...]] = (
        "baijiayun",
        "baijiayun-upload",
        "baijiayun-video",
        "baijiayun-img",
        "baijiayun-web",
    )

    def __init__(self, world: World) -> None:
        self._accounts = Accounts(world, self.write_credentials)
        self._library = Library(world)
        self._traffic = Traffic(world)
        self._media = Media(world, self._library, self._traffic)
        self._callbacks = Callbacks(world, self._accounts, self._library, self._media)
        self._uploads = Uploads(world, self._library, self._callbacks)
        self._categories = Categories(world, self._library)
        self._videos = Videos(self._library, self._media, self._categories, self._callbacks)
        self._players = Players(world, self._accounts, self._library, self._media, self._traffic)
        self._statistics = Statistics(self._library, self._traffic)
        self._subtitles = Subtitles(world, self._accounts, self._library)
        super().__init__(world)

    def rows(self) -> Sequence[Row]:
        """Methods, path and handler of every call that is signed as a whole. Without a stated method, both will do."""
        uploads, videos, categories, players = self._uploads, self._videos, self._categories, self._players
        statistics, subtitles, callbacks = self._statistics, self._subtitles, self._callbacks
        return (
            (POST, "video/getUploadUrl", uploads.get_upload_url),
            (POST, "video/getResumeUploadUrl", uploads.get_resume_upload_url),
            (POST, "video/getStatus", videos.get_status),
            (POST, "video/getInfo", videos.get_info),
            (POST, "video/getImage", videos.get_image),
            (POST, "video/removeDefinition", videos.remove_definition),
            (BOTH, "video/deleteOriginVideo", videos.delete_origin),
            (POST, "video/update", videos.update),
            (POST, "video/delete", videos.delete),
            (POST, "video/getCategoryList", categories.list_all),
            (POST, "video/getCategoryInfo", categories.get),
            (POST, "video/addCategory", categories.add),
            (POST, "video/deleteCategory", categories.delete),
            (POST, "video/getCategoryVideo", videos.list_category),
            (POST, "video/setVideoCategory", categories.assign),
            (POST, "video/getPlayerToken", players.get_token),
            (POST, "video/getPlayerTokenBatch", players.get_tokens),
            (POST, "video_account/getAccountInfo", statistics.account_info),
            (POST, "video_data/getUsedFlow", statistics.video_flow),
            (POST, "video_account/getUsedFlow", statistics.account_flow),
            (POST, "video/getUrl", videos.get_url),
            (POST, "video_data/getVideoPlayRecord", statistics.video_records),
            (POST, "video_data/exportVideoReportBatch", statistics.account_records),
            (POST, "video/setPublishStatus", videos.set_publish_status),
            (BOTH, "video/getShareUrl", players.get_share_urls),
            (BOTH, "video_data/getVideoPlayCountRank", statistics.rank),
            (BOTH, "video_data/getVideoDailyPlayCount", statistics.video_plays),
            (BOTH, "video_data/getPartnerDailyPlayCount", statistics.account_plays),
            (POST, "video/getVideoList", videos.list_all),
            (BOTH, "video/getSubtitleList", subtitles.list_all),
            (BOTH, "video/updateSubtitle", subtitles.rename),
            (BOTH, "video/setDefaultSubtitle", subtitles.set_default),
            (BOTH, "video/deleteSubtitle", subtitles.delete),
            (GET, "video_account/getUsedFlowDetail", statistics.daily_flow),
            (GET, "video_data/getUsedFlowDetail", statistics.daily_video_flow),
            (GET, "video_account/getStorgeAndFlowInfo", statistics.storage_and_flow),
            (POST, "video/transcodeAgain", videos.transcode_again),
            (BOTH, "video_account/setTranscodeCallbackUrl", callbacks.set_url),
            (BOTH, "video_account/getTranscodeCallbackUrl", callbacks.get_url),
        )

    def routes(self) -> Sequence[Route]:
        api = "/baijiayun/{domain}/openapi/"
        film = "/baijiayun-video/{mark}/{expires}/{video_id}_{definition}_{kind}.{extension}"
        piece = "/baijiayun-video/{mark}/{expires}/{video_id}_{definition}_{kind}-{piece}.{extension}"
        signed = [
            Route(method, api + path, self._signed(handler))
            for methods, path, handler in self.rows()
            for method in methods
        ]
        return (
            *signed,
            *(Route(method, f"{api}partner/createkey", self._accounts.create_key) for method in BOTH),
            Route("POST", f"{api}video/uploadSubtitle", self._subtitles.upload),
            Route("POST", "/baijiayun-upload/upload", self._uploads.upload),
            Route("GET", piece, self._media.play),
            Route("GET", film, self._media.play),
            Route("GET", "/baijiayun-img/image/{video_id}_{number}.svg", self._media.show_picture),
            Route("GET", "/baijiayun-img/baijiacloud/{file}", self._subtitles.show),
            Route("GET", "/baijiayun-web/web/video/player", self._players.show_page),
            Route("GET", "/baijiayun-web/swf/player.swf", self._players.show_page),
            Route("GET", "/baijiayun-web/web/playback/asset/bjcVideoPlayer.js", self._players.show_script),
        )

    def strikes(self) -> Mapping[FaultKind, Strike]:
        """There are no tokens that could expire. A whole file that arrives damaged is what the video becomes."""
        upload = "/baijiayun-upload/upload"
        about = {f"/baijiayun/{{domain}}/openapi/video/{call}" for call in ("getResumeUploadUrl", "getStatus")}
        return {
            FaultKind.DROPPED_SESSION: Strike(frozenset({upload, *about}), self._uploads.drop),
            FaultKind.EXPIRED_ADDRESS: Strike(frozenset({upload}), self._uploads.expire_address),
            FaultKind.WRONG_MD5: Strike(frozenset({upload}), Request.damage),
        }

    def upload_key(self, request: Request) -> str:
        return request.query.get("fid", "") if request.path == "/baijiayun-upload/upload" else ""

    def _signed(self, handler: Callable[[Call], Any]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            return success(handler(self._accounts.authenticate(request)), self.world.clock.now())

        return answer

    def no_such_path(self, request: Request) -> Response:
        return failure(Code.NO_SUCH_CALL, status=404)

    def wrong_method(self, request: Request, allowed: Sequence[str]) -> Response:
        return failure(Code.WRONG_METHOD, f"应使用 {'、'.join(allowed)}", 405)

    def start(self) -> None:
        self._callbacks.start()

    def stop(self) -> None:
        self._callbacks.stop()

    def credentials(self, account: str = MAIN_ACCOUNT) -> dict[str, str]:
        """``private_domain``, ``partner_id``, ``partner_key`` and ``secret_key``."""
        found = self._accounts.named(account)
        return {name: found[name] for name in ("private_domain", "partner_id", "partner_key", "secret_key")}

    def videos(self) -> list[VideoRow]:
        """``state``: uploading, transcoding, published, blocked, rejected, failed, timeout or deleted."""
        return [
            VideoRow(
                platform=self.name,
                id=str(video["video_id"]),
                account=self._accounts.partner(video["partner_id"])["name"],
                title=video["name"],
                state=self._library.word(video),
                md5=video["md5"],
                size=video["size"],
                created=video["created"],
                page=self._players.page_url(video),
                received=self.world.received.size(self.name, video["video_id"]),
                parts=self.world.received.parts(self.name, video["video_id"]),
            )
            for video in self._library.all()
        ]

    def plant(self, videos: Iterable[Planted], account: str = MAIN_ACCOUNT) -> list[str]:
        return self._library.plant(self._accounts.named(account)["partner_id"], videos)

    def remove(self, video_id: str) -> None:
        self._library.delete(self._known(int(video_id)))

    @property
    def content_range_base(self) -> int | None:
        """What number a chunk's first byte has: 1 (default) or 0. None: chunks are not supported and kept nowhere."""
        return self._uploads.content_range_base

    @content_range_base.setter
    def content_range_base(self, base: int | None) -> None:
        if base not in {0, 1, None}:
            raise ValueError("content_range_base is 0, 1 or None")
        self._uploads.content_range_base = base

    @property
    def upload_lifetime(self) -> int:
        """Seconds that an upload address is good for, counted from when it was handed out."""
        return self._uploads.lifetime

    @upload_lifetime.setter
    def upload_lifetime(self, seconds: int) -> None:
        self._uploads.lifetime = seconds

    @property
    def encryption(self) -> bool:
        """Whether accounts may encrypt: then they do, unless a call asks for the opposite."""
        return self._uploads.encryption

    @encryption.setter
    def encryption(self, allowed: bool) -> None:
        self._uploads.encryption = allowed

    def upload_size(self, video_id: int) -> int:
        """Bytes of the file that have arrived and count. Raises LookupError when there is no such video."""
        return int(self._known(video_id)["upload_size"])

    def set_status(self, video_id: int, status: int | None) -> None:
        """Fix the transcoding status (10, 20, 30, 31, 32 or 100); None lets time decide again.

        Raises LookupError when there is no such video.
        """
        if status is not None and status not in STATUSES:
            raise ValueError(f"Baijiayun has no status {status}")
        self._library.update(self._known(video_id), forced_status=status)

    def set_audit(self, video_id: int, audit: int | None) -> None:
        """Fix the audit status (0, 1 or 2); None lets time decide again. Raises LookupError."""
        if audit not in {0, 1, 2, None}:
            raise ValueError("audit is 0, 1, 2 or None")
        self._library.update(self._known(video_id), forced_audit=audit)

    def set_plan(self, account: str = MAIN_ACCOUNT, **values: int | str) -> None:
        """Change what API-20 shows: type, status, charge_type, total_storage, flow_limit, effect_time, expire_time."""
        found = self._accounts.named(account)
        if unknown := values.keys() - found.keys():
            raise ValueError(f"a plan has no {', '.join(sorted(unknown))}")
        self._accounts.change(found["partner_id"], **values)

    def set_authorization(self, url: str, account: str = MAIN_ACCOUNT, always: bool = False) -> None:
        """Third-party authorization: ``url`` is asked about every access key ("" switches it off).

        ``always``: pages without an access key are refused.
        """
        partner_id = self._accounts.named(account)["partner_id"]
        self._accounts.change(partner_id, authorize_url=url, authorize_always=always)

    def add_play(self, video_id: int, at: float | None = None, **values: str | int) -> Document:
        """Record one play; ``at`` in unix seconds, ``values`` as in API-24. Answers the record."""
        return self._traffic.add_play(self._known(video_id), at, **values)

    def add_flow(self, video_id: int, size: int, day: date | None = None) -> None:
        """Record delivered bytes of a day (Beijing time, by default today); they show from the next day on."""
        self._traffic.add_flow(self._known(video_id), size, day)

    def callbacks(self) -> list[Document]:
        """Every callback event: qid, video_id, status, attempts, outcome ("", delivered, given up, unwanted)."""
        return self._callbacks.all()

    def _known(self, video_id: int) -> Document:
        video = self._library.find(video_id)
        if video is None:
            raise LookupError(video_id)
        return video
