"""What the simulator remembers: JSON documents by kind and key in one SQLite file, safe against a crash."""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Store:
    """Documents are copies: change one, then ``put`` it back, inside one ``transaction`` if others may too."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one thread at a time; may be nested. Never read a request body inside."""
        with self._lock:
            if not self._depth:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if not self._depth:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if not self._depth:
                self._connection.execute("COMMIT")

    def get(self, kind: str, key: str) -> Document | None:
        rows = self._rows("SELECT body FROM documents WHERE kind = ? AND key = ?", kind, key)
        return rows[0] if rows else None

    def put(self, kind: str, key: str, document: Document) -> None:
        """Insert or replace; a replaced document keeps its place in the order of ``all``."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO documents (kind, key, body) VALUES (?, ?, ?) "
                "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                (kind, key, json.dumps(document, ensure_ascii=False)),
            )

    def delete(self, kind: str, key: str) -> bool:
        """True when there was such a document."""
        with self._lock:
            sql = "DELETE FROM documents WHERE kind = ? AND key = ?"
            return self._connection.execute(sql, (kind, key)).rowcount > 0

    def all(self, kind: str, **values: str | int | bool) -> list[Document]:
        """Documents of a kind, oldest first, those whose top-level fields equal all ``values``."""
        where = "".join(" AND json_extract(body, ?) = ?" for _ in values)
        arguments = [item for name, value in values.items() for item in (f"$.{name}", value)]
        sql = f"SELECT body FROM documents WHERE kind = ?{where} ORDER BY number"  # noqa: S608 (no value is in it)
        return self._rows(sql, kind, *arguments)

    def some(self, kind: str, keys: Collection[str]) -> list[Document]:
        """Documents of a kind with one of these keys, oldest first."""
        sql = "SELECT body FROM documents WHERE kind = ? AND key IN (SELECT value FROM json_each(?)) ORDER BY number"
        return self._rows(sql, kind, json.dumps(list(keys)))

    def next_number(self, counter: str) -> int:
        """1, 2, 3 … for ever, also across restarts."""
        with self._lock:
            sql = (
                "INSERT INTO counters (name, value) VALUES (?, 1) "
                "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
            )
            return int(self._connection.execute(sql, (counter,)).fetchall()[0][0])

    def count(self, counter: str, amount: int) -> None:
        """Add to a counter that ``counted`` answers."""
        with self._lock:
            sql = (
                "INSERT INTO counters (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"
            )
            self._connection.execute(sql, (counter, amount))

    def counted(self, counter: str) -> int:
        """0 when nothing was counted."""
        with self._lock:
            found = self._connection.execute("SELECT value FROM counters WHERE name = ?", (counter,)).fetchone()
        return int(found[0]) if found else 0

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _rows(self, sql: str, *arguments: str | int | bool) -> list[Document]:
        with self._lock:
            return [json.loads(body) for (body,) in self._connection.execute(sql, arguments)]
