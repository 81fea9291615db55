"""A dry run says what an import would do, and writes nothing but that."""

from __future__ import annotations

import pytest
from django.core import serializers

from platforms.models import Account, Event, LibraryImport, Publication, Video
from platforms.services.importing import running
from platforms.services.importing.counts import Findings
from platforms.services.importing.jobs import claim
from platforms.values import State
from tests import hub
from tests.importing.library import PLATFORMS, account_with, counts, plant, row_of, start, sync

pytestmark = pytest.mark.django_db
every_platform = pytest.mark.parametrize("platform", PLATFORMS)


def everything() -> list[str]:
    """All rows that an import could touch, but for how many calls were made."""
    models = (Video, Publication, Event)
    return [serializers.serialize("json", model.objects.order_by("pk")) for model in models]


@every_platform
def test_it_counts_what_an_import_then_does(box, platform):
    account, (kept, gone) = account_with(box, platform, "第一课", "第二课")
    sync(account)
    box.platforms[platform].remove(gone)
    (new,) = plant(box, platform, "第三课")
    Publication.objects.filter(remote_id=kept).update(cover_url="https://img.example/old.jpg")
    before = everything()
    job = sync(account, dry_run=True)
    assert everything() == before
    assert counts(job) == (1, 1, 1)
    examples = Findings.of(job.findings).examples
    assert examples == {"created": [(new, "第三课")], "updated": [(kept, "第一课")], "missing": [(gone, "第二课")]}
    assert counts(sync(account)) == (1, 1, 1)


@every_platform
def test_it_counts_the_same_in_slices(box, platform, monkeypatch):
    account, ids = account_with(box, platform, *(f"第 {number} 课" for number in range(5)))
    sync(account)
    for remote_id in ids[:2]:
        box.platforms[platform].remove(remote_id)
    job = start(account, dry_run=True)
    for _ in range(20):
        if job.ended_at:
            break
        assert claim(job)
        running.run(job, deadline=0.0)
        job.refresh_from_db()
    assert counts(job) == (0, 0, 2)
    assert Publication.objects.filter(state=State.MISSING).count() == 0
    assert job.seen is None


def test_no_video_that_comes_on_two_pages_is_counted_twice(box, monkeypatch):
    account = hub.add_account(box, "youku")
    ids = plant(box, "youku", "第一课", "第二课", "第三课")
    job = sync(account, dry_run=True)
    assert (job.created, Publication.objects.count(), len(ids)) == (3, 0, 3)


def test_it_does_not_touch_the_account(box):
    account, _ids = account_with(box, "youku", "第一课")
    sync(account, dry_run=True)
    before = (account.health, account.checked_at)
    account = Account.objects.get(pk=account.pk)
    assert (account.health, account.checked_at) == before
    assert not Event.objects.filter(kind="sync").exists()
    assert LibraryImport.objects.get().dry_run


def test_named_videos_can_be_tried_first(box):
    account, (remote_id,) = account_with(box, "youku", "第一课")
    job = sync(account, remote_ids=[remote_id, "XNOSUCH"], dry_run=True)
    assert (counts(job), job.findings["not_found"]) == ((1, 0, 0), ["XNOSUCH"])
    assert not Publication.objects.exists()
    assert sync(account, remote_ids=[remote_id]).created == 1
    assert row_of(remote_id).video.title == "第一课"
