"""Filling an empty, migrated hub with rows in bulk: COPY on PostgreSQL, many at a time on SQLite. Needs Django."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.core.management.color import no_style
from django.db import connection

from bench.growth.rows import ACCOUNTS, PLATFORMS, Hub, Table
from platforms.models import Account
from platforms.services import query_planner

INDEXES = {
    "postgresql": """
        SELECT indexname, indexdef FROM pg_indexes
        WHERE tablename = %s AND indexname NOT IN (SELECT conname FROM pg_constraint)""",
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
}


def fill(size: int) -> None:
    """Write a hub of `size` publications and what the database knows of their distribution."""
    _few_rows()
    for table in map(_completed, Hub(size).tables()):
        with _without_indexes(table.name):
            (_copy if connection.vendor == "postgresql" else _insert)(table)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(
            no_style(), list(apps.get_app_config("platforms").get_models())
        ):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM (ANALYZE)")  # what autovacuum does within a minute
    query_planner.renew_statistics()


def _completed(table: Table) -> Table:
    """With the defaults of the columns that the rows do not name."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table.name)
    lacking = [field for field in model._meta.concrete_fields if field.column not in table.columns and not field.null]
    values = [field.get_db_prep_save(field.get_default(), connection) for field in lacking]
    rows = ((*row, *values) for row in table.rows) if lacking else table.rows
    return Table(table.name, (*table.columns, *(field.column for field in lacking)), rows)


def _few_rows() -> None:
    User.objects.create_superuser("bench")
    User.objects.bulk_create(User(username=f"staff-{number}", is_staff=True) for number in range(60))
    for number in range(1, ACCOUNTS + 1):
        platform = PLATFORMS[number % len(PLATFORMS)]
        Account.objects.create(pk=number, name=f"账号 {number}", platform=platform, credentials={"client_id": "1"})


@contextmanager
def _without_indexes(table: str) -> Iterator[None]:
    """Indexes are made once the rows are there: that takes a fraction of the time."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES[connection.vendor], [table])
        found = cursor.fetchall()
        for name, _made_by in found:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
        yield
        for _name, made_by in found:
            cursor.execute(made_by)


def _copy(table: Table) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN") as copy,
    ):
        for row in table.rows:
            copy.write_row(row)


def _insert(table: Table) -> None:
    places = ", ".join(["?"] * len(table.columns))
    statement = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({places})"  # noqa: S608
    connection.ensure_connection()
    connection.connection.execute("BEGIN")
    connection.connection.executemany(statement, map(_for_sqlite, table.rows))
    connection.connection.commit()


def _for_sqlite(row: Sequence[Any]) -> list[Any]:
    """As Django stores it there."""
    return [
        value.replace(tzinfo=None).isoformat(" ") if isinstance(value, datetime)
        else value.hex if isinstance(value, uuid.UUID) else value
        for value in row
    ]  # fmt: skip
