"""Writing many rows at once, a statement a table: on PostgreSQL from an array a column, on SQLite prepared once and run
for each row by its own library.

The ORM makes an object of each row and prepares each of its columns, although most of them are the same in all rows:
with sixty columns a video that takes four times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def next_ids(model: type[Model], count: int) -> Sequence[int]:
    """Ids for new rows of a table that nobody else gets; to be called in the transaction that writes them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            series = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(series, [table, count])
            return [row[0] for row in cursor.fetchall()]
        # Its transactions begin with the right to write: nobody else writes before this one has ended.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
        return range(last[0] + 1 if last else 1, (last[0] if last else 0) + count + 1)


def insert(
    model: type[Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    same: Mapping[str, Any],
    skip_taken: bool = False,
) -> int:
    """Insert rows whose fields `names` are as given and `same` alike in all of them; the others have their defaults.

    Answers how many were inserted: all of them, unless `skip_taken` leaves out those that break a unique constraint.
    """
    every: dict[str, Any] = {field.name: field for field in model._meta.concrete_fields}
    fields = [every[name] for name in names]
    others = [field for name, field in every.items() if name not in names and not field.primary_key]
    alike = [_prepared(field, same.get(field.name, field.get_default())) for field in others]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in (*fields, *others))
    statement = f"INSERT INTO {model._meta.db_table} ({columns})"
    end = " ON CONFLICT DO NOTHING" if skip_taken else ""
    written = [[_prepared(field, value) for field, value in zip(fields, row, strict=True)] for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Run for each row it would be parsed, and the function of an index prepared, as often as there are rows.
            arrays = ", ".join(f"%s::{str(field.db_type(connection)).split('(', 1)[0]}[]" for field in fields)
            given = f"SELECT given.*{', %s' * len(others)} FROM unnest({arrays}) AS given"  # noqa: S608 (types of our own)
            told = [[row[place] for row in written] for place in range(len(fields))]
            cursor.execute(f"{statement} {given}{end}", [*alike, *told])
        else:
            places = ", ".join(["%s"] * (len(fields) + len(others)))
            cursor.executemany(f"{statement} VALUES ({places}){end}", [(*row, *alike) for row in written])
        return int(cursor.rowcount)


def _prepared(field: Any, value: Any) -> Any:
    """As the database takes it, numbers of a column all alike; a text needs no preparing."""
    if value is None or type(value) is str:
        return value
    return field.get_db_prep_save(value, connection)
