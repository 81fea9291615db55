"""What is noted of the following process from within: each look, and the statements of each pass."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.db import connections
from django.db.backends.signals import connection_created

from platforms.registry import DRIVERS
from platforms.services import progress

#: The verb and the first table of a statement.
STATEMENT = re.compile(r'^\s*(\w+)(?:.*?(?:FROM|INTO|UPDATE)\s+"?(\w+)"?)?', re.IGNORECASE | re.DOTALL)
#: Not counted: which of them Django sends by itself differs from database to database.
TRANSACTIONS = frozenset({"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK"})
UPDATED = re.compile(r'^\s*UPDATE\s+"?(\w+)"?', re.IGNORECASE)


@dataclass
class Pass:
    """One pass over what is due: `batches` looks at several videos of an account, `closely` looked at closely;
    statements of the batches, and those that changed rows needed."""

    batches: int = 0
    looked: int = 0
    statements: int = 0
    changes: int = 0
    change_statements: int = 0


@dataclass
class Watch:
    """Counts into `now` while `counting`; every look is written to `looks`: time, platform, ids."""

    looks: IO[str]
    now: Pass = field(default_factory=Pass)
    counting: bool = False
    closely: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    _changing: bool = False

    def start(self) -> None:
        """Watch every connection to the database, every driver and every change from now on."""
        connections["default"].execute_wrappers.append(self._statement)
        connection_created.connect(self._new_connection, weak=False)
        for driver in DRIVERS.values():
            driver.look = self._looking(driver.platform.value, driver.look)  # type: ignore[method-assign]
        progress.change = self._change(progress.change)

    def _new_connection(self, connection: Any, **_: Any) -> None:
        if self._statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._statement)

    def _statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        kind = kind_of(sql)
        if self.counting and kind not in TRANSACTIONS:
            if self._changing:
                self.now.change_statements += 1
            else:
                self.now.statements += 1
            self.kinds[("change " if self._changing else "batch ") + kind] += 1
        return execute(sql, params, many, context)

    def _looking(self, platform: str, look: Callable[..., Any]) -> Callable[..., Any]:
        def watched(driver: Any, remote_ids: Sequence[str], closely: Collection[str] | None = None, **more: Any) -> Any:
            self.looks.write(f"{time.time():.0f}\t{platform}\t{','.join(remote_ids)}\n")
            self.now.batches += 1
            self.now.looked += len(remote_ids)
            self.closely += len(remote_ids if closely is None else closely)
            return look(driver, remote_ids, **(more if closely is None else {**more, "closely": closely}))

        return watched

    def _change(self, change: Callable[..., bool]) -> Callable[..., bool]:
        def watched(*arguments: Any, **named: Any) -> bool:
            self._changing = True
            try:
                changed = change(*arguments, **named)
            finally:
                self._changing = False
            self.now.changes += changed
            return changed

        return watched


def kind_of(sql: str) -> str:
    """Such as `SELECT platforms_account`."""
    found = UPDATED.match(sql)
    verb, table = ("UPDATE", found[1]) if found else STATEMENT.match(sql).groups()  # type: ignore[union-attr]
    return f"{verb.upper()} {table or ''}".strip()
