"""SQLite is told how its rows are spread, by the supervisor from time to time."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platforms.services import sweep
from tests.admin.rows import add_account, add_publication

pytestmark = pytest.mark.django_db


def test_tidying_up_lets_sqlite_look_at_its_indexes_and_leaves_postgresql_to_itself(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    add_publication(add_account())
    with CaptureQueriesContext(connection) as made:
        sweep.tidy()
    if connection.vendor != "sqlite":
        assert not [query for query in made if "ANALYZE" in query["sql"].upper()]
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT idx FROM sqlite_stat1 WHERE tbl = 'platforms_publication'")
        assert ("publication_account",) in cursor.fetchall()
