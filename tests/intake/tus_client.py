"""A person's browser, as far as uploads go: logged in, with a token, speaking tus over real HTTP."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import requests

from tests.hub import SAMPLE
from tests.installed import PASSWORD

BYTES = SAMPLE.read_bytes()
MD5 = hashlib.md5(BYTES).hexdigest()
PIECE = {"Content-Type": "application/offset+octet-stream"}


def metadata(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


class Person:
    """Somebody at a browser. Every method answers the response; `log_in` and `log_out` change who asks."""

    def __init__(self, url: str, name: str = "") -> None:
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False
        if name:
            self.log_in(name)

    def log_in(self, name: str) -> None:
        self.http.get(f"{self.url}/admin/login/")
        form = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": self.token, "next": "/healthz"}
        answer = self.http.post(f"{self.url}/admin/login/", form, allow_redirects=False)
        assert answer.status_code == 302, answer.text

    def log_out(self) -> None:
        self.http.post(f"{self.url}/admin/logout/", {"csrfmiddlewaretoken": self.token})

    @property
    def token(self) -> str:
        return self.http.cookies.get("csrftoken") or ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """`headers` are named with `_` for `-`; one given as "" is left out."""
        given = {"Tus-Resumable": "1.0.0", "X-CSRFToken": self.token}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in given.items() if value}
        return self.http.request(method, self.url + path, data=body, headers=sent, timeout=60, allow_redirects=False)

    def create(self, size: int = len(BYTES), **values: str) -> requests.Response:
        described = metadata(**({"filename": "lesson.mp4"} | values))
        return self.ask("POST", "/intake/files/", Upload_Length=str(size), Upload_Metadata=described)

    def begin(self, size: int = len(BYTES), **values: str) -> str:
        """The path of a new file."""
        answer = self.create(size, **values)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def append(self, path: str, offset: int, body: Any, **headers: str) -> requests.Response:
        return self.ask("PATCH", path, body, **{**PIECE_HEADERS, "Upload_Offset": str(offset)} | headers)

    def offset(self, path: str) -> int:
        answer = self.ask("HEAD", path)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def send(self, path: str, content: bytes = BYTES, piece: int = 200_000) -> None:
        """The rest of a file, piece by piece, from where it is."""
        at = self.offset(path)
        while at < len(content):
            answer = self.append(path, at, content[at : at + piece])
            assert answer.status_code == 204, answer.text
            at = int(answer.headers["Upload-Offset"])

    def file(self, path: str) -> Mapping[str, Any]:
        """How the hub describes the file."""
        return dict(self.ask("GET", path.rstrip("/") + ".json").json())

    def files(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "/intake/files.json").json()["files"])


PIECE_HEADERS = {name.replace("-", "_"): value for name, value in PIECE.items()}
