"""The simulator's HTTP server, and ``Sandbox``: the whole simulator as one object."""

import fcntl
import socket
import struct
import sys
import tempfile
import threading
import traceback
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from sandbox.baijiayun import Baijiayun
from sandbox.blocks import Answer, Blocks
from sandbox.core import MAIN_ACCOUNT, Clock, Platform, Service, VideoRow, World
from sandbox.damage import answer_under
from sandbox.faults import OWN, Fault, FaultKind, Faults
from sandbox.iqiyi import Iqiyi
from sandbox.messages import BadRequest, ChunkedBody, FilePart, LengthBody, RawBody, Request, Response, text_response
from sandbox.oss import Oss
from sandbox.pages import Pages
from sandbox.store import Store
from sandbox.youku import Youku

__all__ = ["Answer", "Call", "CallLog", "DataFolderInUse", "Sandbox"]

HOST = "127.0.0.1"
REMEMBERED_CALLS = 5000


class DataFolderInUse(RuntimeError):
    """Another simulator works on this data folder."""


@dataclass(frozen=True)
class Call:
    """One request that was answered. ``status`` 0: the connection ended without an answer.

    ``values`` are query and form parameters; ``headers`` have lower-case names.
    """

    platform: str
    method: str
    path: str
    values: dict[str, str]
    headers: dict[str, str]
    status: int


class CallLog:
    """The last calls, oldest first; iterate, index or ``clear`` it."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=REMEMBERED_CALLS)
        self._lock = threading.Lock()
        #: How often each path was called, by (platform, path); the last calls are forgotten, these are not.
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)
            self.counts[call.platform, call.path] += 1

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
            self.counts.clear()

    def to(self, path: str, method: str | None = None) -> list[Call]:
        """The calls whose path starts with ``path``."""
        return [call for call in self if call.path.startswith(path) and method in (None, call.method)]

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def __getitem__(self, index: int) -> Call:
        return self._calls[index]


class Sandbox:
    """The simulated platforms on one loopback port.

    ``data``: the folder that holds all state (None: a temporary one, removed at the end). ``port`` 0 takes a free one.
    ``pace``: seconds that a video stays in each state. Use it in ``with``, or call ``start`` and ``stop``.
    Raises DataFolderInUse, and OSError when the port is taken.
    """

    def __init__(self, data: Path | str | None = None, port: int = 0, pace: float = 2.0) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="sandbox-") if data is None else None
        self.data = Path(self._temporary.name if self._temporary else data or "").resolve()
        self.data.mkdir(parents=True, exist_ok=True)
        self._folder_lock = _lock_folder(self.data)
        self.store = Store(self.data / "sandbox.sqlite3")
        self.clock = Clock(self.store)
        self.world = World(self.data, self.store, self.clock, pace)
        self.requests = CallLog()
        #: Tracebacks of the simulator's own mistakes; a test suite expects none.
        self.errors: list[str] = []
        self.blocks = Blocks()
        self._port = port
        self._server: _Server | None = None
        self.oss = Oss(self.world)
        self.youku = Youku(self.world, self.oss)
        self.iqiyi = Iqiyi(self.world)
        self.baijiayun = Baijiayun(self.world)
        platforms = (self.youku, self.iqiyi, self.baijiayun)
        #: Faults on demand: ``faults.add(Fault("http_503", path="/youku", chance=0.05, times=None))``.
        self.faults = Faults((*platforms, self.oss), self._owner_of)
        self._services: tuple[Service, ...] = (Pages(self.world, self.videos, self.faults), *platforms, self.oss)

    @property
    def url(self) -> str:
        """``http://127.0.0.1:N``."""
        return self.world.url

    @property
    def platforms(self) -> dict[str, Platform]:
        return {service.name: service for service in self._services if isinstance(service, Platform)}

    def start(self) -> Self:
        try:
            self._server = _Server((HOST, self._port), self)
        except OSError:
            self.stop()
            raise
        self.world.url = f"http://{HOST}:{self._server.server_address[1]}"
        for platform in self.platforms.values():
            platform.write_credentials()
        for service in self._services:
            service.start()
        self._server.begin()
        return self

    def stop(self) -> None:
        """End every connection and close the data folder; a temporary one is removed."""
        for service in self._services:
            service.stop()
        if self._server is not None:
            self._server.end()
            self._server = None
        self.store.close()
        self._folder_lock.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """The environment variables that point a hub at this sandbox."""
        return {
            "YOUKU_API_URL": f"{self.url}/youku",
            "YOUKU_OPENAPI_URL": f"{self.url}/youku/v2",
            "IQIYI_API_URL": f"{self.url}/iqiyi",
            "IQIYI_UPLOAD_URL": f"{self.url}/iqiyi-upload",
            "BAIJIAYUN_API_URL": f"{self.url}/baijiayun/{{private_domain}}",
        }

    def credentials(self, platform: str, account: str = MAIN_ACCOUNT) -> dict[str, str]:
        """An account's current credentials, as its owner would type them; a new account is made on demand."""
        return self.platforms[platform].credentials(account)

    def videos(self, platform: str | None = None) -> list[VideoRow]:
        """Every video of one platform, or of all."""
        chosen = self.platforms.values() if platform is None else [self.platforms[platform]]
        return [row for each in chosen for row in each.videos()]

    def block(self, prefix: str, answer: Answer, times: int = 1, method: str | None = None) -> None:
        """The next ``times`` calls whose path starts with ``prefix`` get ``answer``."""
        self.blocks.add(prefix, answer, times, method)

    def unblock(self) -> None:
        """Forget all blocks that were not used up."""
        self.blocks.clear()

    def received(self, platform: str, video_id: object) -> int:
        """Bytes of this video's file that have arrived, repeated and refused ones too."""
        return self.world.received.size(platform, video_id)

    def service_for(self, path: str) -> Service | None:
        """The first path segment decides; what no service claims belongs to the one with the prefix ``*``."""
        return self._owner_of(path) or next((each for each in self._services if "*" in each.prefixes), None)

    def _owner_of(self, path: str) -> Service | None:
        segment = path.lstrip("/").split("/", 1)[0]
        return next((service for service in self._services if segment in service.prefixes), None)


