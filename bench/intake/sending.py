"""Sending a film as a browser does: to the hub in pieces or with its form, and to nginx in one request."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

from bench.intake.film import Film
from bench.intake.servers import PASSWORD, USER, Server

BOUNDARY = "----the-boundary-of-the-benchmark"
SECONDS = 600


class Browser:
    """One kept-alive connection with a browser's cookies; it logs in as staff do."""

    def __init__(self, server: Server, *, log_in: bool = True) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=SECONDS, blocksize=1024 * 1024)
        self._cookies: dict[str, str] = {}
        if log_in:
            self.get("/admin/login/")
            form = {"username": USER, "password": PASSWORD, "csrfmiddlewaretoken": self.token, "next": "/admin/"}
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            self.ask("POST", "/admin/login/", 302, urlencode(form).encode(), kind)

    @property
    def token(self) -> str:
        return self._cookies.get("csrftoken", "")

    def get(self, path: str) -> bytes:
        return self.ask("GET", path, 200)[1]

    def ask(
        self, method: str, path: str, expected: int, body: bytes | memoryview | Iterable[memoryview] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[HTTPResponse, bytes]:  # fmt: skip
        """One request; ends the benchmark when the answer is another than expected."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        sent = {"Cookie": cookies, "X-CSRFToken": self.token, **(headers or {})}
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";", 1)[0].partition("=")
            self._cookies[name] = value
        if answer.status != expected:
            raise SystemExit(f"{method} {path} was answered {answer.status}: {content[:300]!r}")
        return answer, content

    def close(self) -> None:
        self._connection.close()


def in_pieces(browser: Browser, film: Film) -> str:
    """tus: a new file, then a PATCH for every 16 MiB; answers where the file lies, which has arrived by then."""
    name = base64.b64encode(b"film.mp4").decode()
    tus = {"Tus-Resumable": "1.0.0"}
    begun = {**tus, "Upload-Length": str(film.size), "Upload-Metadata": f"filename {name}", "Content-Length": "0"}
    answer, _content = browser.ask("POST", "/intake/files/", 201, b"", begun)
    place, offset = str(answer.headers["Location"]), 0
    for piece in film.pieces():
        kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        browser.ask("PATCH", place, 204, piece, {**tus, **kind, "Content-Length": str(len(piece))})
        offset += len(piece)
    return place


def remove_arrived(browser: Browser, place: str) -> None:
    """The file has arrived; away with it."""
    told = json.loads(browser.get(f"{place.rstrip('/')}.json"))
    if told["state"] != "ready":
        raise SystemExit(f"the file has not arrived: {told}")
    browser.ask("DELETE", place, 204, None, {"Tus-Resumable": "1.0.0"})


def with_the_form(browser: Browser, film: Film) -> str:
    """The plain form of a new video, as a browser without scripts sends it; answers the video's page."""
    fields = {"csrfmiddlewaretoken": browser.token, "title": "film", "_save": "Save"}
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n'
    head += "Content-Type: video/mp4\r\n\r\n"
    parts = [memoryview(head.encode()), *film.pieces(), memoryview(f"\r\n--{BOUNDARY}--\r\n".encode())]
    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(sum(map(len, parts))),
    }  # fmt: skip
    answer, _content = browser.ask("POST", "/admin/platforms/video/add/", 302, parts, headers)
    return str(answer.headers["Location"])


def remove_video(browser: Browser, place: str) -> None:
    """Delete the newest video with its file."""
    page = browser.get("/admin/platforms/video/").decode()
    numbers = [int(number) for number in re.findall(r"/admin/platforms/video/(\d+)/change/", page)]
    form = urlencode({"csrfmiddlewaretoken": browser.token, "ids": max(numbers)}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    browser.ask("POST", "/admin/platforms/video/delete/", 302, form, kind)


def in_one_request(browser: Browser, film: Film) -> None:
    """All of it in one body, which nginx writes to a file."""
    browser.ask("POST", "/", 200, film.pieces(), {"Content-Length": str(film.size)})


def in_requests_of_a_piece(browser: Browser, film: Film) -> None:
    """A request for every 16 MiB, as the hub gets them; nginx writes each to a file of its own."""
    for piece in film.pieces():
        browser.ask("POST", "/", 200, piece, {"Content-Length": str(len(piece))})
