"""Titles of the queue's processes get as much room as the command line that started them took."""

from __future__ import annotations

from pathlib import Path

import pytest

from platforms.services import supervising

# What the queue library calls a process, and the longest word for what one does while nothing is in its hands.
LONGEST = f"qcluster Process-{32 * '0'} monitor"


@pytest.mark.parametrize("name", ["default", "uploads"])
def test_the_titles_fit_even_where_the_hub_lies_in_a_folder_with_a_short_path(settings, monkeypatch, name):
    settings.BASE_DIR = Path("/h")
    monkeypatch.setattr("sys.executable", "/p")
    assert len(" ".join(supervising.command_line(name))) >= len(LONGEST)
