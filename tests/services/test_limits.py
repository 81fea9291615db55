"""How fast uploads may go together: the arithmetic, and a running upload that takes a changed limit."""

from __future__ import annotations

import pytest

from platforms.models import Account, Publication
from platforms.services.uploads import rates
from platforms.transport.lanes import Lane
from platforms.values import State
from tests import hub
from tests.services.uploads import queued, started


@pytest.mark.parametrize(
    ("hub_limit", "hub_running", "account_limit", "account_running", "expected"),
    [
        (0, 3, None, 1, None),
        (0, 3, 0, 1, None),
        (1200, 3, None, 1, 400),
        (0, 3, 1000, 2, 500),
        (1200, 3, 1000, 2, 400),
        (1200, 2, 1000, 2, 500),
        (1200, 0, None, 0, 1200),
    ],
)
def test_an_upload_gets_the_smaller_of_its_shares(hub_limit, hub_running, account_limit, account_running, expected):
    assert rates.share(hub_limit, hub_running, account_limit, account_running) == expected


@pytest.mark.django_db
def test_uploads_with_a_live_lease_share_and_no_others(box, settings):
    settings.UPLOAD_LIMIT = 900
    youku, iqiyi = hub.add_account(box, "youku"), hub.add_account(box, "iqiyi")
    mine, other = hub.publish(hub.add_video(), youku, iqiyi)
    mine = hub.claim(mine)
    assert rates.allowed(mine) == 900
    other = hub.claim(other)
    assert rates.allowed(mine) == 450
    Account.objects.filter(pk=youku.pk).update(upload_limit=300)
    assert rates.allowed(mine) == 300
    assert rates.allowed(other) == 450
    Publication.objects.filter(pk=other.pk).update(lease_until=other.created_at)
    Account.objects.update(upload_limit=None)
    assert rates.allowed(mine) == 900
    settings.UPLOAD_LIMIT = 0
    assert rates.allowed(mine) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("attentive")
def test_a_running_upload_takes_a_limit_that_is_changed_meanwhile(box, gate, monkeypatch):
    taken: list[float | None] = []
    take = Lane.limit

    def watched(lane: Lane, limit: float | None) -> None:
        taken.append(limit)
        take(lane, limit)

    monkeypatch.setattr(Lane, "limit", watched)
    row = queued(box, "ranges")
    Account.objects.update(upload_limit=50_000_000)
    worker = started(gate)
    assert set(taken) == {50_000_000}
    Account.objects.update(upload_limit=70_000_000)
    hub.until(lambda: taken[-1] == 70_000_000)
    gate.open()
    worker.finish()
    row.refresh_from_db()
    assert row.state == State.PROCESSING
