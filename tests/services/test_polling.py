"""Following videos: only what is due, by one poller, in few calls, with the platform's own reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.drivers.iqiyi.driver import Iqiyi
from platforms.drivers.youku.driver import Youku
from platforms.errors import BadAnswer, PlatformError, Temporary
from platforms.models import Account, Health, Publication
from platforms.services import polling, waits
from platforms.services.publishing import Metadata
from platforms.values import RemoteVideo, State, say
from sandbox.server import Sandbox
from tests import hub

pytestmark = pytest.mark.django_db

PLATFORMS = ("youku", "iqiyi", "baijiayun")


@pytest.fixture
def patient(monkeypatch) -> None:
    """Looks come so rarely that only the tests' own happen."""
    monkeypatch.setattr(waits, "LOOK_SECONDS", (3600.0,) * 20)


def noting(asked: list[str]) -> Callable[[object, Sequence[str], object], list[RemoteVideo]]:
    """A `look` that knows of no video and adds the ids to `asked`."""

    def look(driver: object, ids: Sequence[str], closely: object) -> list[RemoteVideo]:
        asked.extend(ids)
        return []

    return look


def followed(box: Sandbox, platform: str = "youku", title: str = "第一课", count: int = 1) -> list[Publication]:
    account = hub.add_account(box, platform)
    rows = []
    for number in range(count):
        video = hub.add_video(Metadata(f"{title} {number}", "说明", "数学, 三年级"))
        video.__class__.objects.filter(pk=video.pk).update(md5=f"{number:032x}")
        rows += hub.publish(video, account)
    Publication.objects.update(state=State.PROCESSING, next_run_at=timezone.now())
    for number, row in enumerate(rows):
        Publication.objects.filter(pk=row.pk).update(remote_id=f"X{number}")
        row.refresh_from_db()
    return rows


def really_followed(box: Sandbox, platform: str, title: str = "第一课") -> Publication:
    (row,) = hub.publish(hub.add_video(Metadata(title, "说明", "数学, 三年级")), hub.add_account(box, platform))
    hub.work([row], until=(State.PROCESSING,))
    return row


def answers(*videos: RemoteVideo):
    return lambda driver, ids, closely: [video for video in videos if video.remote_id in ids]


@pytest.mark.parametrize(
    ("platform", "title", "state"),
    [
        ("youku", "[reject] 第一课", State.BLOCKED),
        ("youku", "[fail] 第一课", State.FAILED),
        ("iqiyi", "[reject] 第一课", State.REJECTED),
        ("iqiyi", "[fail] 第一课", State.FAILED),
        ("baijiayun", "[reject] 第一课", State.REJECTED),
        ("baijiayun", "[fail] 第一课", State.FAILED),
    ],
)
def test_a_video_that_is_refused_or_fails_keeps_the_platforms_reason(box, platform, title, state):
    row = really_followed(box, platform, title)
    hub.work([row])
    assert row.state == state
    assert row.error_text
    assert row.raw_words
    assert row.next_run_at is None
    assert hub.last_event(row).kind == state


def test_only_what_is_due_is_looked_at(box, patient, monkeypatch):
    rows = followed(box, count=3)
    asked: list[str] = []
    monkeypatch.setattr(Youku, "look", noting(asked))
    Publication.objects.filter(pk=rows[1].pk).update(next_run_at=timezone.now() + timedelta(hours=1))
    assert polling.run_due(actor="test").polled == 2
    assert sorted(asked) == ["X0", "X2"]
    assert polling.run_due(actor="test").polled == 0
    assert polling.run_due(actor="test", everything=True).polled == 3


def test_published_videos_are_not_asked_about_again_by_themselves(box):
    row = really_followed(box, "iqiyi")
    hub.work([row])
    calls = len(box.requests)
    assert polling.run_due(actor="test", everything=True) == polling.Polled()
    assert len(box.requests) == calls


def test_one_of_two_pollers_looks(box, patient, monkeypatch):
    rows = followed(box)
    others = []

    def look(driver, ids, closely):
        others.append(polling.run_due(actor="another").polled)
        return []

    monkeypatch.setattr(Youku, "look", look)
    assert polling.run_due(actor="one").polled == 1
    assert others == [0]
    rows[0].refresh_from_db()
    assert rows[0].looks == 1


def test_many_videos_of_an_account_are_asked_about_in_few_calls(box, patient):
    followed(box, "youku", count=60)
    done = polling.run_due(actor="test")
    assert done.polled == 60
    assert done.calls == len(box.requests)
    box.requests.clear()
    rows = Publication.objects.all()
    assert {row.state for row in rows} == {State.MISSING}


def test_looks_become_rarer_and_a_long_video_is_looked_at_later():
    seconds = [waits.next_look(looks, None).total_seconds() for looks in (0, 3, 6, 55, 100)]
    assert seconds == sorted(seconds)
    assert seconds[0] < 5
    assert seconds[-1] <= 24 * 3600 * (1 + waits.JITTER)
    assert waits.next_look(0, duration=7200).total_seconds() > 60


