"""iQiyi's calls, one method each (iqiyi-video-cloud.txt). Times are aware UTC, sizes bytes, durations seconds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from platforms.contract import Access, Credentials, Source
from platforms.drivers.iqiyi import mapping
from platforms.errors import Corrupted, LoginExpired, PlatformError, Refused, Temporary
from platforms.transport.answers import Fields, as_float, as_int, as_object, as_text, beijing_time
from platforms.transport.bodies import FileBody
from platforms.transport.documented import documented
from platforms.transport.http import Answer, Body, Http
from platforms.transport.limits import check_number, check_page
from platforms.transport.slices import ByteRange
from platforms.values import State, gettext_noop, say

T = TypeVar("T")

SECRET_CREDENTIALS = ("client_secret", "access_token", "refresh_token")
MOST_A_PAGE = 100
FILE_ID = re.compile(r"[0-9A-Za-z_-]+")

NOT_ONE_ID = gettext_noop("“%(id)s” is not the id of one iQiyi video.")
OTHER_BYTES = gettext_noop("iQiyi received other bytes than were sent (%(range)s).")
NO_REFRESH_TOKEN = gettext_noop("This iQiyi account has no refresh token: fetch a new pair of tokens with its key.")
NO_KEY = gettext_noop("This iQiyi account has no client id and client secret: enter both.")

Addresses = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class OpenedUpload:
    """Where the bytes of `file_id` go."""

    upload_url: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, the token that refreshes it, and the seconds it lives (None when not said).

    `is_new` is False for one that another process had fetched meanwhile.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int | None
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class FullStatus:
    """The state of one file. `code` is what iQiyi said, `state` None for a code that we do not know.

    `play_urls` by container ("mp4", "m3u8") and definition ("1", "2", "96"), good for about 15 minutes.
    """

    file_id: str
    code: str
    state: State | None
    words: str
    image: str
    thumbnail: str
    player_url: str
    play_urls: Addresses


@dataclass(frozen=True, slots=True)
class ListedVideo:
    """One entry of the list of finished videos. `size` in bytes, `duration` in seconds, None: not said.

    `status` is as iQiyi writes it, "" when not said.
    """

    file_id: str
    file_name: str
    description: str | None
    created_at: datetime | None
    size: int | None
    status: str
    plays: int | None
    duration: float | None
    image: str
    original_image: str
    thumbnail: str
    page_url: str


@dataclass(frozen=True, slots=True)
class VideoPage:
    """One page of the list; `count` is how many videos there are on all pages, None when not said."""

    count: int | None
    videos: tuple[ListedVideo, ...]


class Api:
    """The calls of one account. Calls with a token renew it once when iQiyi says that it is not valid any more.

    Every method raises `Temporary`, `BadAnswer`, `LoginExpired` and `Refused` besides what it names itself. Only
    `upload_range` may be called from several threads. Client id, client secret and tokens are the account's own.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._secrets: frozenset[str] = frozenset()
        self.http = Http(secrets=lambda: self._secrets)

    @documented(
        "IQ-01", "GET {upload}/openupload", "iqiyi-video-cloud.txt 1.1", file_type="filetype", file_size="filesize"
    )
    def open_upload(self, file_type: str, file_size: int) -> OpenedUpload:
        """Ask for an address for a file of `file_size` bytes whose extension is `file_type`: mp4, avi, ...

        Raises `QuotaReached` (A00018), and `LoginExpired` for an application that may not upload. Source: section 1.1.
        """
        fields = self._with_token(
            lambda token: self._ask(
                "open_upload", "GET", f"{self._uploads}/openupload", safe=False,
                headers={"access_token": token, "filetype": file_type, "filesize": str(file_size)},
            )
        ).inner("data")  # fmt: skip
        url = fields.text("upload_url")
        return OpenedUpload(url if "://" in url else f"http://{url}", fields.text("file_id"))

    @documented("IQ-02", "POST {upload_url}", "iqiyi-video-cloud.txt 1.2")
    def upload_range(self, upload_url: str, file_id: str, file_size: int, range: ByteRange, file: Source) -> None:
        """Send the bytes `range` (offsets from 0, both included) of `file`, which is `file_size` bytes long.

        Raises `Corrupted` when iQiyi has received something else, `SessionLost` when it has dropped the upload, and
        `SourceChanged` when the file does not have these bytes. Source: section 1.2.
        """
        check_number("upload_range", "range", range.last, 0, file_size - 1)
        body = FileBody(file, range.first, len(range), hashlib.md5)
        fields = self._ask(
            "upload_range", "POST", upload_url, safe=True, params={"type": "body"}, body=body,
            headers={"file_id": file_id, "file_size": str(file_size), "range": str(range),
                     "Content-Type": "application/octet-stream"},
        )  # fmt: skip
        accepted, md5 = fields.number("file_range_accepted"), fields.text("range_md5").lower()
        if accepted != len(body) or md5 != body.hexdigest():
            detail = f"range {range}: accepted {accepted}, md5 {md5}"
            raise Corrupted(say(OTHER_BYTES, range=str(range)), call="upload_range", detail=detail)

    @documented("IQ-03", "POST {upload}/uploadfinish", "iqiyi-video-cloud.txt 1.3")
    def finish_upload(self, file_id: str) -> None:
        """Say that every byte was sent; the metadata must have been set. Raises `SessionLost`. Source: section 1.3."""
        self._with_token(
            lambda token: self._ask(
                "finish_upload", "POST", f"{self._uploads}/uploadfinish", safe=False,
                headers={"access_token": token, "file_id": file_id, "range_finished": "true"},
            )
        )  # fmt: skip

    @documented(
        "IQ-04", "POST {upload}/cancelupload", "iqiyi-video-cloud.txt 1.4",
        danger=gettext_noop("It gives up the upload: every byte that was sent is lost."),
    )  # fmt: skip
    def cancel_upload(self, file_id: str) -> None:
        """Give up a running upload; what was sent is lost. Source: section 1.4."""
        self._with_token(
            lambda token: self._ask(
                "cancel_upload", "POST", f"{self._uploads}/cancelupload", safe=True,
                headers={"access_token": token, "file_id": file_id, "status": "2"},
            )
        )  # fmt: skip

    @documented("IQ-05", "GET /api/file/info", "iqiyi-video-cloud.txt 1.5")
    def set_info(
        self, file_id: str, file_name: str, description: str, tags: Sequence[str] = (), file_type: str = ""
    ) -> None:
        """Set title (`file_name`), description, tags (none with a comma) and category, each time all of them.

        `file_type` is a key of `mapping.CATEGORIES`. Raises `Refused` with Q00001 for anything that is not taken.
        Source: section 1.5.
        """
        params = {"file_id": file_id, "file_name": file_name, "description": description}
        params |= {"tags": ",".join(tags)} if tags else {}
        params |= {"file_type": file_type} if file_type else {}
        self._get("set_info", "/api/file/info", params)

    @documented("IQ-06", "GET /api/iqiyi/authorize", "iqiyi-video-cloud.txt 2")
    def authorize(self) -> Token:
        """Fetch a new pair of tokens with the account's client id and secret, and store it.

        Raises `LoginExpired` when they are wrong or missing. Source: section 2.
        """
        return self._replace(self._stored_token(), self._authorized)

    @documented("IQ-07", "GET /api/oauth2/token", "iqiyi-video-cloud.txt 3")
    def refresh_token(self) -> Token:
        """Fetch a new pair of tokens with the account's refresh token, which works once, and store it.

        Raises `LoginExpired` when it is dead or missing. Source: section 3.
        """
        return self._replace(self._stored_token(), self._refreshed)

    @documented("IQ-08", "GET /api/file/fullStatus", "iqiyi-video-cloud.txt 4")
    def get_full_status(self, file_id: str) -> FullStatus:
        """The state of one file, also of one that is still uploading or not there any more. Source: section 4."""
        fields = self._get("get_full_status", "/api/file/fullStatus", {"file_id": file_id}, any_code=True)
        code, data = as_text(fields.body.get("code")), as_object(fields.body.get("data"))
        state, words = mapping.FULL_STATES.get(code, (None, ""))
        said = as_text(data.get("msg")) or as_text(fields.body.get("msg"))
        return FullStatus(
            file_id, code, state, said or words, as_text(data.get("img")), as_text(data.get("thumbnail")),
            as_text(data.get("swfurl")), _addresses(data.get("urllist")),
        )  # fmt: skip

    @documented("IQ-09", "GET /api/file/videoListForExternal", "iqiyi-video-cloud.txt 5")
    def list_videos(self, file_ids: Collection[str] = (), page_size: int = 20, page: int = 1) -> VideoPage:
        """Finished, approved videos: those of these ids, or all of the account's.

        `page` counts from 1, `page_size` is at most 100. Source: section 5.
        """
        check_page("list_videos", page, page_size, MOST_A_PAGE)
        params = {"page": page, "page_size": page_size} | ({"file_ids": ",".join(file_ids)} if file_ids else {})
        fields = self._get("list_videos", "/api/file/videoListForExternal", params)
        videos = tuple(_listed(entry.body) for entry in fields.each("data"))
        return VideoPage(as_int(fields.body.get("count")), tuple(v for v in videos if v.file_id))

    @documented("IQ-10", "GET /api/file/urllist", "iqiyi-video-cloud.txt 6")
    def get_play_urls(self, file_id: str) -> Addresses:
        """Play addresses by container and definition, good for 15 minutes: never store them. Source: section 6."""
        fields = self._get("get_play_urls", "/api/file/urllist", {"file_id": file_id})
        return _addresses(fields.inner("data").body)

    @documented(
        "IQ-11", "GET /api/file/delete", "iqiyi-video-cloud.txt 7", file_id="file_ids",
        danger=gettext_noop("It deletes the video for good."),
    )  # fmt: skip
    def delete_video(self, file_id: str) -> None:
        """Delete this one video for good. Source: section 7.

        The call's `delete_type=0` would delete everything the account has: nothing here can send it.
        """
        if not FILE_ID.fullmatch(file_id):
            raise Refused(say(NOT_ONE_ID, id=file_id), field="file_ids", call="delete_video")
        self._get("delete_video", "/api/file/delete", {"delete_type": "1", "file_ids": file_id}, safe=False)

    def renew_token(self, stale_token: str) -> Token:
        """Replace a token that is not accepted any more, by whatever the account has for it.

        Raises `LoginExpired` when a person has to act.
        """
        return self._replace(stale_token, self._fetched)

    def token(self) -> str:
        """The access token as it is stored now; the first one is fetched with key and secret."""
        return self._stored_token() or self.renew_token("").access_token

    @property
    def _openapi(self) -> str:
        return self._access.address("IQIYI_API_URL")

    @property
    def _uploads(self) -> str:
        return self._access.address("IQIYI_UPLOAD_URL")

    def _hide(self, credentials: Credentials) -> Credentials:
        """Remember the secrets where sender threads can see them without asking the hub."""
        self._secrets |= {credentials[name] for name in SECRET_CREDENTIALS if credentials.get(name)}
        return credentials

    def _stored_token(self) -> str:
        return self._hide(self._access.credentials).get("access_token", "")

    def _replace(self, stale_token: str, fetch: Callable[[Credentials], Token]) -> Token:
        """Store what `fetch` answers in place of `stale_token`, unless another process was faster."""
        fetched: list[Token] = []

        def changed(credentials: Credentials) -> Mapping[str, str | int]:
            token = fetch(self._hide(credentials))
            fetched.append(token)
            pair: dict[str, str | int] = {"access_token": token.access_token}
            pair |= {"refresh_token": token.refresh_token} if token.refresh_token else {}
            return pair | ({"expires_in": token.expires_in} if token.expires_in else {})

        stored = self._hide(self._access.renew(stale_token, changed))
        lifetime = fetched[-1].expires_in if fetched else None
        return Token(stored.get("access_token", ""), stored.get("refresh_token", ""), lifetime, bool(fetched))

    def _fetched(self, credentials: Credentials) -> Token:
        _client_of(credentials, "refresh_token")
        if credentials.get("refresh_token"):
            try:
                return self._refreshed(credentials)
            except Temporary:
                raise
            except PlatformError:
                # Key and secret are enough for a new pair, whatever has become of the old one.
                pass
        return self._authorized(credentials)

    def _authorized(self, credentials: Credentials) -> Token:
        client_id, secret = _client_of(credentials, "authorize")
        params = {"client_id": client_id, "client_secret": secret}
        return self._tokens(
            self._ask("authorize", "GET", f"{self._openapi}/api/iqiyi/authorize", safe=True, params=params)
        )

    def _refreshed(self, credentials: Credentials) -> Token:
        client_id, refresh_token = credentials.get("client_id", ""), credentials.get("refresh_token", "")
        if not refresh_token:
            raise LoginExpired(say(NO_REFRESH_TOKEN), call="refresh_token", field="refresh_token")
        params = {"client_id": client_id, "grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._tokens(
            self._ask("refresh_token", "GET", f"{self._openapi}/api/oauth2/token", safe=False, params=params)
        )

    def _with_token(self, send: Callable[[str], T]) -> T:
        token = self.token()
        try:
            return send(token)
        except LoginExpired as error:
            if error.code not in mapping.STALE_TOKEN:
                raise
        return send(self.renew_token(token).access_token)

    def _get(
        self, name: str, path: str, params: Mapping[str, str | int], *, safe: bool = True, any_code: bool = False
    ) -> Fields:
        url = self._openapi + path
        return self._with_token(
            lambda token: self._ask(
                name, "GET", url, safe=safe, params={"access_token": token, **params}, any_code=any_code
            )
        )

    def _ask(
        self,
        name: str,
        method: str,
        url: str,
        *,
        safe: bool,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body = None,
        any_code: bool = False,
    ) -> Fields:
        answer = self.http.call(name, method, url, safe=safe, params=params, headers=headers, body=body)
        return _accepted(answer, any_code=any_code)

    def _tokens(self, fields: Fields) -> Token:
        """The pair stands in the answer itself or in its `data`."""
        inner = fields if "access_token" in fields.body else fields.inner("data")
        token, refresh = inner.text("access_token"), as_text(inner.body.get("refresh_token"))
        self._secrets |= {token, refresh} - {""}
        return Token(token, refresh, as_int(inner.body.get("expires_in")))


