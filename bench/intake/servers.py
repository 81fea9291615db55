"""The two servers that are compared: the hub's real web server over an empty SQLite file, and nginx."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from bench.common.hub import environment, free_port, manage
from bench.common.measure import memory
from bench.common.page import ROOT

USER, PASSWORD = "bench", "a password of the benchmark"
PREPARE = f"""
from django.contrib.auth.models import User
User.objects.create_superuser({USER!r}, password={PASSWORD!r})
"""
NGINX = """
daemon off;
worker_processes 2;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {folder}/bodies;
    client_body_in_file_only clean;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_request_buffering on;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass http://unix:{folder}/upstream.sock;
        }}
    }}
    server {{
        listen unix:{folder}/upstream.sock;
        location / {{ return 200 "kept"; }}
    }}
}}
"""


@dataclass(frozen=True)
class Server:
    """Where it listens, and the processes whose memory counts."""

    port: int
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The processes that serve."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children]

    def forget_peaks(self) -> dict[int, int]:
        """Count each worker's peak from now on; answers what each has now, in bytes."""
        for pid in self.workers():
            Path(f"/proc/{pid}/clear_refs").write_text("5")
        return {pid: _memory(pid, "VmRSS") for pid in self.workers()}

    def cpu(self) -> float:
        """Seconds of the processor that the workers have used so far."""
        return sum(_cpu(pid) for pid in self.workers())

    def growth(self, before: dict[int, int]) -> int:
        """By how many bytes the worker that grew most has grown at its peak."""
        return max(_memory(pid, "VmHWM") - before.get(pid, 0) for pid in self.workers())


@contextmanager
def hub(folder: Path) -> Iterator[Server]:
    """The hub as `script/server` runs it, with its files in `folder`."""
    port = free_port()
    settings = environment(
        folder, DEBUG="1", FILE_UPLOAD_TEMP_DIR=str(folder), BIND=f"127.0.0.1:{port}", LANGUAGE_CODE="en",
        PUBLIC_URL=f"http://127.0.0.1:{port}",
    )  # fmt: skip
    manage(settings, "migrate", "--verbosity", "0")
    manage(settings, "shell", "-v", "0", "-c", PREPARE)
    command = [str(ROOT / "script" / "server")]
    with _running(command, port, cwd=ROOT, env=settings, stderr=subprocess.DEVNULL) as server:
        yield server


@contextmanager
def nginx(folder: Path) -> Iterator[Server]:
    """nginx, which writes each body to a file and then asks an upstream that has nothing to do."""
    port = free_port()
    configuration = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    configuration.write_text(NGINX.format(folder=folder, port=port, user=user))
    command = [_nginx(), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
    with _running(command, port, stderr=subprocess.DEVNULL) as server:
        yield server


def _nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nginx-light"]
        subprocess.run(install, check=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, **quiet)  # type: ignore[call-overload]
        found = shutil.which("nginx", path="/usr/sbin")
    if not found:
        raise SystemExit("nginx is not installed. Debian or Ubuntu: sudo apt-get install nginx-light")
    return found


@contextmanager
def _running(command: list[str], port: int, **options: object) -> Iterator[Server]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    try:
        _wait(port, process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(60)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(300):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise SystemExit("a server did not start")


def _cpu(pid: int) -> float:
    """Seconds of the processor that a process and its ended children have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int, name: str) -> int:
    return memory(name, Path(f"/proc/{pid}/status"))
