"""Child processes with a log each: started, watched, and ended together with everything that they started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MARK = "MEDIAHUB_DEMO"
# Keeps setproctitle from writing a process's title over its environment, where the mark is.
KEEP_ENVIRONMENT = "SPT_NOENV"
LOOK_SECONDS = 0.1
MOST_LOOKS = 5


@dataclass(frozen=True)
class Child:
    """A running program; what it prints goes to `log`, with its stdout in `output` when that was asked for."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def tail(self, lines: int = 15) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


class Children:
    """All children of one demo. `folder` holds their logs and marks them as belonging to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[Child] = []

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], output: Path | None = None
    ) -> Child:
        """Start a program in a session of its own, so that Ctrl-C reaches it only through `end`."""
        log = self.folder / f"{name}.log"
        with contextlib.ExitStack() as files:
            errors = files.enter_context(log.open("wb"))
            process = subprocess.Popen(
                command,
                env={**environment, MARK: str(self.folder), KEEP_ENVIRONMENT: "1"},
                stdin=subprocess.DEVNULL,
                stdout=files.enter_context(output.open("wb")) if output else errors,
                stderr=errors,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.running.append(child)
        return child

    def first_ended(self) -> Child | None:
        """A child that has ended although nobody asked it to."""
        return next((child for child in self.running if child.ended), None)

    def end(self, patience: float, hurry: Callable[[], bool]) -> None:
        """Ask the children to leave, the last started first and each with `patience` seconds, then end what is left.

        One after the other: a worker that saves its progress still needs the platform it talks to. `hurry` true ends
        the waiting.
        """
        for child in reversed(self.running):
            if not child.ended:
                child.process.terminate()
            deadline = time.monotonic() + patience
            while not child.ended and not hurry() and time.monotonic() < deadline:
                time.sleep(LOOK_SECONDS)
        self.end_leftovers()
        for child in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
        self.running.clear()

    def end_leftovers(self) -> int:
        """Kill every process that bears this folder's mark, however it came to live on; answers how many.

        Looked for again until none is left: one may start another while it is being looked for.
        """
        count = 0
        for _look in range(MOST_LOOKS):
            found = list(self._marked())
            if not found:
                break
            for process in found:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGKILL)
            psutil.wait_procs(found, timeout=5)
            count += len(found)
        return count

    def _marked(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid != os.getpid() and process.environ().get(MARK) == str(self.folder):
                    yield process
