"""What the database knows of its rows: without it SQLite guesses, and reads a million rows to list fifty."""

from __future__ import annotations

from django.db import connection

# So many rows of each index are looked at: milliseconds, whatever the size.
LOOKED_AT = 1000


def renew_statistics() -> None:
    """Let SQLite look at how the values of its indexes are spread. PostgreSQL does that by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit={LOOKED_AT}")
            cursor.execute("ANALYZE")
