"""The proxy of `deploy/nginx.conf.template`: who asked, and how, is what it saw itself; bodies pass as they come."""

from __future__ import annotations

import http.client
import http.server
import os
import re
import shutil
import signal
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.hub import PATIENCE_SECONDS, until
from tests.ports import Port

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"
BODY = 3 * 1024 * 1024


class Seen(http.server.BaseHTTPRequestHandler):
    """A web server that remembers what the proxy passed on, and when the first byte of a body came."""

    requests: list[tuple[str, dict[str, str], int]] = []
    begun = threading.Event()
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length:
            self.rfile.read(1)
            self.begun.set()
        left = length - 1
        while left > 0 and (data := self.rfile.read(min(left, 65536))):
            left -= len(data)
        self.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, length))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PATCH = do_GET  # noqa: N815 (http.server's names)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


@pytest.fixture
def proxy(tmp_path) -> Iterator[str]:
    """nginx with our configuration before a web server; answers its address."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed: run script/test")
    Seen.requests, Seen.begun = [], threading.Event()
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Seen)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    _certificate(tmp_path)
    held = [Port(), Port()]
    port, plain = (each.number for each in held)
    site = (DEPLOY / "nginx.conf.template").read_text(encoding="utf-8")
    for old, new in {
        "${HUB_NAME}": "localhost", "${HUB_WEB}": f"127.0.0.1:{web.server_port}", "/etc/mediahub/tls": str(tmp_path),
        "listen 80;": f"listen 127.0.0.1:{plain};", "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
    }.items():  # fmt: skip
        assert old in site
        site = site.replace(old, new)
    site = re.sub(r"\n\s*listen \[::\].*", "", site)
    folders = " ".join(
        f"{what}_temp_path {tmp_path}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{}}\n"
        f"http {{ access_log off; {folders}\n{site}\n}}\n"
    )
    # As root nginx would have its workers run as somebody who may not enter the test's folder.
    who = ["-g", "user root;"] if os.geteuid() == 0 else []
    tested = subprocess.run([nginx, "-t", "-c", str(whole), *who], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "warn" not in tested.stderr
    running = subprocess.Popen([nginx, "-c", str(whole), *who], stderr=subprocess.DEVNULL)
    try:
        until(lambda: _asked(f"https://localhost:{port}/healthz"))
        yield f"https://localhost:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(PATIENCE_SECONDS)
        web.shutdown()
        web.server_close()
        for each in held:
            each.close()


def _asked(address: str, data: bytes | None = None, method: str = "GET", **headers: str) -> int:
    """The status of an answer; 0 while nobody answers."""
    context = ssl._create_unverified_context()  # noqa: S323 (the certificate is this test's own)
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with opener.open(Request(address, data, named, method=method), timeout=PATIENCE_SECONDS) as answer:
            return int(answer.status)
    except OSError as error:
        return int(getattr(error, "code", 0))


def test_the_proxy_says_who_asked_and_how_whatever_the_client_says(proxy):
    assert _asked(f"{proxy}/admin/", X_Forwarded_For="10.9.8.7", X_Forwarded_Proto="http") == 200
    path, headers, _length = Seen.requests[-1]
    assert path == "/admin/"
    assert (headers["x-forwarded-for"], headers["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert headers["host"] == "localhost"


def test_the_proxy_lets_large_bodies_through_and_only_small_ones_to_callbacks(proxy):
    assert _asked(f"{proxy}/intake/x", b"x" * BODY, "PATCH") == 200
    assert Seen.requests[-1][2] == BODY
    assert _asked(f"{proxy}/callbacks/baijiayun/x/", b"x" * 1000, "POST") == 200
    assert _asked(f"{proxy}/callbacks/baijiayun/x/", b"x" * BODY, "POST") in (0, 413)
    assert Seen.requests[-1][2] == 1000


def test_the_proxy_passes_a_body_on_as_it_comes(proxy):
    context = ssl._create_unverified_context()  # noqa: S323
    host, _colon, port = proxy.removeprefix("https://").partition(":")
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=PATIENCE_SECONDS)
    connection.putrequest("PATCH", "/intake/x")
    connection.putheader("Content-Length", "200000")
    connection.endheaders(b"x" * 100_000)
    assert Seen.begun.wait(PATIENCE_SECONDS), "the first half waits at the proxy"
    connection.send(b"x" * 100_000)
    assert connection.getresponse().status == 200
    connection.close()
