"""The machine that was measured on, without names."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Date, cores, processor, memory, versions, priority and load, as they are now."""
    info = Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*:\s*(.+)$", info, re.MULTILINE)
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "cpu": found[1] if found else platform.machine(),
        "ram_gib": round(pages / 1024**3),
        "linux": platform.release().partition("-")[0],
        "python": platform.python_version(),
        "nice": _priority(),
        "load_average_before": round(os.getloadavg()[0], 1),
    }


def told(facts: Mapping[str, Any]) -> str:
    """`machine()` as the first sentence below a heading."""
    return (
        f"Measured on {facts['date']}: {facts['cores']} cores ({facts['cpu']}), {facts['ram_gib']} GiB of memory, "
        f"Linux {facts['linux']}, Python {facts['python']}; load average before the run "
        f"{facts['load_average_before']}, priority (nice) {facts['nice']}."
    )


def _priority() -> int:
    """The nice value that counts: the session's, where the kernel shares out time by sessions, or the process's."""
    group = Path("/proc/self/autogroup")
    found = re.search(r"nice (-?\d+)", group.read_text()) if group.is_file() else None
    return min(os.getpriority(os.PRIO_PROCESS, 0), int(found[1]) if found else 0)
