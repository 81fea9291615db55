"""What each of the hub's processes loads as it starts: dozens run on a machine, and every command is one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys, django
django.setup()
import platforms.management.commands.publish, platforms.services.bulk.examples, platforms.drivers.youku.storage
print(*sys.modules)
"""


def test_a_process_loads_no_package_that_only_some_of_them_use() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"django", "requests", "platforms.services.bulk.workbook"} <= loaded
    assert not {"oss2", "openpyxl", "redis"} & loaded
