"""A small web server with a file, and with every fault that a download may meet; and one that speaks TLS."""

from __future__ import annotations

import hashlib
import re
import ssl
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KIB = 1024
OLD = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
Headers = dict[str, str]


@dataclass
class Site:
    """What the server does. `cut_at` closes the connection at that byte of the file, `cuts` times.

    `redirects` maps paths to addresses, `answers` to (status, headers, body). `hold` keeps a body back half-way until
    `go_on` is set; `drip` sends headers a byte at a time. `seen` are the requests: path and headers.
    """

    content: bytes = b""
    etag: str = '"one"'
    modified: datetime | None = OLD
    ranges: bool = True
    tells_length: bool = True
    chunked: bool = False
    endless: bool = False
    cut_at: int = 0
    cuts: int = 0
    hold: bool = False
    drip: bool = False
    pause: float = 0.0
    most_at_once: int = 0
    headers: Headers = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[int, Headers, bytes]] = field(default_factory=dict)
    seen: list[tuple[str, Headers]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)

    @property
    def md5(self) -> str:
        return hashlib.md5(self.content).hexdigest()

    @property
    def ranges_asked(self) -> list[str]:
        return [headers.get("Range", "") for _path, headers in self.seen]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        site, path = self.server.site, self.path
        site.seen.append((path, dict(self.headers.items())))
        self.close_connection = True
        if site.drip:
            self._drip()
        elif path in site.redirects:
            self._answer(302, {"Location": site.redirects[path], "Set-Cookie": "seen=1", "Content-Length": "0"})
        elif path in site.answers:
            status, headers, body = site.answers[path]
            self._answer(status, {"Content-Length": str(len(body)), **headers})
            self.wfile.write(body)
        else:
            self._send_file(site)

    def _send_file(self, site: Site) -> None:
        start, end = self._range(site)
        headers = dict(site.headers)
        if site.etag:
            headers["ETag"] = site.etag
        if site.modified:
            headers["Last-Modified"] = format_datetime(site.modified, usegmt=True)
        if site.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif site.tells_length:
            headers["Content-Length"] = str(end - start)
        if start or end < len(site.content):
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(site.content)}"
        self._answer(206 if "Content-Range" in headers else 200, headers)
        self._send_body(site, start, end)

    def _range(self, site: Site) -> tuple[int, int]:
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        modified = format_datetime(site.modified, usegmt=True) if site.modified else ""
        proven = self.headers.get("If-Range", "") in (site.etag, modified)
        start = int(match[1]) if match and site.ranges and proven else 0
        whole = len(site.content)
        return start, min(whole, start + site.most_at_once) if site.most_at_once and start else whole

    def _send_body(self, site: Site, start: int, end: int) -> None:
        at = start
        while at < end or site.endless:
            if site.hold and at >= len(site.content) // 2:
                site.held.set()
                site.go_on.wait()
            cuts_here = site.cuts > 0 and at < site.cut_at
            piece = site.content[at : min(end, at + 64 * KIB, site.cut_at if cuts_here else end)] or bytes(KIB)
            self._write(site, piece)
            at += len(piece)
            if cuts_here and at >= site.cut_at:
                site.cuts -= 1
                return
            time.sleep(site.pause)
        if site.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _write(self, site: Site, piece: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if site.chunked else piece)

    def _answer(self, status: int, headers: Headers) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.site.go_on.wait(0.05):
            self.wfile.write(b"x")


class Server(ThreadingHTTPServer):
    """`with Server(site) as server`: serves on a free port of 127.0.0.1 until the block ends."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, site: Site, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site, self.scheme = site, "http"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def address(self, path: str = "/lesson.mp4", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests."""

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.site.go_on.set()
        self.shutdown()
        self.server_close()


def certificate(folder, host: str) -> tuple[str, str]:
    """Paths of a new certificate for `host`, signed by itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{host}.pem", folder / f"{host}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password))
    return str(paths[0]), str(paths[1])
