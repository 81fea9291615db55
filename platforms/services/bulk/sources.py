"""Where a bulk upload comes from: the bytes of a table, or a folder of the server."""

from __future__ import annotations

from platforms.services.bulk import cells, listing, reading
from platforms.services.bulk.checking import Checked, Defaults, check, check_table


def of_table(content: bytes, defaults: Defaults) -> Checked:
    """Check a CSV or XLSX; raises `Unreadable`."""
    return check_table(reading.read(content), defaults)


def of_folder(path: str, defaults: Defaults, *, deep: bool = False) -> Checked:
    """Check the videos of a folder, as people write its path, `deep`: of its folders too; raises `Unreadable`."""
    films = listing.films(folder_path(path), deep=deep, titled=not defaults.template)
    return check(films, defaults)


def folder_path(text: str) -> str:
    """A folder below the ingest folder as the hub asks for it; empty for the ingest folder itself."""
    return cells.path_below("", f"{text.strip()}/").rstrip("/") if text.strip() not in ("", ".", "/") else ""