def _lock_folder(data: Path) -> BinaryIO:
    file = (data / ".lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise DataFolderInUse(f"another sandbox works on {data}") from error
    return file


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()
        self._acceptor = threading.Thread(target=self._accept, name="sandbox", daemon=True)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        if request in self._to_reset:
            self._to_reset.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def reset(self, connection: socket.socket) -> None:
        """Let a connection end with a TCP RST instead of a FIN: what was under way in either direction is lost."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._to_reset.add(connection)

    def begin(self) -> None:
        """Accept connections in a thread of its own."""
        self._acceptor.start()

    def end(self) -> None:
        """Kept-alive connections would otherwise go on answering for a simulator that is gone."""
        self.stopping.set()
        with socket.create_connection((HOST, self.server_port)):
            self._acceptor.join()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def _accept(self) -> None:
        # Unlike `serve_forever` this waits without polling: the connection that `end` makes wakes it up.
        while not self.stopping.is_set():
            self.handle_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is the client's affair; anything else is a mistake of the simulator."""
        if not isinstance(sys.exception(), OSError) and not self.stopping.is_set():
            self.sandbox.errors.append(traceback.format_exc())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 256 * 1024
    server_version = "sandbox"
    sys_version = ""
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are remembered in ``Sandbox.requests``; nothing is printed."""

    def _serve(self) -> None:
        sandbox = self.server.sandbox
        request = Request(self.command, self.path, self.headers, self._body())
        service = sandbox.service_for(request.path)
        try:
            response = self._response(service, request)
        except BadRequest as error:
            response = Response(400, str(error).encode(), "text/plain; charset=utf-8", close=True)
        except ConnectionError:
            response = None
        # Whoever has the answer may look at the log and the counts at once.
        if request.received and service is not None and (key := service.upload_key(request)):
            sandbox.world.received.add(key, request.received)
        sandbox.requests.add(_call(service, request, response.status if response else 0))
        if response is None:
            self.close_connection = True
        else:
            self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = _serve  # noqa: N815

    def _body(self) -> RawBody:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return ChunkedBody(cast(BinaryIO, self.rfile))
        length = self.headers.get("Content-Length", "0").strip()
        return LengthBody(cast(BinaryIO, self.rfile), int(length) if length.isdecimal() else 0)

    def _response(self, service: Service | None, request: Request) -> Response | None:
        """What to answer; None: hang up."""
        sandbox = self.server.sandbox
        if answer := sandbox.blocks.take(request):
            response = self._blocked(service, request, answer)
        elif service is not None and (fault := sandbox.faults.take(service, request)):
            response = self._faulty(service, request, fault)
        else:
            response = self._work(service, request)
        if response is not None:
            request.drain()
        return response

    def _work(self, service: Service | None, request: Request) -> Response:
        if service is None:
            return text_response("not found", 404)
        try:
            return service.handle(request)
        except (BadRequest, ConnectionError):
            raise
        except Exception:
            if not self.server.stopping.is_set():
                self.server.sandbox.errors.append(traceback.format_exc())
            return text_response("the sandbox made a mistake", 500)

    def _faulty(self, service: Service, request: Request, fault: Fault) -> Response | None:
        if fault.kind in OWN:
            service.strikes()[fault.kind].strike(request)
            return self._work(service, request)
        if fault.kind is FaultKind.RESET:
            self.server.reset(self.connection)
        partial = bool(service.upload_key(request))
        return answer_under(
            fault, request, lambda: self._work(service, request), self.server.stopping.wait, partial=partial
        )

    def _blocked(self, service: Service | None, request: Request, answer: Answer) -> Response | None:
        if answer.after_work:
            self._work(service, request)
        if answer.delay:
            self.server.stopping.wait(answer.delay)
        if answer.close:
            return None
        headers = dict(answer.headers)
        if answer.length is not None:
            headers["Content-Length"] = str(answer.length)
        cut = answer.length is not None and answer.length != len(answer.body)
        return Response(answer.status, answer.body, answer.content_type, headers, close=cut)

    def _send(self, response: Response) -> None:
        """Head and a small body leave in one packet."""
        headers = {"Server": self.version_string(), "Date": self.date_time_string()}
        headers |= {"Content-Type": response.content_type} if response.content_type else {}
        headers |= {"Content-Length": str(response.length)} | dict(response.headers)
        if response.close:
            self.close_connection = True
            headers["Connection"] = "close"
        phrase = HTTPStatus(response.status).phrase if response.status in set(HTTPStatus) else "Unknown"
        lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        body = b"" if self.command == "HEAD" else response.body
        if isinstance(body, FilePart):
            self.connection.sendall(head)
            with body.path.open("rb") as file:
                self.connection.sendfile(file, body.start, body.length or None)
        else:
            self.connection.sendall(head + body)


def _call(service: Service | None, request: Request, status: int) -> Call:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(service.name if service else "", request.method, request.path, request.parsed_values, headers, status)