def test_an_unknown_state_of_a_video_is_kept_in_its_own_words_and_followed_on(box, monkeypatch):
    (row,) = followed(box)
    monkeypatch.setattr(Youku, "look", answers(RemoteVideo("X0", None, "quarantined", "新状态")))
    assert polling.run_due(actor="test").changed == 0
    row.refresh_from_db()
    assert (row.state, row.raw_state, row.raw_words) == (State.PROCESSING, "quarantined", "新状态")
    assert hub.waits(row)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_video_that_vanished_on_the_platform_is_missing(box, platform):
    row = really_followed(box, platform)
    hub.delete_elsewhere(row)
    hub.work([row], until=(State.MISSING,))
    assert row.next_run_at is None


def test_a_blocked_video_that_plays_again_is_seen_on_refresh(box):
    row = really_followed(box, "youku")
    hub.work([row])
    box.youku.set_state(row.remote_id, "blocked")
    assert polling.refresh([row], actor="li").changed == 1
    row.refresh_from_db()
    assert row.state == State.BLOCKED
    assert row.error_text
    box.youku.set_state(row.remote_id, None)
    assert polling.refresh([row], actor="li").changed == 1
    row.refresh_from_db()
    assert (row.state, row.error) == (State.PUBLISHED, None)


def test_a_video_that_goes_back_to_transcoding_is_followed_again(box):
    row = really_followed(box, "youku")
    hub.work([row])
    box.youku.set_state(row.remote_id, "encoding")
    polling.refresh([row], actor="li")
    row.refresh_from_db()
    assert row.state == State.PROCESSING
    assert row.next_run_at
    box.youku.set_state(row.remote_id, None)
    hub.work([row])
    assert row.state == State.PUBLISHED


def test_a_look_that_fails_for_one_video_is_not_told_of_the_others(box, monkeypatch):
    rows = followed(box, "iqiyi", count=2)

    def look(driver, ids, closely):
        yield RemoteVideo("X0", State.PROCESSING, "A00001")
        raise BadAnswer(say("unreadable"))

    monkeypatch.setattr(Iqiyi, "look", look)
    done = polling.run_due(actor="test")
    for row in rows:
        row.refresh_from_db()
    assert rows[0].error is None
    assert hub.error_of(rows[1])["kind"] == "BadAnswer"
    assert [error.kind for error in done.errors] == ["BadAnswer"]


def test_a_refresh_that_fails_tells_the_person_and_keeps_the_state(box, monkeypatch):
    (row,) = followed(box)
    monkeypatch.setattr(Youku, "look", lambda driver, ids, closely: (_ for _ in ()).throw(Temporary(say("Away."))))
    with pytest.raises(PlatformError):
        polling.refresh([row], actor="li")
    row.refresh_from_db()
    assert (row.state, hub.error_of(row)["text"]) == (State.PROCESSING, "Away.")


def test_accounts_that_do_not_work_are_left_alone_and_the_others_are_not(box, patient, monkeypatch):
    (waiting,) = followed(box, "youku")
    (working,) = hub.publish(hub.add_video(), hub.add_account(box, "iqiyi"))
    Publication.objects.filter(pk=working.pk).update(state=State.PROCESSING, remote_id="I0", next_run_at=timezone.now())
    Account.objects.filter(pk=waiting.account_id).update(health=Health.NEEDS_PERSON)
    asked: list[str] = []
    for driver in (Youku, Iqiyi):
        monkeypatch.setattr(driver, "look", noting(asked))
    polling.run_due(actor="test")
    assert asked == ["I0"]


def test_a_fault_in_a_driver_does_not_spin_and_does_not_stop_what_is_due_next_time(box, patient, monkeypatch):
    (broken,) = followed(box, "youku")
    (other,) = hub.publish(hub.add_video(), hub.add_account(box, "iqiyi"))
    Publication.objects.filter(pk=other.pk).update(state=State.PROCESSING, remote_id="I0", next_run_at=timezone.now())
    monkeypatch.setattr(Youku, "look", lambda driver, ids, closely: (_ for _ in ()).throw(RuntimeError("a bug")))
    monkeypatch.setattr(Iqiyi, "look", answers(RemoteVideo("I0", State.PUBLISHED, "A00000")))
    with pytest.raises(RuntimeError):
        tasks.run_due()
    tasks.run_due()
    other.refresh_from_db()
    broken.refresh_from_db()
    assert other.state == State.PUBLISHED
    assert hub.waits(broken)


def test_one_account_can_be_polled_alone(box, patient, monkeypatch):
    followed(box, "youku", count=2)
    monkeypatch.setattr(Youku, "look", lambda driver, ids, closely: [])
    assert polling.run_due(actor="test", account=hub.add_account(box, "iqiyi")).polled == 0
    only = Publication.objects.values_list("pk", flat=True)[:1]
    assert polling.run_due(actor="test", only=list(only)).polled == 1
