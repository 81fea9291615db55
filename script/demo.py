"""The demonstration: simulated platforms, web server and workers on loopback, and one video published to all three.

Everything lives in `var/demo`; nothing is read from `.env`. `--once` ends by itself: 0 when all three play, else 1.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import io
import json
import os
import re
import secrets
import signal
import socket
import sys
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import requests
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command

from script.children import Child, Children
from script.make_env import new_keys

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sandbox" / "samples" / "sample.mp4"
TITLE = "MediaHub 示例视频"
DESCRIPTION = "九秒钟的示例视频，随 MediaHub 一起提供。 Nine seconds that ship with MediaHub."
TAGS = "示例,MediaHub"
OPTIONS = ("definition=4",)  # 720p: Baijiayun makes the definitions that it is asked for
WEB_PORT, SANDBOX_PORT = 8000, 8100
START_SECONDS = 60.0
PUBLISH_SECONDS = 300.0
# The supervisor itself gives running uploads 30 seconds to save their progress.
END_SECONDS = 40.0
ENDED_BADLY = {"rejected", "failed", "blocked", "cancelled", "unknown", "deleted", "missing", "paused"}


class DemoFailed(Exception):
    """The demonstration cannot go on; the text says why."""


class Interrupted(Exception):
    """Somebody asked it to end."""


def free_port(wanted: int) -> int:
    """`wanted`, or the next port after it that nobody listens on, or any free one."""
    for port in [*range(wanted, wanted + 50), 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise DemoFailed("There is no free port on 127.0.0.1.")


def tell_port(wanted: int, what: str) -> int:
    """A free port for `what`, told when it is not the wanted one."""
    port = free_port(wanted)
    if port != wanted:
        print(f"Port {wanted} is in use; {what} takes {port}.")
    return port


def hub_variables(example: str) -> set[str]:
    """The variables that `.env.example` names: what must not leak in from the caller's environment."""
    return set(re.findall(r"(?m)^#?([A-Z][A-Z0-9_]+)=", example))


@contextlib.contextmanager
def only_demo_in(folder: Path) -> Iterator[None]:
    """One demonstration at a time works in a folder."""
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoFailed(f"A demo already runs in {folder}: end that one first.") from None
        yield


class Memory:
    """What a second run must know: keys and the administrator's password. One JSON file, for its owner only."""

    def __init__(self, path: Path) -> None:
        fresh = {**new_keys(), "password": secrets.token_urlsafe(12)}
        known = json.loads(path.read_text()) if path.is_file() else {}
        self.values: dict[str, str] = fresh | known
        waiting = path.with_suffix(".new")
        with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self.values, file, indent=1)
        waiting.replace(path)


