"""The simulator runs in any Python process."""

import subprocess
import sys
from pathlib import Path


def test_it_needs_neither_django_nor_the_hub():
    program = "import sys, sandbox.server; print(sorted({'django', 'platforms', 'mediahub'} & set(sys.modules)))"
    root = Path(__file__).parents[2]

    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
