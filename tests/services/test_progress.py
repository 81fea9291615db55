"""Which changes of a publication are legal, and that the door lets nothing else through."""

from __future__ import annotations

import pytest
from django.db.models import Q
from django.utils import timezone

from platforms.models import Account, Event, Publication, Video
from platforms.services import progress
from platforms.values import RemoteVideo, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def publication() -> Publication:
    account = Account.objects.create(name="yk", platform="youku")
    video = Video.objects.create(title="第一课", size=100)
    return Publication.objects.create(video=video, account=account, bytes_total=100)


def stand(publication: Publication, state: State, **columns: object) -> Publication:
    Publication.objects.filter(pk=publication.pk).update(state=state, **columns)
    publication.refresh_from_db()
    return publication


def test_every_state_can_be_reached_and_has_a_sentence():
    reachable = set().union(*progress.LEGAL.values())
    assert set(progress.LEGAL) == set(State)
    assert reachable == set(State) - {State.DRAFT}
    assert set(progress.SENTENCES) == reachable


@pytest.mark.parametrize(
    ("before", "after"), [(before, after) for before in State for after in State if after is not State.DRAFT]
)
def test_a_change_happens_only_if_the_table_says_so(publication, before, after):
    stand(publication, before)
    done = progress.change(publication, after, actor="test")
    publication.refresh_from_db()
    legal = after in progress.LEGAL[before]
    assert done is legal
    assert publication.state == (after if legal else before)
    assert Event.objects.filter(publication=publication).count() == int(legal)


def test_a_holder_of_an_older_fence_changes_nothing(publication):
    stand(publication, State.UPLOADING, fence=8)
    assert not progress.change(publication, State.PROCESSING, actor="slow worker", holding=7)
    assert progress.change(publication, State.PROCESSING, actor="worker", holding=8)


def test_the_event_and_the_change_stand_or_fall_together(publication):
    stand(publication, State.QUEUED)
    assert not progress.change(publication, State.UPLOADING, actor="test", only=Q(attempts=99))
    assert not Event.objects.exists()


def test_an_event_is_never_changed_nor_deleted(publication):
    stand(publication, State.DRAFT)
    progress.change(publication, State.QUEUED, actor="li")
    event = Event.objects.get()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


def test_an_unknown_remote_state_changes_nothing_but_the_raw_words(publication):
    stand(publication, State.PROCESSING, remote_id="X1")
    remote = RemoteVideo("X1", None, "quarantined", "something new")
    assert not progress.observe(publication, remote, actor="poll", next_look=None)
    assert (publication.state, publication.raw_state) == (State.PROCESSING, "quarantined")


def test_a_look_that_succeeds_clears_the_error_of_one_that_failed(publication):
    stand(publication, State.PROCESSING, remote_id="X1", error={"kind": "Temporary", "text": "away", "params": {}})
    progress.observe(publication, RemoteVideo("X1", State.PROCESSING, "encoding"), actor="poll", next_look=None)
    assert publication.error is None


def test_a_rejection_keeps_the_platforms_reason(publication):
    stand(publication, State.REVIEWING, remote_id="X1")
    remote = RemoteVideo("X1", State.REJECTED, "3", "标题含有敏感词")
    assert progress.observe(publication, remote, actor="poll", next_look=None)
    assert publication.state == State.REJECTED
    assert "标题含有敏感词" in publication.error_text


def test_a_claim_is_given_to_one_of_two_workers(publication):
    stand(publication, State.QUEUED, next_run_at=timezone.now())
    first, second = (Publication.objects.get(pk=publication.pk) for _ in range(2))
    assert progress.claim_upload([first], "worker 1") is first
    assert progress.claim_upload([second], "worker 2") is None
    assert (first.attempts, first.lease_holder) == (1, "worker 1")


def test_an_upload_whose_worker_died_is_claimed_again_once_its_lease_is_over(publication):
    stand(publication, State.UPLOADING, fence=3, lease_until=timezone.now() + progress.LEASE)
    assert progress.claim_upload([publication], "worker 2") is None
    stand(publication, State.UPLOADING, lease_until=timezone.now() - progress.LEASE)
    claimed = progress.claim_upload([publication], "worker 2")
    assert claimed is publication
    assert not progress.hold(claimed, 3)
    assert progress.hold(claimed, 4)


def test_secrets_never_reach_the_history(publication):
    stand(publication, State.QUEUED)
    data = {"access_token": "s3cret-token", "url": "http://x/y?access_token=s3cret-token&video_id=1", "n": [1, None]}
    progress.change(publication, State.PAUSED, actor="test", data=data)
    assert "s3cret" not in str(Event.objects.values_list("data", "sentence").get())
