"""A platform with any number of videos that costs next to nothing: Baijiayun's list, each page made as it is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CATEGORIES = 40
TOPICS = ("认识分数", "古诗鉴赏", "过去时态", "牛顿定律", "氧化还原", "光合作用", "唐朝兴衰", "板块运动")


class Library:
    """`size` videos; `covers` is part of the address of each cover, so that all of them can be made new at once."""

    def __init__(self, size: int) -> None:
        self.size, self.covers = size, "a"

    def page(self, number: int, size: int) -> dict[str, Any]:
        """A page as API-31 answers it, counted from 1."""
        first = (number - 1) * size
        videos = [self._video(place) for place in range(first, min(first + size, self.size))]
        return {"code": 0, "msg": "", "data": {"total": self.size, "list": videos}}

    def _video(self, place: int) -> dict[str, Any]:
        number = self.size - place  # the newest comes first
        return {
            "video_id": 10_000_000 + number,
            "name": f"三年级数学 {TOPICS[number % len(TOPICS)]} 第{number}课",
            "status": 100,
            "publish_status": 1,
            "total_size": 50_000_000 + number,
            "create_time": f"2024-{number % 12 + 1:02}-{number % 28 + 1:02} 09:30:00",
            "preface_url": f"https://img.example/{self.covers}/{number}.jpg",
            "length": 300 + number % 2400,
            "category": {"category_level1_id": 100 + number % CATEGORIES, "category_level1_name": "数学"},
        }


@contextmanager
def served(library: Library) -> Iterator[str]:
    """The library over HTTP; the address of its API."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            page, size = int(form.get("page", ["1"])[0]), int(form.get("page_size", ["20"])[0])
            body = json.dumps(library.page(page, size), ensure_ascii=False).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/{{private_domain}}"
    finally:
        server.shutdown()
        server.server_close()