def _client_of(credentials: Credentials, call: str) -> tuple[str, str]:
    client_id, secret = credentials.get("client_id", ""), credentials.get("client_secret", "")
    if not client_id or not secret:
        raise LoginExpired(say(NO_KEY), call=call, field="client_secret" if client_id else "client_id")
    return client_id, secret


def _accepted(answer: Answer, *, any_code: bool) -> Fields:
    """The fields of an answer that means success, or with `any_code` of one whose code is a video's state."""
    fields = Fields.of(answer)
    code = as_text(fields.body.get("code")).strip()
    if code in mapping.SUCCESS or (not code and "access_token" in fields.body):
        if answer.status < 400:
            return fields
        raise answer.unreadable()
    meaning = mapping.ERRORS.get((answer.call, code)) or mapping.ERRORS.get(("", code))
    if code and any_code and answer.status < 400 and (code in mapping.FULL_STATES or meaning is None):
        return fields
    if not code or (meaning is None and answer.status >= 500):
        raise answer.unreadable()
    raise (meaning or mapping.UNKNOWN).error(answer, code, as_text(fields.body.get("msg")))


def _listed(entry: Mapping[str, object]) -> ListedVideo:
    return ListedVideo(
        file_id=as_text(entry.get("fileId")),
        file_name=as_text(entry.get("fileName")),
        description=as_text(entry["description"]) if "description" in entry else None,
        created_at=beijing_time(entry.get("createTime")),
        size=as_int(entry.get("fileSize")),
        status=as_text(entry.get("fileStatus")).strip(),
        plays=as_int(entry.get("playCount")),
        duration=as_float(entry.get("duration")),
        image=as_text(entry.get("img")),
        original_image=as_text(entry.get("originalImg")),
        thumbnail=as_text(entry.get("thumbnail")),
        page_url=as_text(entry.get("pageUrl")).strip(),
    )


def _addresses(value: object) -> Addresses:
    return {
        container: {definition: as_text(url) for definition, url in as_object(urls).items()}
        for container, urls in as_object(value).items()
    }
