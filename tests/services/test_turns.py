"""Who is next: accounts take turns, what is soon done goes first, and nothing waits for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from platforms.models import Publication
from platforms.services.uploads import claims
from platforms.values import State
from tests.admin.rows import add_account, add_publication

pytestmark = pytest.mark.django_db
GIB = 1024**3


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


def queued(account, size: int, age: float) -> Publication:
    """An upload of `size` bytes that has been due for `age` seconds."""
    row = add_publication(account, State.QUEUED, next_run_at=timezone.now() - timedelta(seconds=age))
    Publication.objects.filter(pk=row.pk).update(bytes_total=size)
    return row


def claimed(**how: bool) -> int:
    row = claims.claim_next(**how)
    assert row is not None
    return row.pk


def test_accounts_take_turns_however_many_uploads_one_of_them_has():
    busy, quiet = add_account("busy"), add_account("quiet")
    first, second, third = (queued(busy, 1000, age) for age in (30, 20, 10))
    only = queued(quiet, 1000, 1)
    assert [claimed() for _ in range(4)] == [first.pk, only.pk, second.pk, third.pk]
    assert claims.claim_next() is None


def test_accounts_take_turns_also_when_each_upload_is_over_before_the_next_begins():
    busy, quiet = add_account("busy"), add_account("quiet")
    for age in (30, 20, 10):
        queued(busy, 1000, age)
    only = queued(quiet, 1000, 1)
    order = []
    for _ in range(2):
        order.append(claimed())
        Publication.objects.filter(pk=order[-1]).update(state=State.PROCESSING, lease_until=None)
    assert only.pk in order


def test_a_small_file_passes_a_large_one_that_has_been_due_a_little_longer():
    account = add_account()
    large, small = queued(account, GIB, 60), queued(account, 1000, 1)
    assert [claimed(), claimed()] == [small.pk, large.pk]


def test_a_large_file_is_passed_for_no_longer_than_it_would_take_itself():
    account = add_account()
    large = queued(account, GIB, GIB / claims.ASSUMED_BYTES_A_SECOND + 10)
    small = queued(account, 1000, 1)
    assert [claimed(), claimed()] == [large.pk, small.pk]


def test_what_counts_is_what_is_left_of_a_file():
    account = add_account()
    other, nearly_done = queued(account, GIB // 2, 5), queued(account, GIB, 5)
    Publication.objects.filter(pk=nearly_done.pk).update(bytes_sent=GIB - 1000)
    assert [claimed(), claimed()] == [nearly_done.pk, other.pk]


def test_places_for_small_files_are_not_given_to_large_ones():
    large = queued(add_account(), claims.SMALL_BYTES + 1, 60)
    assert claims.claim_next(small_only=True) is None
    assert claimed() == large.pk


def test_an_upload_whose_worker_was_lost_is_taken_over_in_plain_words():
    row = queued(add_account(), 1000, 1)
    claimed()
    Publication.objects.update(lease_until=timezone.now() - timedelta(seconds=1), lease_holder="box:17")
    assert claimed() == row.pk
    event = row.events.first()
    assert event is not None
    assert event.text == "The worker box:17 was not heard of any more: attempt 2 goes on for it."
