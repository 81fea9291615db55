"""Youku's uploads from create to commit, over OSS and over slices (youku-oss-upload.txt, youku-slice-upload.txt)."""

import base64
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.core import Planted, World, utc_time
from sandbox.files import md5_of
from sandbox.media import mp4_duration
from sandbox.messages import Request, Response, json_response
from sandbox.oss import Oss, Sts
from sandbox.store import Document
from sandbox.youku.accounts import Accounts
from sandbox.youku.errors import refuse
from sandbox.youku.rules import Values, flag, metadata, require, whole_number
from sandbox.youku.slices import SERVER_IP, Slices

BUCKET = "yk-source-upload"


class Uploads:
    """Upload tasks. ``token_lifetime`` and ``file_size_limit`` are not in the documents; tests may change them."""

    def __init__(self, world: World, accounts: Accounts, oss: Oss, slices: Slices) -> None:
        self._world = world
        self._store = world.store
        self._accounts = accounts
        self._oss = oss
        self._slices = slices
        self.token_lifetime = 24 * 3600
        #: "Default one hour", says uploads/get_sts_inf.
        self.sts_lifetime = 3600
        self.file_size_limit = 50 * 1024**3

    def create(self, request: Request) -> Response:
        """POST uploads/create: 201 with an upload token and where to send the bytes."""
        values = request.form()
        account = self._accounts.user(values)
        upload = self._new_upload(account, values)
        fields = metadata(values)
        flag(values, "deshake")
        with self._store.transaction():
            self._refuse_duplicate(account, upload["file_md5"])
            video = self._new_video(account, upload, fields, values.get("thumbnail", ""))
            upload["video_id"] = video["id"]
            self._store.put("youku-upload", upload["token"], upload)
            key = f"{upload['bucket']}/{upload['key']}" if upload["method"] == "oss" else upload["token"]
            self._world.received.expect(key, "youku", video["id"])
        answer = {"video_id": video["id"], "upload_token": upload["token"]}
        if upload["method"] == "oss":
            where = {"oss_bucket": upload["bucket"], "oss_object": upload["key"]}
            return json_response(answer | where | self._sts(upload), 201)
        return json_response(answer | {"upload_server_uri": urlsplit(self._world.url).netloc}, 201)

    def renew_sts(self, request: Request) -> Response:
        """POST uploads/get_sts_inf: fresh credentials for the same bucket and object."""
        values = request.form()
        account = self._accounts.user(values)
        require(values, "upload_token", "oss_bucket", "oss_object")
        upload = self._store.get("youku-upload", values["upload_token"])
        if upload is None or upload["account"] != account["account"]:
            raise refuse(120010005)
        self._refuse_ended(upload)
        if upload["method"] != "oss":
            raise refuse(120010151)
        if (values["oss_bucket"], values["oss_object"]) != (upload["bucket"], upload["key"]):
            raise refuse(1013)
        return json_response({"upload_token": upload["token"]} | self._sts(upload))

    def commit(self, request: Request) -> Response:
        """POST uploads/commit: the video id, once the bytes are all there and are the declared ones.

        A second commit is refused with 120010151: the document says nothing of repeating it, and the task is used up.
        """
        values = request.form()
        upload = self._task(self._accounts.user(values), values)
        path = self._arrived(upload, values)
        md5, size = self._checksum(upload, path), path.stat().st_size
        if size != upload["file_size"] or (upload["file_md5"] and md5 != upload["file_md5"]):
            raise refuse(120010301)
        kept = self._kept(upload, path)
        with self._store.transaction():
            upload = self._task({"account": upload["account"]}, values)
            upload["state"] = "committed"
            self._store.put("youku-upload", upload["token"], upload)
            video = self._store.get("youku-video", upload["video_id"]) or {}
            source = {"file": str(kept.relative_to(self._world.data)), "md5": md5, "duration": mp4_duration(kept)}
            self._store.put("youku-video", video["id"], video | source | {"committed": self._world.clock.now()})
        self._oss.objects.remove(upload["bucket"], upload["key"])
        return json_response({"video_id": video["id"]})

    def cancel(self, request: Request) -> Response:
        """GET uploads/cancel of the public SDK: gives the token back; what has arrived is thrown away."""
        values = request.query
        upload = self._task(self._accounts.user(values), values)
        if upload["method"] == "slices" and self._slices.path(upload["token"]).exists():
            self._check_server(values)
        with self._store.transaction():
            upload["state"] = "cancelled"
            self._store.put("youku-upload", upload["token"], upload)
            self._forget_bytes(upload)
        return json_response({"upload_token": upload["token"]})

    def expire(self, token: str | None = None) -> None:
        """Let one upload token expire, or all that are open."""
        with self._store.transaction():
            for upload in self._store.all("youku-upload", state="open"):
                if token in (None, upload["token"]):
                    upload["expires"] = self._world.clock.now() - 1
                    self._store.put("youku-upload", upload["token"], upload)

    def give_up(self, token: str) -> None:
        """Let an open upload token expire and throw away what has arrived."""
        upload = self._store.get("youku-upload", token)
        if upload is not None and upload["state"] == "open":
            self.expire(token)
            self._forget_bytes(upload)

    def drop(self, token: str) -> None:
        """Lose an upload as if the platform had never heard of it."""
        upload = self._store.get("youku-upload", token)
        if upload is None:
            raise KeyError(f"there is no upload {token!r}")
        self._store.delete("youku-upload", token)
        self._forget_bytes(upload)

    def _new_upload(self, account: Document, values: Values) -> Document:
        require(values, "file_name")
        web, oss, name = flag(values, "isweb"), flag(values, "isnew"), values["file_name"]
        md5, size = values.get("file_md5", ""), whole_number(values, "file_size")
        if not md5 and not web:
            raise refuse(1012)
        if (md5 and not re.fullmatch(r"[0-9a-f]{32}", md5)) or not re.fullmatch(r".+\.[A-Za-z0-9]+", name):
            raise refuse(1013)
        if size > self.file_size_limit:
            raise refuse(120010113)
        token, now = secrets.token_hex(16), self._world.clock.now()
        extension = name.rpartition(".")[2].lower()
        return {
            "token": token,
            "account": account["account"],
            "method": "oss" if oss else "slices",
            "web": web,
            "file_name": name,
            "file_size": size,
            "file_md5": md5,
            "created": now,
            "expires": now + self.token_lifetime,
            "state": "open",
            "bucket": BUCKET,
            "key": f"source/{utc_time(now)[:10]}/{secrets.token_hex(12)}.{extension}",
        }

    def _refuse_duplicate(self, account: Document, md5: str) -> None:
        # Only what became a video counts: a task without commit is no video yet, and a failed one must be repeatable.
        for video in self._store.all("youku-video", account=account["account"], declared_md5=md5 or "-"):
            failed = video["forced_state"] == "fail" or "[fail]" in video["title"] or "转码失败" in video["title"]
            if video["committed"] is not None and not video["deleted"] and not failed:
                raise refuse(120010111)

    def _new_video(self, account: Document, upload: Document, fields: dict[str, str], thumbnail: str) -> Document:
        number = 300000000 + 4 * self._store.next_number("youku-video")
        video: Document = {
            **fields,
            "id": f"X{base64.b64encode(str(number).encode()).decode()}",
            "account": account["account"],
            "upload_token": upload["token"],
            "file_name": upload["file_name"],
            "declared_md5": upload["file_md5"],
            "thumbnail": thumbnail,
            "size": upload["file_size"],
            "created": upload["created"],
            "committed": None,
            "deleted": False,
            "forced_state": None,
            "md5": "",
            "file": "",
            "duration": 0.0,
            "views": 0,
        }
        self._store.put("youku-video", video["id"], video)
        return video

    def plant(self, account: str, videos: Iterable[Planted]) -> list[str]:
        """Committed videos without bytes; see ``Platform.plant``."""
        with self._store.transaction():
            return [self._planted(self._accounts.find(account), each) for each in videos]

    def _planted(self, account: Document, planted: Planted) -> str:
        fields = metadata({"title": planted.title, "tags": "测试"})
        upload = {"token": "", "file_name": "planted.mp4", "file_size": 0, "file_md5": "", "created": planted.arrived}
        video = self._new_video(account, upload, fields, "")
        committed = {"committed": planted.arrived, "pace": planted.pace, "file": f"youku/{video['id']}"}
        self._store.put("youku-video", video["id"], video | committed)
        return str(video["id"])

    def _sts(self, upload: Document) -> dict[str, str]:
        sts: Sts = self._oss.issue(upload["bucket"], upload["key"], self.sts_lifetime)
        return {
            "endpoint": self._world.url,
            "security_token": sts.security_token,
            "temp_access_id": sts.access_key_id,
            "temp_access_secret": sts.access_key_secret,
            "expire_time": utc_time(sts.expires),
        }

    def _task(self, account: Document, values: Values) -> Document:
        """The caller's open upload. Raises 1012, 120010151 and 120010223."""
        require(values, "upload_token")
        upload = self._store.get("youku-upload", values["upload_token"])
        if upload is None or upload["account"] != account["account"]:
            raise refuse(120010151)
        self._refuse_ended(upload)
        return upload

    def _refuse_ended(self, upload: Document) -> None:
        if upload["state"] != "open":
            raise refuse(120010151)
        if upload["expires"] <= self._world.clock.now():
            raise refuse(120010223)

    def _arrived(self, upload: Document, values: Values) -> Path:
        """Where the complete file lies. Raises 120010151 while it is not all there."""
        if upload["method"] == "oss":
            stored = self._oss.objects.find(upload["bucket"], upload["key"])
            if stored is None:
                raise refuse(120010151)
            return stored.path
        self._check_server(values, upload["web"])
        if not self._slices.complete(upload["token"]):
            raise refuse(120010151)
        return self._slices.path(upload["token"])

    def _kept(self, upload: Document, path: Path) -> Path:
        """The video's own file. The object in the bucket was a temporary one, and who has its key could replace it."""
        kept = self._slices.path(upload["token"])
        if kept != path:
            kept.unlink(missing_ok=True)
            kept.hardlink_to(path)
        return kept

    def _check_server(self, values: Values, web: bool = False) -> None:
        """``upload_server_ip`` as ``check`` reports it; a web upload names the server by its address instead."""
        name, expected = (
            ("upload_server_name", urlsplit(self._world.url).netloc) if web else ("upload_server_ip", SERVER_IP)
        )
        require(values, name)
        if values[name] != expected:
            raise refuse(1013)

    def _checksum(self, upload: Document, path: Path) -> str:
        if upload["method"] == "oss":
            stored = self._oss.objects.find(upload["bucket"], upload["key"])
            if stored is not None:
                return stored.md5
        return md5_of(path)

    def _forget_bytes(self, upload: Document) -> None:
        if upload["method"] == "oss":
            self._oss.objects.remove(upload["bucket"], upload["key"])
        else:
            self._slices.remove(upload["token"])
