"""Youku's calls, one method each, named as the documents' calls are named in the hub.

Every method raises the kinds of `errors.py`; codes become kinds in `mapping.py`. Times are aware UTC, sizes bytes.
A call that needs the access token refreshes it once when Youku answers that it is not valid (1007, 1008, 1009).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from platforms.contract import Access, Credentials
from platforms.drivers.youku.mapping import (
    EMPTY_TOKEN,
    ERRORS,
    EXPIRED_TOKEN,
    INVALID_TOKEN,
    NO_REFRESH_TOKEN,
    UNKNOWN,
    UNKNOWN_FAULT,
)
from platforms.errors import LoginExpired, PlatformError
from platforms.transport.answers import Fields, as_float, as_int, as_object, as_text, beijing_time, utc_time
from platforms.transport.http import Answer, Http
from platforms.transport.redact import redact
from platforms.values import say

SECRET_CREDENTIALS = ("client_secret", "access_token", "refresh_token")
RENEWABLE = frozenset({str(EMPTY_TOKEN), str(INVALID_TOKEN), str(EXPIRED_TOKEN)})
QUERY_STRING_ERROR = re.compile(rb"\s*(?:[a-z_]+=[^&<{]*&)*(?:error_)?code=-?\d+(?:&|\s*$)")
WORDS_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Sts:
    """Temporary access to one object in Aliyun OSS. `expires_at` is None when the answer names no time."""

    endpoint: str
    access_id: str = field(repr=False)
    access_secret: str = field(repr=False)
    security_token: str = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class CreatedUpload:
    """An upload task. `sts`, `bucket` and `object_name` are there with `isnew=1`, `upload_server_uri` without."""

    video_id: str
    upload_token: str = field(repr=False)
    upload_server_uri: str = ""
    bucket: str = ""
    object_name: str = ""
    sts: Sts | None = None


@dataclass(frozen=True, slots=True)
class SliceTask:
    """A piece of the file that the upload server asks for. `task_id` 0: it has none left to hand out."""

    task_id: int
    offset: int
    length: int
    transferred: int = 0


@dataclass(frozen=True, slots=True)
class UploadCheck:
    """Where a slice upload stands: 1 complete, 2 and 3 wait, 4 slices are left. Percents from 0 to 100."""

    status: int
    upload_server_ip: str
    transferred_percent: int
    confirmed_percent: int


@dataclass(frozen=True, slots=True)
class VideoDetails:
    """One video as videos/show describes it. `duration` in seconds, `view_count` a total."""

    video_id: str
    title: str
    state: str
    link: str
    player: str
    thumbnail: str
    category: str
    duration: float | None
    view_count: int | None
    created_at: datetime | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class VideoPage:
    """One page of videos. `total` counts all pages, None when the answer does not say."""

    total: int | None
    videos: tuple[VideoDetails, ...]


class Api:
    """The calls of one account. Kept-alive connections; threads may share it."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._secrets: frozenset[str] = frozenset()
        self.http = Http(secrets=lambda: self._secrets)

    def refresh_token(self) -> Credentials:
        """Exchange the refresh token for new tokens: `access_token`, `refresh_token`, `expires_in` (seconds, if told).

        Nothing is stored here. Raises `LoginExpired` when a person has to connect the account again.
        Source: youku-oss-upload.txt 刷新登陆凭证.
        """
        return self.fetch_tokens(self.access.credentials)

    def create_upload(
        self,
        *,
        title: str,
        tags: Sequence[str],
        file_name: str,
        file_size: int,
        file_md5: str,
        isnew: bool,
        category: str = "",
        description: str = "",
        copyright_type: str = "",
        public_type: str = "",
        watch_password: str = "",
        deshake: bool = False,
    ) -> CreatedUpload:
        """Create an upload task: over OSS with `isnew`, over slices without. Never repeated by itself.

        Title at most 60 characters; 1 to 10 tags of 2 to 20; description at most 2000; `file_md5` 32 lower-case hex
        digits. Raises `Duplicate` when the account has this file, `Refused` with the field for anything not taken.
        Source: youku-oss-upload.txt 上传创建（uploads/create）.
        """
        form = {
            "file_name": file_name, "file_md5": file_md5, "file_size": file_size, "title": title,
            "tags": ",".join(tags), "category": category, "description": description,
            "copyright_type": copyright_type, "public_type": public_type, "watch_password": watch_password,
            "deshake": int(deshake) or "", "isnew": int(isnew),
        }  # fmt: skip
        answer = self._post("create_upload", "/uploads/create.json", _given(form))
        sts = _sts(answer) if isnew else None
        return CreatedUpload(
            video_id=answer.text("video_id"),
            upload_token=answer.text("upload_token"),
            upload_server_uri="" if isnew else answer.text("upload_server_uri"),
            bucket=answer.text("oss_bucket") if isnew else "",
            object_name=answer.text("oss_object") if isnew else "",
            sts=sts,
        )

    def renew_sts(self, upload_token: str, bucket: str, object_name: str) -> Sts:
        """Fresh temporary access to the same object of a running upload. Raises `SessionLost` when it is gone.

        Source: youku-oss-upload.txt 获取sts鉴权信息（uploads/get_sts_inf）.
        """
        form = {"upload_token": upload_token, "oss_bucket": bucket, "oss_object": object_name}
        return _sts(self._post("renew_sts", "/uploads/get_sts_inf.json", form, safe=True))

    def commit_upload(self, upload_token: str, upload_server_ip: str = "") -> str:
        """Hand in the complete upload and answer the video id. A slice upload names its `upload_server_ip`.

        Source: youku-oss-upload.txt 上传提交（uploads/commit）.
        """
        form = _given({"upload_token": upload_token, "upload_server_ip": upload_server_ip})
        return self._post("commit_upload", "/uploads/commit.json", form).text("video_id")

    def cancel_upload(self, upload_token: str, upload_server_ip: str = "") -> None:
        """Give up an upload task. Raises `SessionLost` when there is none. Source: public SDK, uploads/cancel."""
        url = f"{self._address()}/uploads/cancel.json"
        params = _given({"upload_token": upload_token, "upload_server_ip": upload_server_ip})
        self._with_token(lambda login: self.http.call("cancel_upload", "GET", url, safe=False, params=login | params))

    def create_file(self, server: str, upload_token: str, file_size: int, ext: str, slice_length: int) -> None:
        """Announce the file to the upload server. `slice_length` in KB (1024 bytes), at most 10240.

        Raises `SessionLost` with code 120010216 when that is already done. Source: youku-slice-upload.txt 1.2.
        """
        form = {"upload_token": upload_token, "file_size": file_size, "ext": ext, "slice_length": slice_length}
        _read(self.http.call("create_file", "POST", f"{server}/gupload/create_file", safe=True, form=form))

    def new_slice(self, server: str, upload_token: str) -> SliceTask:
        """Ask for a piece to send; each call hands out another one. Source: youku-slice-upload.txt 1.3."""
        params = {"upload_token": upload_token}
        return _task(_read(self.http.call("new_slice", "GET", f"{server}/gupload/new_slice", safe=True, params=params)))

    def upload_slice(self, server: str, upload_token: str, task: SliceTask, data: bytes, md5: str) -> SliceTask:
        """Send the bytes of a task with their md5 (hex) and answer the next task.

        Raises `Corrupted` when they arrived damaged. Source: youku-slice-upload.txt 1.4.
        """
        params = {
            "upload_token": upload_token, "slice_task_id": task.task_id, "offset": task.offset,
            "length": task.length, "hash": md5,
        }  # fmt: skip
        headers = {"Content-Type": "application/octet-stream"}
        url = f"{server}/gupload/upload_slice"
        return _task(
            _read(self.http.call("upload_slice", "POST", url, safe=True, params=params, body=data, headers=headers))
        )

    def check_upload(self, server: str, upload_token: str) -> UploadCheck:
        """Where a slice upload stands; what a resumed upload goes by. Source: youku-slice-upload.txt 1.5 and 2."""
        params = {"upload_token": upload_token}
        answer = _read(self.http.call("check_upload", "GET", f"{server}/gupload/check", safe=True, params=params))
        return UploadCheck(
            status=answer.number("status"),
            upload_server_ip=as_text(answer.body.get("upload_server_ip")),
            transferred_percent=as_int(answer.body.get("transferred_percent")) or 0,
            confirmed_percent=as_int(answer.body.get("confirmed_percent")) or 0,
        )

    def show_video(self, video_id: str) -> VideoDetails:
        """Details and state of one video; needs no token. Raises `Gone`. Source: youku-slice-upload.txt 4."""
        url = f"{self._address()}/videos/show.json"
        params = {"client_id": self._client_id(), "video_id": video_id}
        return _details(_read(self.http.call("show_video", "GET", url, safe=True, params=params)))

    def show_videos(self, video_ids: Sequence[str]) -> VideoPage:
        """Details of several videos, those that are not there left out; needs no token.

        Source: public SDK, videos/show_batch.
        """
        url = f"{self._open_address()}/videos/show_batch.json"
        params = {"client_id": self._client_id(), "video_ids": ",".join(video_ids)}
        return _page(_read(self.http.call("show_videos", "GET", url, safe=True, params=params)))

    def list_my_videos(self, page: int = 1, count: int = 20) -> VideoPage:
        """The account's own videos, the newest first. Source: public SDK, videos/by_me."""
        url = f"{self._address()}/videos/by_me.json"
        params = {"orderby": "published", "page": page, "count": count}
        return _page(
            self._with_token(
                lambda login: self.http.call("list_my_videos", "GET", url, safe=True, params=login | params)
            )
        )

    def delete_video(self, video_id: str) -> None:
        """Delete one video for good. Raises `Gone` when there is none. Source: public SDK, videos/destroy."""
        url = f"{self._open_address()}/videos/destroy.json"
        form = {"video_id": video_id}
        self._with_token(lambda login: self.http.call("delete_video", "POST", url, safe=False, form=login | form))

    def renew_access(self, stale_token: str) -> Credentials:
        """Replace the access token `stale_token` through the account's single door, and answer the credentials."""
        return self._hide(self.access.renew(stale_token, self.fetch_tokens))

    def fetch_tokens(self, credentials: Credentials) -> Mapping[str, str]:
        if not (refresh_token := self._hide(credentials).get("refresh_token", "")):
            raise LoginExpired(say(NO_REFRESH_TOKEN), field="refresh_token", call="refresh_token")
        form = {
            "client_id": credentials.get("client_id", ""), "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }  # fmt: skip
        # The refresh token dies when it is used: a second try after a lost answer could only fail.
        url = f"{self._address()}/oauth2/token.json"
        answer = _read(self.http.call("refresh_token", "POST", url, safe=False, form=form))
        tokens = {"access_token": answer.text("access_token")}
        tokens["refresh_token"] = as_text(answer.body.get("refresh_token")).strip() or refresh_token
        expires_in = as_int(answer.body.get("expires_in"))
        return tokens | ({"expires_in": str(expires_in)} if expires_in else {})

    def _post(self, call: str, path: str, form: Mapping[str, Any], *, safe: bool = False) -> Fields:
        url = self._address() + path
        return self._with_token(lambda login: self.http.call(call, "POST", url, safe=safe, form={**login, **form}))

    def _with_token(self, send: Callable[[dict[str, str]], Answer]) -> Fields:
        """Send a call with `client_id` and `access_token`; a refused token is renewed once and the call repeated."""
        token = self._hide(self.access.credentials).get("access_token", "")
        try:
            return _read(send(self._login(token)))
        except LoginExpired as error:
            if error.code not in RENEWABLE or not self.access.credentials.get("refresh_token"):
                raise
        return _read(send(self._login(self.renew_access(token).get("access_token", ""))))

    def _login(self, token: str) -> dict[str, str]:
        return {"client_id": self._client_id(), "access_token": token}

    def _client_id(self) -> str:
        return self._hide(self.access.credentials).get("client_id", "")

    def _hide(self, credentials: Credentials) -> Credentials:
        """Remember the secrets where sender threads can see them without asking the hub."""
        self._secrets |= {credentials[name] for name in SECRET_CREDENTIALS if credentials.get(name)}
        return credentials

    def _address(self) -> str:
        return self.access.address("YOUKU_API_URL")

    def _open_address(self) -> str:
        return self.access.address("YOUKU_OPENAPI_URL")


def _read(answer: Answer) -> Fields:
    """The fields of a success; raises the error that is inside the answer, whatever its HTTP status says."""
    fields = _parsed(answer)
    error = fields.body.get("error")
    if error is None and "code" in fields.body and "description" in fields.body:
        error = fields.body
    if error:
        raise _error(answer, as_object(error) or {"description": as_text(error)})
    if not 200 <= answer.status < 300:
        raise answer.unreadable()
    return fields


def _parsed(answer: Answer) -> Fields:
    if QUERY_STRING_ERROR.match(answer.body):
        return Fields(answer, {"description": "", **dict(parse_qsl(answer.body.decode("utf-8", "replace").strip()))})
    return Fields.of(answer)


def _error(answer: Answer, error: Mapping[str, Any]) -> PlatformError:
    code = as_int(error.get("code"))
    faulty = answer.status >= 500 or answer.status == 429
    meaning = ERRORS.get(code or 0) or (UNKNOWN_FAULT if faulty else UNKNOWN)
    words = redact(as_text(error.get("description")) or as_text(error.get("type")), answer.secrets)[:WORDS_SHOWN]
    shown = str(code) if code is not None else ""
    return meaning.kind(
        say(meaning.sentence, call=answer.call, code=shown, words=words),
        code=shown,
        field=meaning.field,
        call=answer.call,
        detail=f"HTTP {answer.status}: {as_text(error.get('type'))} {words}".strip(),
    )


def _sts(answer: Fields) -> Sts:
    return Sts(
        endpoint=answer.text("endpoint"),
        access_id=answer.text("temp_access_id"),
        access_secret=answer.text("temp_access_secret"),
        security_token=answer.text("security_token"),
        expires_at=utc_time(answer.body.get("expire_time")),
    )


def _task(answer: Fields) -> SliceTask:
    task_id = answer.number("slice_task_id")
    if task_id == 0:
        return SliceTask(0, 0, 0, as_int(answer.body.get("transferred")) or 0)
    return SliceTask(
        task_id,
        answer.number("offset"),
        answer.number("length"),
        as_int(answer.body.get("transferred")) or 0,
    )


def _details(answer: Fields) -> VideoDetails:
    body = answer.body
    return VideoDetails(
        video_id=answer.text("id"),
        title=as_text(body.get("title")),
        state=as_text(body.get("state")),
        link=as_text(body.get("link")),
        player=as_text(body.get("player")),
        thumbnail=as_text(body.get("thumbnail")),
        category=as_text(body.get("category")),
        duration=as_float(body.get("duration")),
        view_count=as_int(body.get("view_count")),
        created_at=beijing_time(body.get("created")),
        published_at=beijing_time(body.get("published")),
    )


def _page(answer: Fields) -> VideoPage:
    return VideoPage(as_int(answer.body.get("total")), tuple(_details(video) for video in answer.each("videos")))


def _given(form: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that have a value: an empty optional one is left out, so that the platform's default holds."""
    return {name: value for name, value in form.items() if value != ""}
