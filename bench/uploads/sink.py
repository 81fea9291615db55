"""The platforms as a sink, in a process of its own: just enough of each protocol that its clients are content.

`python -m bench.uploads.sink FILE` prints its address. Nothing is stored, and nothing is hashed while a run is timed:
the sink knows the file (`material.py`). What arrived is told by GET /bench/report, of everything since /bench/begin.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.uploads.baijiayun import Baijiayun
from bench.uploads.iqiyi import Iqiyi
from bench.uploads.material import MARK, Material
from bench.uploads.oss import Oss
from bench.uploads.wire import Link, Reply, Request, json_reply, listen, serve
from bench.uploads.youku import Youku


@dataclass
class Tally:
    """What arrived: `spans` (offset, length) of the file, the most bodies under way at once, the largest of them."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    largest: int = 0
    requests: int = 0
    content: dict[int, str] = field(default_factory=dict)


class Sink:
    """`receive` takes a body that is a range of the file; `verify` hashes what arrived, for tests of the benchmark."""

    def __init__(self, material: Material, link: Link, *, verify: bool = False) -> None:
        self.material, self.link, self.verify = material, link, verify
        self.listener = listen(link)
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.url = f"http://{self.host}"
        self._lock = threading.Lock()
        self._tally, self._cpu_before = Tally(), 0.0
        platforms = (Youku(self), Iqiyi(self), Baijiayun(self), Oss(self))
        self._calls: dict[str, Callable[[Request], Reply]] = {
            "/bench/begin": self._begin,
            "/bench/file": self._file,
            "/bench/report": self._report,
            "/bench/plain": self._plain,
        }
        for platform in platforms:
            self._calls.update(platform.calls)
        self._other = platforms[-1].answer

    def answer(self, request: Request) -> Reply:
        with self._lock:
            self._tally.requests += 1
        return self._calls.get(request.path, self._other)(request)

    def receive(self, request: Request, offset: int | None = None) -> tuple[int, int]:
        """Take the rest of a body; answers which range of the file (offset, length) it is.

        Without an `offset` the body's first bytes tell it.
        """
        length = request.left
        self._enter(length)
        start = request.read(MARK)
        if offset is None:
            offset = self.material.offset_of(start) or 0
        self._take(request, offset, start)
        with self._lock:
            self._tally.under_way -= 1
            self._tally.spans.append((offset, length))
        return offset, length

    def receive_form(self, request: Request) -> tuple[int, int]:
        """As `receive`, of a multipart form whose one part is the file."""
        head = b""
        while b"\r\n\r\n" not in head:
            head += request.read(1)
        boundary = head.partition(b"\r\n")[0]
        tail = len(boundary) + len(b"\r\n--\r\n")
        request.left -= tail
        taken = self.receive(request)
        request.left = tail
        return taken

    def _enter(self, length: int) -> None:
        with self._lock:
            tally = self._tally
            tally.under_way += 1
            tally.most_under_way = max(tally.most_under_way, tally.under_way)
            tally.largest = max(tally.largest, length)

    def _take(self, request: Request, offset: int, start: bytes) -> None:
        if not self.verify:
            request.drop(request.left)
            return
        data = start + request.read(request.left)
        self._tally.content[offset] = hashlib.md5(data).hexdigest()

    def _begin(self, request: Request) -> Reply:
        self._tally, self._cpu_before = Tally(), time.process_time()
        self.material.hashed = 0
        return json_reply({})

    def _file(self, request: Request) -> Reply:
        return json_reply({"size": self.material.size, "md5": self.material.md5_of_all})

    def _report(self, request: Request) -> Reply:
        tally, material = self._tally, self.material
        damaged = [o for o, n in tally.spans if self.verify and tally.content[o] != material.md5(o, n)]
        return json_reply(
            {
                "received": sum(length for _, length in tally.spans),
                "missing": 0 if material.sparse else missing(tally.spans, material.size),
                "damaged": len(damaged),
                "most_under_way": tally.most_under_way,
                "largest": tally.largest,
                "requests": tally.requests - len(("file", "report")),
                "hashed": material.hashed,
                "sink_cpu": time.process_time() - self._cpu_before,
            }
        )

    def _plain(self, request: Request) -> Reply:
        self.receive(request)
        return Reply(200)


def missing(spans: list[tuple[int, int]], size: int) -> int:
    """How many bytes of the file are in no span."""
    found = position = 0
    for offset, length in sorted(spans):
        found += max(0, offset + length - max(position, offset))
        position = max(position, offset + length)
    return size - found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--sparse", action="store_true", help="the file is all zeros")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--rate", type=float, default=0.0, help="bytes a second of each connection")
    parser.add_argument("--verify", action="store_true", help="hash what arrives (not for timing)")
    given = parser.parse_args()
    material = Material(given.file, sparse=given.sparse)
    material.prepare()
    sink = Sink(material, Link(given.delay, given.rate), verify=given.verify)
    print(sink.url, flush=True)
    sys.setswitchinterval(0.001)
    serve(sink.listener, sink.link, sink.answer)


if __name__ == "__main__":
    main()