class Demo:
    """One run, from empty folder or known one to three videos that play."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children = Children(folder)
        self.memory = Memory(folder / "memory.json")
        self.interrupts = 0
        self.shown: dict[int, str] = {}

    def interrupt(self, number: int, frame: object) -> None:
        self.interrupts += 1

    def run(self, once: bool) -> int:
        """Everything, to the end; answers the exit code. Raises DemoFailed and Interrupted."""
        self.children.end_leftovers()
        print("Starting the sandbox, the web server and the workers ...")
        place = self.start_sandbox()
        self.open_hub(place["environment"])
        password = self.make_administrator()
        self.add_accounts(place["credentials"])
        address = self.start_hub()
        print(f"\n  Open      {address}\n  Log in    admin / {password}\n  Sandbox   {place['url']}/sandbox/")
        print(f"  Logs      {self.folder}/*.log\n")
        good = self.follow(self.publish(), limit=PUBLISH_SECONDS if once else None)
        print("\nAll three play." if good else "\nNot everything plays; the lines above and the admin say why.")
        if once:
            return 0 if good else 1
        print("Ctrl-C ends everything.")
        while True:
            self.pause()

    def start_sandbox(self) -> dict[str, Any]:
        """The simulated platforms; answers their own description: `url`, `environment`, `credentials`."""
        self.enter_environment({})
        port = tell_port(SANDBOX_PORT, "the sandbox")
        said = self.folder / "sandbox.json"
        data = str(self.folder / "sandbox")
        command = ["manage.py", "sandbox", "--port", str(port), "--data", data, "--pace", "2", "--json"]
        child = self.children.start("sandbox", [sys.executable, *command], os.environ, said)
        deadline = time.monotonic() + START_SECONDS
        while not (text := said.read_text()).endswith("\n"):
            self.pause(deadline, child)
        place: dict[str, Any] = json.loads(text)
        return place

    def enter_environment(self, platforms: Mapping[str, str]) -> None:
        """Make this process's environment the demonstration's own; children get it too."""
        for name in hub_variables((ROOT / ".env.example").read_text(encoding="utf-8")):
            os.environ.pop(name, None)
        os.environ |= {
            "ENV_FILE": "",
            "DJANGO_SETTINGS_MODULE": "mediahub.settings",
            "SECRET_KEY": self.memory.values["SECRET_KEY"],
            "CREDENTIALS_KEY": self.memory.values["CREDENTIALS_KEY"],
            "DATABASE_URL": "sqlite:///" + urllib.parse.quote(str(self.folder / "mediahub.sqlite3")),
            "MEDIA_ROOT": str(self.folder / "media"),
            "FILE_UPLOAD_TEMP_DIR": str(made(self.folder / "tmp")),
            "STATIC_ROOT": str(self.folder / "static"),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            **platforms,
        }

    def open_hub(self, platforms: Mapping[str, str]) -> None:
        """Django in this process, the database up to date, the static files in place."""
        port = tell_port(WEB_PORT, "the web server")
        address = {"PUBLIC_URL": f"http://127.0.0.1:{port}", "BIND": f"127.0.0.1:{port}"}
        self.enter_environment({**platforms, **address, "LOG_LEVEL": "WARNING"})
        django.setup()
        os.environ["LOG_LEVEL"] = "INFO"
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        self.check_interrupt()

    def make_administrator(self) -> str:
        """The administrator's password; the one of the first run on later runs."""
        users = get_user_model().objects
        password = self.memory.values["password"]
        user = users.filter(username="admin").first()
        if user is None:
            user = users.create_superuser("admin", password=password)
        return password if user.check_password(password) else "(the password that you chose)"

    def add_accounts(self, credentials: Mapping[str, str]) -> None:
        """One account a platform. One that exists keeps its tokens: refresh tokens work only once."""
        known = set(apps.get_model("platforms", "Account").objects.values_list("name", flat=True))
        for platform, file in credentials.items():
            if account_name(platform) not in known:
                self.command("account_add", account_name(platform), "--platform", platform, "--credentials-file", file)
        self.check_interrupt()

    def start_hub(self) -> str:
        """Web server and workers; answers the address once it answers."""
        web = self.children.start("web", ["script/server"], os.environ)
        self.children.start("worker", ["script/worker"], os.environ)
        address = os.environ["PUBLIC_URL"]
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"{address}/admin/login/"):
            self.pause(deadline, web)
        return address

    def publish(self) -> int:
        """The id of the sample's video, which the first run publishes."""
        md5 = hashlib.md5(SAMPLE.read_bytes()).hexdigest()
        if video := apps.get_model("platforms", "Video").objects.filter(md5=md5).order_by("pk").first():
            self.look_again(video.pk)
            return int(video.pk)
        names = apps.get_model("platforms", "Account").objects.order_by("pk").values_list("name", flat=True)
        to = [argument for name in names for argument in ("--to", name)]
        words = ["--title", TITLE, "--description", DESCRIPTION, "--tags", TAGS]
        options = [argument for option in OPTIONS for argument in ("--option", option)]
        return int(self.command("publish", str(SAMPLE), *to, *words, *options)["video"]["id"])

    def look_again(self, video: int) -> None:
        """Renew the links, which name the sandbox's port, and send again what has failed."""
        # The hub's rooms can only be entered once the environment says where everything is.
        polling = import_module("platforms.services.polling")
        rows = apps.get_model("platforms", "Publication").objects.filter(video_id=video)
        polling.refresh(rows.select_related("account", "video"), actor="script/demo")
        for row in self.publications(video):
            if row["state"] == "failed":
                self.command("upload", str(row["id"]))

    def follow(self, video: int, limit: float | None) -> bool:
        """Tell of every change until each publication is final; whether all play. DemoFailed after `limit` seconds."""
        deadline = time.monotonic() + limit if limit else None
        while True:
            rows = self.publications(video)
            for row in rows:
                self.show(row)
            if all(row["state"] in ENDED_BADLY | {"published"} for row in rows):
                return bool(rows) and all(plays(row) for row in rows)
            self.pause(deadline)

    def show(self, row: Mapping[str, Any]) -> None:
        """One line, when it says something new."""
        progress = f"{row['percent']}%" if row["state"] == "uploading" else row["links"].get("page", "")
        reason = row["error"]["message"] if row["error"] else ""
        line = f"  {row['account']:<16} {row['state']:<11} {progress}  {reason}".rstrip()
        if self.shown.get(row["id"]) != line:
            self.shown[row["id"]] = line
            print(line)

    def publications(self, video: int) -> list[dict[str, Any]]:
        rows = [row for row in self.command("publications") if row["video"] == video]
        return sorted(rows, key=lambda row: row["id"])

    def command(self, name: str, *arguments: str) -> Any:
        """What one of the hub's commands answers with `--json`."""
        out, errors = io.StringIO(), io.StringIO()
        try:
            call_command(name, *arguments, "--json", stdout=out, stderr=errors)
        except (Exception, SystemExit) as error:
            if not out.getvalue():
                raise DemoFailed(f"{name}: {error}") from error
        document = json.loads(out.getvalue())
        if isinstance(document, dict) and set(document) == {"error"}:
            raise DemoFailed(f"{name}: {document['error']['message']}")
        return document

    def pause(self, deadline: float | None = None, waiting_for: Child | None = None) -> None:
        """Wait a moment. Raises when somebody interrupts, a child has ended or the deadline has passed."""
        time.sleep(0.3)
        self.check_interrupt()
        if child := self.children.first_ended():
            raise DemoFailed(f"The {child.name} has ended (exit {child.process.returncode}):\n{child.tail()}")
        if deadline and time.monotonic() > deadline:
            concerned = [waiting_for] if waiting_for else self.children.running
            tails = "\n".join(f"--- {child.log}\n{child.tail()}" for child in concerned)
            raise DemoFailed(f"That took too long.\n{tails}")

    def check_interrupt(self) -> None:
        if self.interrupts:
            raise Interrupted

    def end(self) -> None:
        asked = self.interrupts
        self.children.end(END_SECONDS, hurry=lambda: self.interrupts > asked)


