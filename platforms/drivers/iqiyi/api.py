"""iQiyi's calls, one method each (iqiyi-video-cloud.txt). Times are aware UTC, sizes bytes, durations seconds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from platforms.contract import Access, Credentials
from platforms.drivers.iqiyi import mapping
from platforms.errors import Corrupted, LoginExpired, PlatformError, Refused, Temporary
from platforms.transport.answers import Fields, as_float, as_int, as_object, as_text, beijing_time
from platforms.transport.http import Answer, Http
from platforms.transport.slices import md5_hex
from platforms.values import State, gettext_noop, say

T = TypeVar("T")

SECRET_CREDENTIALS = ("client_secret", "access_token", "refresh_token")
MOST_A_PAGE = 100
FILE_ID = re.compile(r"[0-9A-Za-z_-]+")

NOT_ONE_ID = gettext_noop("“%(id)s” is not the id of one iQiyi video.")
OTHER_BYTES = gettext_noop("iQiyi received other bytes than were sent (%(range)s).")
NO_KEY = gettext_noop("This iQiyi account has no client id and client secret: enter both.")

Addresses = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class OpenedUpload:
    """Where the bytes of `file_id` go."""

    upload_url: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, the token that refreshes it, and the seconds it lives (None when not said)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int | None


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
    player_url: str
    play_urls: Addresses


@dataclass(frozen=True, slots=True)
class ListedVideo:
    """One entry of the list of finished videos."""

    file_id: str
    file_name: str
    description: str
    created_at: datetime | None
    size: int | None
    status: int | None
    plays: int | None
    duration: float | None
    image: str
    page_url: str


@dataclass(frozen=True, slots=True)
class VideoPage:
    """One page of the list; `count` is how many videos there are on all pages."""

    count: int
    videos: tuple[ListedVideo, ...]


class Api:
    """The calls of one account. Calls with a token renew it once when iQiyi says that it is not valid any more.

    Every method raises `Temporary`, `BadAnswer`, `LoginExpired` and `Refused` besides what it names itself. Only
    `upload_range` may be called from several threads.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._secrets: frozenset[str] = frozenset()
        self.http = Http(secrets=lambda: self._secrets)

    def open_upload(self, file_type: str, file_size: int) -> OpenedUpload:
        """Ask for an address for `file_size` bytes of a file with extension `file_type`.

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

    def upload_range(self, upload_url: str, file_id: str, file_size: int, first: int, data: bytes) -> None:
        """Send `data`, the bytes from offset `first` of a file of `file_size` bytes.

        Raises `Corrupted` when iQiyi has received something else, `SessionLost` when it has dropped the upload.
        Source: section 1.2.
        """
        bytes_range = f"{first}-{first + len(data) - 1}"
        fields = self._ask(
            "upload_range", "POST", upload_url, safe=True, params={"type": "body"}, body=data,
            headers={"file_id": file_id, "file_size": str(file_size), "range": bytes_range,
                     "Content-Type": "application/octet-stream"},
        )  # fmt: skip
        accepted, md5 = fields.number("file_range_accepted"), fields.text("range_md5").lower()
        if accepted != len(data) or md5 != md5_hex(data):
            detail = f"range {bytes_range}: accepted {accepted}, md5 {md5}"
            raise Corrupted(say(OTHER_BYTES, range=bytes_range), call="upload_range", detail=detail)

    def finish_upload(self, file_id: str) -> None:
        """Say that every byte was sent; the metadata must have been set. Raises `SessionLost`. Source: section 1.3."""
        self._with_token(
            lambda token: self._ask(
                "finish_upload", "POST", f"{self._uploads}/uploadfinish", safe=False,
                headers={"access_token": token, "file_id": file_id, "range_finished": "true"},
            )
        )  # fmt: skip

    def cancel_upload(self, file_id: str) -> None:
        """Give up a running upload. Source: section 1.4."""
        self._with_token(
            lambda token: self._ask(
                "cancel_upload", "POST", f"{self._uploads}/cancelupload", safe=True,
                headers={"access_token": token, "file_id": file_id, "status": "2"},
            )
        )  # fmt: skip

    def set_info(
        self, file_id: str, file_name: str, description: str, tags: Sequence[str] = (), file_type: str = ""
    ) -> None:
        """Set title, description, tags (without commas) and category, each time all of them. Source: section 1.5."""
        params = {"file_id": file_id, "file_name": file_name, "description": description}
        params |= {"tags": ",".join(tags)} if tags else {}
        params |= {"file_type": file_type} if file_type else {}
        self._get("set_info", "/api/file/info", params)

    def authorize(self, client_id: str, client_secret: str) -> Token:
        """A new pair of tokens for key and secret; raises `LoginExpired` when they are wrong. Source: section 2."""
        self._secrets |= {client_secret}
        return self._tokens(
            self._ask(
                "authorize", "GET", f"{self._openapi}/api/iqiyi/authorize", safe=True,
                params={"client_id": client_id, "client_secret": client_secret},
            )
        )  # fmt: skip

    def refresh_token(self, client_id: str, refresh_token: str) -> Token:
        """A new pair of tokens for a refresh token, which works once. Source: section 3."""
        self._secrets |= {refresh_token}
        return self._tokens(
            self._ask(
                "refresh_token", "GET", f"{self._openapi}/api/oauth2/token", safe=False,
                params={"client_id": client_id, "grant_type": "refresh_token", "refresh_token": refresh_token},
            )
        )  # fmt: skip

    def get_full_status(self, file_id: str) -> FullStatus:
        """The state of one file, also of one that is still uploading or not there any more. Source: section 4."""
        fields = self._get("get_full_status", "/api/file/fullStatus", {"file_id": file_id}, any_code=True)
        code, data = as_text(fields.body.get("code")), as_object(fields.body.get("data"))
        state, words = mapping.FULL_STATES.get(code, (None, ""))
        said = as_text(data.get("msg")) or as_text(fields.body.get("msg"))
        return FullStatus(
            file_id, code, state, said or words, as_text(data.get("img")) or as_text(data.get("thumbnail")),
            as_text(data.get("swfurl")), _addresses(data.get("urllist")),
        )  # fmt: skip

    def list_videos(self, file_ids: Collection[str] = (), page: int = 1, page_size: int = MOST_A_PAGE) -> VideoPage:
        """Finished, approved videos: of these ids, or all of the account's. At most 100 a page. Source: section 5."""
        params = {"page": page, "page_size": page_size} | ({"file_ids": ",".join(file_ids)} if file_ids else {})
        fields = self._get("list_videos", "/api/file/videoListForExternal", params)
        videos = tuple(_listed(entry.body) for entry in fields.each("data"))
        return VideoPage(as_int(fields.body.get("count")) or len(videos), tuple(v for v in videos if v.file_id))

    def get_play_urls(self, file_id: str) -> Addresses:
        """Play addresses by container and definition, good for 15 minutes: never store them. Source: section 6."""
        fields = self._get("get_play_urls", "/api/file/urllist", {"file_id": file_id})
        return _addresses(fields.inner("data").body)

    def delete_video(self, file_id: str) -> None:
        """Delete this one video for good. Source: section 7.

        The call's `delete_type=0` would delete everything the account has: nothing here can send it.
        """
        if not FILE_ID.fullmatch(file_id):
            raise Refused(say(NOT_ONE_ID, id=file_id), call="delete_video")
        self._get("delete_video", "/api/file/delete", {"delete_type": "1", "file_ids": file_id}, safe=False)

    def renew_token(self, stale_token: str) -> tuple[Credentials, int | None]:
        """Replace a token that is not accepted any more; answers the new credentials and the seconds they live.

        The seconds are None when another process had renewed it. Raises `LoginExpired` when a person has to act.
        """
        lifetimes: list[int | None] = []

        def fetch(credentials: Credentials) -> Mapping[str, str | int]:
            token = self._fetch(credentials)
            lifetimes.append(token.expires_in)
            fetched: dict[str, str | int] = {"access_token": token.access_token}
            fetched |= {"refresh_token": token.refresh_token} if token.refresh_token else {}
            return fetched | ({"expires_in": token.expires_in} if token.expires_in else {})

        credentials = self._hide(self._access.renew(stale_token, fetch))
        return credentials, lifetimes[-1] if lifetimes else None

    def token(self) -> str:
        """The access token as it is stored now; the first one is fetched with key and secret."""
        stored = self._hide(self._access.credentials).get("access_token", "")
        return stored or self.renew_token("")[0]["access_token"]

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

    def _fetch(self, credentials: Credentials) -> Token:
        client_id, secret = credentials.get("client_id", ""), credentials.get("client_secret", "")
        if not client_id or not secret:
            raise LoginExpired(say(NO_KEY), call="authorize", field="client_secret" if client_id else "client_id")
        if refresh_token := credentials.get("refresh_token", ""):
            try:
                return self.refresh_token(client_id, refresh_token)
            except Temporary:
                raise
            except PlatformError:
                # Key and secret are enough for a new pair, whatever has become of the old one.
                pass
        return self.authorize(client_id, secret)

    def _with_token(self, send: Callable[[str], T]) -> T:
        token = self.token()
        try:
            return send(token)
        except LoginExpired as error:
            if error.code not in mapping.STALE_TOKEN:
                raise
        return send(self.renew_token(token)[0]["access_token"])

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
        body: bytes | None = None,
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
        description=as_text(entry.get("description")),
        created_at=beijing_time(entry.get("createTime")),
        size=as_int(entry.get("fileSize")),
        status=as_int(entry.get("fileStatus")),
        plays=as_int(entry.get("playCount")),
        duration=as_float(entry.get("duration")),
        image=as_text(entry.get("img")) or as_text(entry.get("originalImg")),
        page_url=as_text(entry.get("pageUrl")).strip(),
    )


def _addresses(value: object) -> Addresses:
    return {
        container: {definition: as_text(url) for definition, url in as_object(urls).items()}
        for container, urls in as_object(value).items()
    }
