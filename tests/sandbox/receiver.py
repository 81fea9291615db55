"""A small HTTP server that stands for the account owner's own: it records forms and answers what it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

OK = (200, b'{"code": 0}')


class Receiver:
    """``answers`` are used up one a request, then ``OK``; an answer is a status and a body."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.answers: list[tuple[int, bytes]] = []
        self._arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, body = receiver.take(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/callback"

    def take(self, body: bytes) -> tuple[int, bytes]:
        with self._arrived:
            self.forms.append(dict(parse_qsl(body.decode(), keep_blank_values=True)))
            self._arrived.notify_all()
            return self.answers.pop(0) if self.answers else OK

    def wait_for(self, count: int) -> list[dict[str, str]]:
        """The forms, once there are so many."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.forms) >= count, timeout=60), json.dumps(self.forms)
            return list(self.forms)


@contextmanager
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.server.shutdown()
        found.server.server_close()
        thread.join()
