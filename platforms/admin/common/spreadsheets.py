"""Cells of CSV files that people open with a spreadsheet."""

from __future__ import annotations

import re
from typing import Any

# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Nothing that is made of these alone calls a function or names another file, whatever it begins with.
HARMLESS = re.compile(r"[A-Za-z0-9_.~-]*", re.ASCII)


def cell(value: Any) -> str:
    """The value as a spreadsheet shows it and never calculates it."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) and not HARMLESS.fullmatch(text) else text
