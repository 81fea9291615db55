"""What people use today, each against the sink at `url`: the peers of the comparison."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oss2
import requests
from requests.adapters import HTTPAdapter
from youku import YoukuUpload

from bench.common.measure import Cost, cost_of, cost_of_command

MIB = 1024 * 1024
OUT_OF_TIME = 600
RAW = {"type": "body"}


def curl(url: str, file: Path) -> Cost:
    """One POST of the file, read while it is sent."""
    return cost_of_command(
        ["curl", "--fail", "--silent", "--output", os.devnull, "--request", "POST", "--header", "Expect:",
         "--upload-file", str(file), f"{url}/bench/plain"]
    )  # fmt: skip


def openssl_md5(url: str, file: Path) -> Cost:
    """The file's md5 and nothing else: no byte is sent."""
    return cost_of_command(["openssl", "md5", str(file)])


def sendfile(url: str, file: Path) -> Cost:
    """One POST by sendfile(2), which copies nothing: what the sink can take."""

    def send() -> None:
        host, port = url.removeprefix("http://").split(":")
        size = file.stat().st_size
        with socket.create_connection((host, int(port))) as sock, file.open("rb") as source:
            sock.sendall(f"POST /bench/plain HTTP/1.1\r\nHost: bench\r\nContent-Length: {size}\r\n\r\n".encode())
            sock.sendfile(source)
            if not sock.recv(MIB).startswith(b"HTTP/1.1 200"):
                raise OSError("the sink did not take it")

    return cost_of(send)


def youku_sdk(url: str, file: Path) -> Cost:
    """youku 0.1.1, unchanged: its requests are led to the sink."""
    send = HTTPAdapter.send

    def led(adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        real = str(request.url)
        request.url = real.replace("https://api.youku.com", f"{url}/youku").replace("http://127.0.0.1/", f"{url}/")
        return send(adapter, request, *args, **options)

    HTTPAdapter.send = led  # type: ignore[method-assign, assignment]
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        # It keeps its state beside the file, and would go on with what an earlier run has left there.
        linked = Path(folder, file.name)
        linked.hardlink_to(file)
        upload = YoukuUpload("client", "token", str(linked))
        return cost_of(lambda: upload.upload({"title": "bench", "tags": "bench"}))


def oss2_resumable(url: str, file: Path, threads: int) -> Cost:
    """oss2's own resumable upload with its defaults but for the number of threads."""
    bucket = oss2.Bucket(oss2.Auth("id", "secret"), url, "bench")
    with tempfile.TemporaryDirectory() as folder:
        store = oss2.ResumableStore(root=folder)
        return cost_of(lambda: oss2.resumable_upload(bucket, "peer.mp4", str(file), store=store, num_threads=threads))


def iqiyi_post(url: str, file: Path) -> Cost:
    """The whole file as one range in one POST, read while it is sent."""

    def upload(session: requests.Session, headers: dict[str, str], address: str, size: int) -> None:
        with file.open("rb") as source:
            where = {**headers, "range": f"0-{size - 1}"}
            session.post(address, params=RAW, data=source, headers=where, timeout=OUT_OF_TIME).raise_for_status()

    return cost_of(lambda: _iqiyi(url, file, upload))


def iqiyi_ranges(url: str, file: Path) -> Cost:
    """One range of 1 MiB after another, each compared with the md5 that iQiyi answers."""

    def upload(session: requests.Session, headers: dict[str, str], address: str, size: int) -> None:
        with file.open("rb") as source:
            for offset in range(0, size, MIB):
                data = source.read(MIB)
                where = {**headers, "range": f"{offset}-{offset + len(data) - 1}"}
                answer = session.post(address, params=RAW, data=data, headers=where, timeout=OUT_OF_TIME).json()
                if answer["range_md5"] != hashlib.md5(data).hexdigest():
                    raise OSError("other bytes have arrived")

    return cost_of(lambda: _iqiyi(url, file, upload))


def baijiayun_form(url: str, file: Path) -> Cost:
    """The file in a form with requests' `files=`."""

    def upload() -> None:
        with requests.Session() as session, file.open("rb") as source:
            ask = f"{url}/baijiayun/bench/openapi/video/getUploadUrl"
            address = session.post(ask, data={"file_name": "bench.mp4"}, timeout=OUT_OF_TIME).json()["data"]
            session.post(address["upload_url"], files={"data": source}, timeout=OUT_OF_TIME).raise_for_status()

    return cost_of(upload)


def _iqiyi(url: str, file: Path, upload: Callable[[requests.Session, dict[str, str], str, int], None]) -> None:
    size = file.stat().st_size
    with requests.Session() as session:
        opening = {"access_token": "token", "filetype": "mp4", "filesize": str(size)}
        opened = session.get(f"{url}/iqiyi-upload/openupload", headers=opening, timeout=OUT_OF_TIME).json()["data"]
        info = {"file_id": opened["file_id"], "file_name": "bench", "access_token": "token"}
        session.get(f"{url}/iqiyi/api/file/info", params=info, timeout=OUT_OF_TIME).raise_for_status()
        headers = {"file_id": opened["file_id"], "file_size": str(size)}
        upload(session, headers, opened["upload_url"], size)
        finish = {"access_token": "token", "file_id": opened["file_id"], "range_finished": "true"}
        session.post(f"{url}/iqiyi-upload/uploadfinish", headers=finish, timeout=OUT_OF_TIME).raise_for_status()
