"""A hub of the first version, with what people had in it, becomes one of this version."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from django.utils import timezone

from platforms.models import Account, Publication

FIRST = [("platforms", "0001_first")]


@pytest.fixture
def first(transactional_db) -> Iterator[StateApps]:
    """The models of the first version, and a database that has them."""
    executor = MigrationExecutor(connection)
    executor.migrate(FIRST)
    yield executor.loader.project_state(FIRST).apps
    upgrade()


def upgrade() -> None:
    """Do what `manage.py migrate platforms` does."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("platforms"))


def test_accounts_videos_and_publications_of_the_first_version_are_kept_and_followed(first):
    video = first.get_model("platforms", "Video").objects.create(title="第一课", size=5)
    accounts, publications = (first.get_model("platforms", name).objects for name in ("Account", "Publication"))
    since = timezone.now()
    for platform, state in (("youku", "processing"), ("baijiayun", "published")):
        account = accounts.create(name=platform, platform=platform)
        publications.create(video=video, account=account, state=state, state_at=since, remote_id=f"{platform}-1")

    upgrade()
    youku, baijiayun = Account.objects.get(name="youku"), Account.objects.get(name="baijiayun")
    assert youku.callback_id
    assert baijiayun.callback_id not in ("", youku.callback_id), "nobody can guess one from another"
    assert (youku.calls_per_hour, baijiayun.calls_per_hour) == (1000, None)
    rows = Publication.objects.order_by("pk").values_list("video__title", "state", "remote_id", "followed_since")
    assert list(rows) == [
        ("第一课", "processing", "youku-1", since),
        ("第一课", "published", "baijiayun-1", None),
    ]
