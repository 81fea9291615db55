"""What a piece of work costs this process and its children: time, CPU, memory."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

STATUS = Path("/proc/self/status")
POLL_SECONDS = 0.002


@dataclass(frozen=True)
class Cost:
    """`seconds` by the clock, `cpu` user and system seconds, `idle` and `peak` resident bytes before and during."""

    seconds: float
    cpu: float
    idle: int
    peak: int


def cost_of(work: Callable[[], object]) -> Cost:
    """Run some work in this process."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from now on
    idle = memory("VmRSS")
    before, started = _cpu(), time.perf_counter()
    work()
    seconds, cpu = time.perf_counter() - started, _cpu() - before
    return Cost(seconds, cpu, idle, memory("VmHWM"))


def cost_of_command(command: Sequence[str]) -> Cost:
    """Run a command, whose idle memory counts as none. Raises CalledProcessError when it fails."""
    # Waiting for it costs this process next to nothing, and that is not counted.
    before, started, peak = _cpu_of(resource.RUSAGE_CHILDREN), time.perf_counter(), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            peak = max(peak, memory("VmHWM", status))
            time.sleep(POLL_SECONDS)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(seconds, _cpu_of(resource.RUSAGE_CHILDREN) - before, 0, peak)


def memory(name: str, status: Path = STATUS) -> int:
    """A figure of a process's memory in bytes, 0 when the process has just ended."""
    lines = [line.split() for line in status.read_text().splitlines() if line.startswith(f"{name}:")]
    return int(lines[0][1]) * 1024 if lines else 0


def _cpu() -> float:
    """User and system seconds of this process and of its children that have ended."""
    return _cpu_of(resource.RUSAGE_SELF) + _cpu_of(resource.RUSAGE_CHILDREN)


def _cpu_of(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime
