"""A hand-written iQiyi client of plain requests, so that the simulator is tested without any driver."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from sandbox.server import Sandbox


def some_bytes(size, seed=1):
    return random.Random(seed).randbytes(size)


def md5(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def direct_session() -> requests.Session:
    """Connections are kept, and no proxy of the environment stands between."""
    session = requests.Session()
    session.trust_env = False
    return session


class IqiyiClient:
    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.http = direct_session()
        self.secrets = box.credentials("iqiyi")
        self.token = self.secrets["access_token"]

    def api(self, path, **parameters):
        return self.http.get(f"{self.box.url}/iqiyi{path}", params=parameters, timeout=60).json()

    def mine(self, path, **parameters):
        return self.api(path, access_token=self.token, **parameters)

    def upload_call(self, method, path, **headers):
        headers = {"access_token": self.token, **headers}
        address = f"{self.box.url}/iqiyi-upload/{path}"
        return self.http.request(method, address, headers=headers, timeout=60).json()

    def open(self, size, filetype="mp4", **headers):
        return self.upload_call("GET", "openupload", filetype=filetype, filesize=str(size), **headers)

    def opened(self, size):
        """file_id and upload_url."""
        data = self.open(size)["data"]
        return data["file_id"], data["upload_url"]

    def describe(self, file_id, title="片名", description="描述", **parameters):
        return self.mine("/api/file/info", file_id=file_id, file_name=title, description=description, **parameters)

    def send(self, address, file_id, data, first=0, last=None, *, total=None, as_form=False, content=None):
        """One range of ``data``; ``content`` replaces the bytes that really leave."""
        last = len(data) - 1 if last is None else last
        content = data[first : last + 1] if content is None else content
        size = len(data) if total is None else total
        headers = {"file_id": file_id, "file_size": str(size), "range": f"{first}-{last}"}
        if as_form:
            files = {"file": ("part", content, "application/octet-stream")}
            return self.http.post(address, headers=headers, files=files, timeout=60).json()
        return self.http.post(f"{address}?type=body", headers=headers, data=content, timeout=60).json()

    def finish(self, file_id, **headers):
        return self.upload_call("POST", "uploadfinish", **{"file_id": file_id, "range_finished": "true", **headers})

    def cancel(self, file_id, **headers):
        return self.upload_call("POST", "cancelupload", **{"file_id": file_id, "status": "2", **headers})

    def upload(self, data, title="片名", **parameters):
        """The whole way; answers the file id."""
        file_id, address = self.opened(len(data))
        assert self.describe(file_id, title, **parameters)["code"] == "A00000"
        assert self.send(address, file_id, data)["code"] == "A00000"
        assert self.finish(file_id) == {"code": "A00000"}
        return file_id

    def published(self, data, title="片名", **parameters):
        file_id = self.upload(data, title, **parameters)
        self.box.clock.advance(60)
        return file_id

    def status(self, file_id):
        return self.mine("/api/file/fullStatus", file_id=file_id)

    def row(self, file_id):
        return next(row for row in self.box.videos("iqiyi") if row["id"] == file_id)


@contextmanager
def iqiyi(data: Path | None = None, pace: float = 10) -> Iterator[IqiyiClient]:
    """A client of its own sandbox, which must have made no mistake by the end."""
    with Sandbox(data, pace=pace) as box:
        yield IqiyiClient(box)
        assert not box.errors
