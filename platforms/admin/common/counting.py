"""Figures about a million publications that cost what they cost about a thousand: counts that stop, and first rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from django.db import connection
from django.db.models import IntegerField, Subquery

from platforms.models import Publication
from platforms.models.publication import STATE_LABELS
from platforms.values import State

MOST_COUNTED = 10_000
TABLE = Publication._meta.db_table
# The ORM cannot join limited queries on every database.
COUNT = f"SELECT %s, COUNT(*) FROM (SELECT 1 AS one FROM {TABLE} WHERE state = %s LIMIT %s) AS counted"  # noqa: S608
FIRST_IDS = f"SELECT id FROM (SELECT id FROM {TABLE} WHERE state = %s ORDER BY {{}} LIMIT %s) AS of_state"  # noqa: S608
ORDERS = {
    "-state_at": "state_at DESC",
    "next_run_at": "next_run_at",
    "-id": "id DESC",
}


class CountOf(Subquery):
    """How many rows a query has, which may be limited."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class First:
    """The first `most` publications in one of `states`; `order` is a key of `ORDERS`."""

    states: tuple[State, ...]
    order: str
    most: int


def counted(count: int, most: int = MOST_COUNTED) -> str:
    """A count that went no further than one beyond `most`: “10000+”."""
    return f"{most}+" if count > most else str(count)


def of_states() -> dict[str, int]:
    """How many publications are in each state that there is, counted to one more than `MOST_COUNTED`."""
    params = [value for state in STATE_LABELS for value in (state.value, state.value, MOST_COUNTED + 1)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([COUNT] * len(STATE_LABELS)), params)
        return {state: count for state, count in cursor.fetchall() if count}


def first_of(wanted: Sequence[First]) -> dict[First, list[Publication]]:
    """The publications with video and account, in two statements: sorting all of several states would read them all,
    the first of each state are found by index."""
    each = [(one, state) for one in wanted for state in one.states]
    params = [value for one, state in each for value in (state.value, one.most)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(FIRST_IDS.format(ORDERS[one.order]) for one, _state in each), params)
        ids = [pk for (pk,) in cursor.fetchall()]
    rows = Publication.objects.filter(pk__in=ids).select_related("video", "account")
    found = list(rows.defer("account__credentials", "video__description").order_by("-id"))
    return {one: _first(one, found) for one in wanted}


def _first(wanted: First, rows: Sequence[Publication]) -> list[Publication]:
    column = attrgetter(wanted.order.removeprefix("-"))
    own = [row for row in rows if row.state in wanted.states]
    known = sorted((row for row in own if column(row) is not None), key=column, reverse=wanted.order.startswith("-"))
    return [*known, *(row for row in own if column(row) is None)][: wanted.most]
