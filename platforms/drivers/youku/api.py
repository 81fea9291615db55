"""Youku's calls, one method each, named as the documents' calls are named in the hub.

Every method raises the kinds of `errors.py`; codes become kinds in `mapping.py`. Times are aware UTC, sizes bytes.
Each raises `Temporary` when Youku cannot be reached or has a fault of its own, `QuotaReached` (1003) when it limits the
calls, `BadAnswer` for an answer that cannot be read, `Refused` or `LoginExpired` for what is wrong with the account.
A call that needs the access token refreshes it once when Youku answers that it is not valid (1007, 1008, 1009).
"""

from __future__ import annotations

from collections.abc import Sequence

from platforms.contract import Source
from platforms.drivers.youku.client import given
from platforms.drivers.youku.results import (
    CreatedUpload,
    SliceTask,
    Sts,
    UploadCheck,
    check_of,
    created_of,
    sts_of,
    task_of,
)
from platforms.drivers.youku.tokens_api import TokensApi
from platforms.drivers.youku.videos_api import PUBLIC_SDK, VideosApi
from platforms.transport.bodies import BytesBody, lane_of
from platforms.transport.documented import documented
from platforms.transport.slices import md5_hex
from platforms.values import gettext_noop

STS_FIELDS = ("temp_access_id", "temp_access_secret", "security_token")


