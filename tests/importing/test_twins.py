"""An import and an upload of the same video at the same time: one row stays, and it is the upload's."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from platforms.contract import HasLibrary
from platforms.models import Event, Publication, Video
from platforms.services import lending
from platforms.services.importing import creating
from platforms.services.uploads import deciding, job
from platforms.values import RemoteVideo, State
from tests import hub
from tests.importing.library import PLATFORMS, account_with, plant, row_of, sync, take

pytestmark = pytest.mark.django_db
every_platform = pytest.mark.parametrize("platform", PLATFORMS)


@every_platform
def test_an_import_that_lists_a_video_before_its_upload_has_told_its_id(box, platform, monkeypatch):
    """As bad as it can be: the import writes its row between the platform's answer and the upload's writing it down."""
    account = hub.add_account(box, platform)
    (row,) = hub.publish(hub.add_video(), account)
    announce = job.RowJob.announce
    monkeypatch.setattr(creating, "may_be_ours", lambda account: lambda video: False)

    def late(self: Any, remote_id: str) -> None:
        listed = RemoteVideo(remote_id, State.PROCESSING, "", title="第一课")
        take(account, listed)
        announce(self, remote_id)

    monkeypatch.setattr(job.RowJob, "announce", late)
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert (Publication.objects.count(), Video.objects.count()) == (1, 1)
    assert Event.objects.filter(publication=row, kind="imported").count() == 1


@every_platform
def test_an_import_leaves_out_what_a_running_upload_may_be_about_to_announce(box, platform):
    account = hub.add_account(box, platform)
    (row,) = hub.publish(hub.add_video(), account)
    hub.claim(row)
    (old,) = plant(box, platform, "第一课")
    new = RemoteVideo("NEW1", State.PROCESSING, "", title="第二课", created_at=timezone.now())
    driver = lending.driver_for(account)
    assert isinstance(driver, HasLibrary)
    take(account, *driver.every_video(), new)
    assert set(Publication.objects.exclude(pk=row.pk).values_list("remote_id", flat=True)) == {old}


def test_what_a_person_finds_is_taken_from_the_import(box):
    account, (remote_id,) = account_with(box, "youku", hub.LESSON.title)
    (row,) = hub.publish(hub.add_video(), account)
    sync(account)
    Publication.objects.filter(pk=row.pk).update(state=State.UNKNOWN)
    row.refresh_from_db()
    assert remote_id in [candidate.remote_id for candidate in deciding.candidates(row)]
    assert deciding.adopt(row, remote_id, actor="li") == ""
    assert row_of(remote_id).pk == row.pk
    assert (Publication.objects.count(), Video.objects.count()) == (1, 1)


def test_what_has_been_published_since_does_not_give_way(box):
    account, (remote_id,) = account_with(box, "youku", "第一课")
    (row,) = hub.publish(hub.add_video(), account)
    sync(account)
    Publication.objects.filter(remote_id=remote_id).update(attempts=1)
    Publication.objects.filter(pk=row.pk).update(state=State.UNKNOWN)
    row.refresh_from_db()
    assert remote_id in deciding.adopt(row, remote_id, actor="li")
    assert Publication.objects.count() == 2
