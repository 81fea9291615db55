"""Libraries that are kept here for browsers are the very files that their pages name, with version and licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = sorted((ROOT / "static" / "vendor").iterdir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_it_is_what_its_page_says(folder):
    page = (folder / "README.md").read_text()
    ((name, digest),) = re.findall(r"^\| Here \| `([^`]+)`, sha256 `([0-9a-f]{64})` \|$", page, re.MULTILINE)
    (script,) = folder.glob("*.js")
    assert script.name == name
    assert hashlib.sha256(script.read_bytes()).hexdigest() == digest
    version = re.search(r"^\| Version \| ([\d.]+)", page, re.MULTILINE)
    assert version
    assert folder.name.endswith(f"-{version[1]}")
    assert (folder / "LICENSE").stat().st_size > 500


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_it_names_no_file_that_is_not_here(folder):
    (script,) = folder.glob("*.js")
    assert "sourceMappingURL=" not in script.read_text()