def account_name(platform: str) -> str:
    return f"{platform}-demo"


def made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def answers(address: str) -> bool:
    """Whether a GET of this address succeeds."""
    with requests.Session() as session, contextlib.suppress(requests.RequestException):
        # A proxy for the outside world has no way to this machine's loopback.
        session.trust_env = False
        return session.get(address, timeout=10).ok
    return False


def plays(row: Mapping[str, Any]) -> bool:
    """Whether a publication is published, and its page, where its platform has one, is there."""
    page = row["links"].get("page")
    return row["state"] == "published" and (not page or answers(page))


def run(folder: Path, once: bool) -> int:
    """One demonstration in this folder, from start to a tidy end; answers the exit code."""
    made(folder).chmod(0o700)
    with only_demo_in(folder):
        demo = Demo(folder)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, demo.interrupt)
        try:
            return demo.run(once)
        except (DemoFailed, Interrupted):
            # Ctrl-C also reaches what this process has just called; what fails of that is no news.
            if not demo.interrupts:
                raise
            print("\nEnding ...")
            return 130 if once else 0
        finally:
            demo.end()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="script/demo", description="Show MediaHub at work against simulated platforms."
    )
    parser.add_argument("--once", action="store_true", help="end when all is published (exit 0) or is not (exit 1)")
    once = parser.parse_args().once
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)
    try:
        return run(ROOT / "var" / "demo", once)
    except DemoFailed as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