class Api(TokensApi, VideosApi):
    """The calls of one account: tokens in `tokens_api.py`, videos in `videos_api.py`, uploads here."""

    @documented(
        "YK-02", "POST /uploads/create.json", "youku-oss-upload.txt 上传创建",
        also=("YK-03",), hides=STS_FIELDS,
    )  # fmt: skip
    def create_upload(
        self,
        *,
        title: str,
        tags: Sequence[str],
        file_name: str,
        file_size: int,
        file_md5: str = "",
        isnew: bool = False,
        category: str = "",
        thumbnail: str = "",
        description: str = "",
        copyright_type: str = "",
        public_type: str = "",
        watch_password: str = "",
        deshake: bool = False,
        isweb: bool = False,
    ) -> CreatedUpload:
        """Create an upload task: over OSS with `isnew`, over slices without. Never repeated by itself.

        `title` at most 60 characters; 1 to 10 `tags` of 2 to 20 each; `file_name` with its extension; `file_size` in
        bytes; `file_md5` 32 lower-case hex digits, which only a web upload may leave out. `category` a category's name
        (Youku's default: Other), `thumbnail` a cover uploaded before, `description` at most 2000 characters.
        `copyright_type` original (default) or reproduced; `public_type` all (default), friend or password, and then
        `watch_password`, at most 32 letters and digits. `deshake` steadies the picture; `isweb` is for uploads by a
        browser.

        Raises `Duplicate` (120010111) when the account has this file, `Refused` with the field for anything not taken
        (120010101 to 120010145).
        """
        self.keep_secret(watch_password)
        form = {
            "file_name": file_name, "file_md5": file_md5, "file_size": file_size, "title": title,
            "tags": ",".join(tags), "category": category, "thumbnail": thumbnail, "description": description,
            "copyright_type": copyright_type, "public_type": public_type, "watch_password": watch_password,
            "deshake": int(deshake) or "", "isweb": int(isweb) or "", "isnew": int(isnew),
        }  # fmt: skip
        url = f"{self.api}/uploads/create.json"
        created = created_of(self.ask_with_token("create_upload", "POST", url, given(form), safe=False), isnew)
        self.keep_secret(created.upload_token)
        return created

    @documented("YK-04", "POST /uploads/get_sts_inf.json", "youku-oss-upload.txt 获取sts鉴权信息", hides=STS_FIELDS)
    def renew_sts(self, upload_token: str, oss_bucket: str, oss_object: str) -> Sts:
        """Fresh temporary access to the same object of a running upload, by default for an hour.

        Raises `SessionLost` (120010005, 120010151, 120010223) when there is no such upload any more.
        """
        self.keep_secret(upload_token)
        form = {"upload_token": upload_token, "oss_bucket": oss_bucket, "oss_object": oss_object}
        url = f"{self.api}/uploads/get_sts_inf.json"
        return sts_of(self.ask_with_token("renew_sts", "POST", url, form, safe=True))

    @documented("YK-06", "POST /uploads/commit.json", "youku-oss-upload.txt 上传提交")
    def commit_upload(self, upload_token: str, upload_server_ip: str = "", upload_server_name: str = "") -> str:
        """Hand in the complete upload and answer the video id.

        A slice upload names the `upload_server_ip` that `check_upload` answered, a web upload its
        `upload_server_name`; an OSS upload neither. Raises `SessionLost` (120010151) for a task that is not there, not
        complete or already handed in, `Temporary` (120010152) when Youku could not store the details.
        """
        self.keep_secret(upload_token)
        form = {
            "upload_token": upload_token, "upload_server_ip": upload_server_ip,
            "upload_server_name": upload_server_name,
        }  # fmt: skip
        url = f"{self.api}/uploads/commit.json"
        return self.ask_with_token("commit_upload", "POST", url, given(form), safe=False).text("video_id")

    @documented("YK-07", "POST http://{upload_server}/gupload/create_file", "youku-slice-upload.txt 1.2")
    def create_file(
        self, upload_server: str, upload_token: str, file_size: int, ext: str, slice_length: int = 2048
    ) -> None:
        """Announce the file to the upload server, which is the `upload_server_uri` that `create_upload` answered.

        `file_size` in bytes, `ext` the extension without a dot, `slice_length` in KB (1024 bytes), at most 10240.
        Raises `SessionLost` with code 120010216 when that is already done.
        """
        self.keep_secret(upload_token)
        form = {"upload_token": upload_token, "file_size": file_size, "ext": ext, "slice_length": slice_length}
        self.ask("create_file", "POST", f"{_with_scheme(upload_server)}/gupload/create_file", form, safe=True)

    @documented("YK-08", "GET http://{upload_server}/gupload/new_slice", "youku-slice-upload.txt 1.3")
    def new_slice(self, upload_server: str, upload_token: str) -> SliceTask:
        """Ask for a piece to send; each call hands out another one, `slice_task_id` 0 when there is none.

        Raises `SessionLost` (120010205, 120010206, 120010223) when the server no longer knows the upload.
        """
        self.keep_secret(upload_token)
        url = f"{_with_scheme(upload_server)}/gupload/new_slice"
        return task_of(self.ask("new_slice", "GET", url, {"upload_token": upload_token}, safe=True))

    @documented("YK-09", "POST http://{upload_server}/gupload/upload_slice", "youku-slice-upload.txt 1.4")
    def upload_slice(
        self,
        upload_server: str,
        upload_token: str,
        slice_task_id: int,
        offset: int,
        length: int,
        file: Source,
        hash: str = "",
        crc: str = "",
    ) -> SliceTask:
        """Send the `length` bytes of `file` from `offset`, which a task asks for, and answer the next task.

        `hash` is their md5, `crc` their CRC32, both hex; without either the md5 is computed. Raises `Corrupted`
        (120010218, 120010225) when they arrived damaged, `Temporary` (120010207, 120010208, 120010221) when the server
        no longer expects them, `SourceChanged` when the file does not have them.
        """
        self.keep_secret(upload_token)
        # The checksum goes ahead of the bytes, so that they must be in memory: read once, hashed and sent from there.
        data = file.read(offset, length)
        params = {
            "upload_token": upload_token, "slice_task_id": slice_task_id, "offset": offset, "length": length,
            "hash": hash or ("" if crc else md5_hex(data)), "crc": crc,
        }  # fmt: skip
        url = f"{_with_scheme(upload_server)}/gupload/upload_slice"
        body = BytesBody(data, lane_of(file))
        return task_of(self.ask("upload_slice", "POST", url, given(params), safe=True, body=body))

    @documented("YK-10", "GET http://{upload_server}/gupload/check", "youku-slice-upload.txt 1.5 and 2")
    def check_upload(self, upload_server: str, upload_token: str) -> UploadCheck:
        """Where a slice upload stands: what a resumed upload goes by, and the `upload_server_ip` to commit with.

        Raises `SessionLost` (120010205, 120010223) when the server no longer knows the upload.
        """
        self.keep_secret(upload_token)
        url = f"{_with_scheme(upload_server)}/gupload/check"
        return check_of(self.ask("check_upload", "GET", url, {"upload_token": upload_token}, safe=True))

    @documented(
        "YK-X1",
        "GET /uploads/cancel.json",
        f"{PUBLIC_SDK}, cancel",
        danger=gettext_noop("It gives the upload up: what has been sent is thrown away."),
    )
    def cancel_upload(self, upload_token: str, upload_server_ip: str = "") -> None:
        """Give up an upload task; a slice upload names the `upload_server_ip` that `check_upload` answered.

        Never repeated by itself. Raises `SessionLost` (120010151, 120010223) when there is none.
        """
        self.keep_secret(upload_token)
        params = given({"upload_token": upload_token, "upload_server_ip": upload_server_ip})
        self.ask_with_token("cancel_upload", "GET", f"{self.api}/uploads/cancel.json", params, safe=False)


def _with_scheme(server: str) -> str:
    return server if "://" in server else f"http://{server}"
