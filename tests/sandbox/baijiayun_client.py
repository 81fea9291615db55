"""A hand-written Baijiayun client of plain requests, so that the simulator is tested without any driver."""

import hashlib
import random
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from sandbox.baijiayun.errors import Code
from sandbox.server import Sandbox


def some_bytes(size, seed=1):
    return random.Random(seed).randbytes(size)


def md5(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def sign(values, partner_key):
    text = "&".join([*(f"{name}={values[name]}" for name in sorted(values)), f"partner_key={partner_key}"])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def box(name, content):
    return struct.pack(">I", len(content) + 8) + name + content


def tiny_mp4(seconds=19, width=1920, height=1080, payload=b"x" * 500):
    """The skeleton of an MP4 file: what its headers state, and bytes that are no film."""
    movie = box(b"mvhd", struct.pack(">12xII", 1000, seconds * 1000) + b"\0" * 80)
    track = box(b"trak", box(b"tkhd", b"\0" * 76 + struct.pack(">II", width << 16, height << 16)))
    return box(b"ftyp", b"isom\0\0\2\0") + box(b"mdat", payload) + box(b"moov", movie + track)


def direct_session() -> requests.Session:
    """Connections are kept, and no proxy of the environment stands between."""
    session = requests.Session()
    session.trust_env = False
    return session


class BaijiayunClient:
    def __init__(self, sandbox: Sandbox, account: str = "main") -> None:
        self.box = sandbox
        self.http = direct_session()
        self.keys = sandbox.credentials("baijiayun", account)

    def signed(self, **values):
        values = {"partner_id": self.keys["partner_id"], "timestamp": int(time.time()), **values}
        values = {name: str(value) for name, value in values.items()}
        return {**values, "sign": sign(values, self.keys["partner_key"])}

    def address(self, path):
        return f"{self.box.url}/baijiayun/{self.keys['private_domain']}/openapi/{path}"

    def call(self, path, method="POST", **values):
        """The whole answer of a signed call."""
        values = self.signed(**values)
        if method == "GET":
            return self.http.get(self.address(path), params=values, timeout=60).json()
        return self.http.post(self.address(path), data=values, timeout=60).json()

    def data(self, path, method="POST", **values):
        """The data of a call that must succeed."""
        answer = self.call(path, method, **values)
        assert answer["code"] == 0, answer
        assert answer["msg"] == ""
        return answer["data"]

    def refused(self, path, method="POST", **values):
        """The code of a call that must not succeed."""
        answer = self.call(path, method, **values)
        assert answer["msg"]
        assert answer["data"] is None
        return Code(answer["code"])

    def create(self, name="片名", definition="16,1,2,4,8", **values):
        """video_id and upload_url."""
        data = self.data("video/getUploadUrl", file_name=f"{name}.mp4", definition=definition, **values)
        return data["video_id"], data["upload_url"]

    def send(self, address, data, field="data"):
        return self.http.post(address, files={field: ("film.mp4", data)}, timeout=60).json()

    def chunk(self, address, data, first, last, *, base=1, total=None, content=None):
        """The bytes first to last, counted from ``base``."""
        content = data[first - base : last - base + 1] if content is None else content
        span = f"bytes {first}-{last}/{len(data) if total is None else total}"
        headers = {"Content-Type": "application/octet-stream", "Content-Range": span}
        return self.http.post(address, headers=headers, data=content, timeout=60).json()

    def resume(self, video_id):
        return self.data("video/getResumeUploadUrl", video_id=video_id)

    def upload(self, data, name="片名", **values):
        """The whole way; answers the video id."""
        video_id, address = self.create(name, **values)
        assert self.send(address, data)["code"] == 1
        return video_id

    def published(self, data=None, name="片名", **values):
        video_id = self.upload(tiny_mp4() if data is None else data, name, **values)
        self.box.clock.advance(60)
        return video_id

    def info(self, video_id):
        return self.data("video/getInfo", video_id=video_id)

    def status(self, video_id):
        return self.data("video/getStatus", video_id=video_id)["status"]

    def row(self, video_id):
        return next(row for row in self.box.videos("baijiayun") if row["id"] == str(video_id))


@contextmanager
def baijiayun(data: Path | None = None, pace: float = 10) -> Iterator[BaijiayunClient]:
    """A client of its own sandbox, which must have made no mistake by the end."""
    with Sandbox(data, pace=pace) as sandbox:
        yield BaijiayunClient(sandbox)
        assert not sandbox.errors
