"""The calls of Youku's documents, made with plain requests and plain oss2."""

import hashlib
import logging
import random
from typing import Any

import oss2
import requests

from sandbox.server import Sandbox

logging.getLogger("oss2").setLevel(logging.WARNING)

KB = 1024
Json = dict[str, Any]


def some_bytes(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


class YoukuClient:
    def __init__(self, box: Sandbox, account: str = "main") -> None:
        self.box = box
        self.session = requests.Session()
        self.credentials = box.credentials("youku", account)
        self.base = box.environment()["YOUKU_API_URL"]

    @property
    def login(self) -> dict[str, str]:
        return {name: self.credentials[name] for name in ("client_id", "access_token")}

    def post(self, path: str, **values: Any) -> requests.Response:
        return self.session.post(f"{self.base}{path}", data={**self.login, **values})

    def get(self, path: str, **values: Any) -> requests.Response:
        return self.session.get(f"{self.base}{path}", params={**self.login, **values})

    def create(self, data: bytes, **changes: Any) -> requests.Response:
        values = {
            "title": "一个视频",
            "tags": "教育,测试",
            "file_name": "clip.mp4",
            "file_size": len(data),
            "file_md5": md5(data),
            "isnew": 1,
        }
        return self.post("/uploads/create.json", **{**values, **changes})

    def commit(self, upload: Json, **values: Any) -> requests.Response:
        return self.post("/uploads/commit.json", upload_token=upload["upload_token"], **values)

    def show(self, video_id: str) -> requests.Response:
        client_id = self.credentials["client_id"]
        return self.session.get(f"{self.base}/videos/show.json", params={"client_id": client_id, "video_id": video_id})

    def publish(self, data: bytes, **changes: Any) -> str:
        """The id of a video that was uploaded over OSS in one piece."""
        upload = self.create(data, **changes).json()
        bucket(upload).put_object(upload["oss_object"], data)
        return str(self.commit(upload).json()["video_id"])

    # The upload server

    def server(self, upload: Json, method: str, call: str, **more: Any) -> requests.Response:
        url = f"http://{upload['upload_server_uri']}/gupload/{call}"
        return self.session.request(method, url, **more)

    def create_file(self, upload: Json, size: int, kilobytes: int = 64, ext: str = "mp4") -> requests.Response:
        values = {"upload_token": upload["upload_token"], "file_size": size, "ext": ext, "slice_length": kilobytes}
        return self.server(upload, "POST", "create_file", data=values)

    def new_slice(self, upload: Json) -> Json:
        answer = self.server(upload, "GET", "new_slice", params={"upload_token": upload["upload_token"]})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def send_slice(self, upload: Json, task: Json, data: bytes, **changes: Any) -> requests.Response:
        """``data`` is the whole file."""
        piece = data[task["offset"] : task["offset"] + task["length"]]
        values = {name: task[name] for name in ("slice_task_id", "offset", "length")}
        values |= {"upload_token": upload["upload_token"], "hash": md5(piece)}
        body = changes.pop("body", piece)
        params = {name: value for name, value in {**values, **changes}.items() if value is not None}
        return self.server(upload, "POST", "upload_slice", params=params, data=body)

    def check(self, upload: Json) -> Json:
        return dict(self.server(upload, "GET", "check", params={"upload_token": upload["upload_token"]}).json())

    def start_slices(self, data: bytes, kilobytes: int = 64) -> Json:
        upload = dict(self.create(data, isnew=0).json())
        assert self.create_file(upload, len(data), kilobytes).status_code == 201
        return upload

    def send_all(self, upload: Json, data: bytes) -> None:
        task = self.new_slice(upload)
        while task["slice_task_id"]:
            answer = self.send_slice(upload, task, data)
            assert answer.status_code == 201, answer.text
            task = answer.json()


def bucket(upload: Json, **changes: Any) -> oss2.Bucket:
    """An oss2 bucket with the credentials of a create or get_sts_inf answer."""
    values = {**upload, **changes}
    version = values.get("auth_version", "v1")
    auth = oss2.StsAuth(
        values["temp_access_id"], values["temp_access_secret"], values["security_token"], auth_version=version
    )
    return oss2.Bucket(auth, values["endpoint"], values["oss_bucket"], region="cn-shanghai")


def code(answer: requests.Response) -> int:
    assert 400 <= answer.status_code < 500, answer.text
    return int(answer.json()["error"]["code"])
