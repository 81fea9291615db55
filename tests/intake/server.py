"""A real web server, to be killed: gunicorn as in production, with a database and a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import requests

from tests.hub import until
from tests.installed import Installed

ROOT = Path(__file__).resolve().parent.parent.parent
# As in production, but nobody waits so long for a connection that says nothing.
CONFIGURATION = """
exec(open("script/gunicorn.conf.py").read())
workers, threads, reuse_port = 2, 4, True

def post_worker_init(worker):
    from platforms.intake import entrance
    entrance.SILENCE_SECONDS = 10.0
"""


class Server:
    """One hub without workers. `kill` ends every process of it at once, as a power switch would."""

    def __init__(self, folder: Path, installed: Installed) -> None:
        # Nobody else gets the port while the server is down: this socket has it, and listens to nobody.
        self._port = socket.socket()
        self._port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._port.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{self._port.getsockname()[1]}"
        self.url = f"http://{place}"
        self.media = folder / "media"
        self._configuration = folder / "gunicorn.conf.py"
        self._configuration.write_text(CONFIGURATION)
        installed.copy_database(folder / "hub.sqlite3")
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mediahub.settings",
            "ENV_FILE": "",
            "DEBUG": "0",
            "SECRET_KEY": "only these tests' own, and long enough to be one, surely",
            "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "DATABASE_URL": f"sqlite:///{folder / 'hub.sqlite3'}",
            "REDIS_URL": "",
            "MEDIA_ROOT": str(self.media),
            "STATIC_ROOT": str(installed.static),
            "PUBLIC_URL": self.url,
            "BIND": place,
            "LANGUAGE_CODE": "en",
            "LOG_LEVEL": "WARNING",
            "INTAKE_RESERVE": "0",
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--config", str(self._configuration), "mediahub.wsgi:application"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stderr=subprocess.DEVNULL)
        until(self._answers)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=60).ok
        except requests.RequestException:
            return False

    def processes(self) -> list[psutil.Process]:
        """The main process and those that answer."""
        main = psutil.Process(self._process.pid)
        return [main, *main.children(recursive=True)]

    def kill(self) -> None:
        for process in self.processes():
            # One that answers leaves by itself once the main process is gone.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        self._process.wait()
        # The workers belong to nobody then; the address is free once they are gone.
        until(lambda: not self._answers())

    def stop(self) -> None:
        if self._process.poll() is None:
            self.kill()
        self._port.close()
