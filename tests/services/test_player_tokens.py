"""Player tokens for many publications: few calls, a reason for each that gets none, and no token in any history."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from platforms.models import Event, Publication
from platforms.services.watching import player_tokens
from platforms.services.watching.player_tokens import FOR_EVER
from sandbox.server import Answer
from tests import hub

pytestmark = pytest.mark.django_db
BATCH = "/openapi/video/getPlayerTokenBatch"


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def rows(box) -> list[Publication]:
    """Three videos on a Baijiayun account."""
    account = hub.add_account(box, "baijiayun")
    rows = [row for _ in range(3) for row in hub.publish(hub.add_video(), account)]
    hub.work(rows)
    return rows


def calls(box, path: str = BATCH) -> int:
    return sum(call.path.endswith(path) for call in box.requests)


@pytest.mark.usefixtures("noon")
def test_several_tokens_come_in_one_call_that_counts(rows, box):
    rows[0].account.refresh_from_db()
    made = rows[0].account.calls_made
    result = player_tokens.issue(rows, 3600, actor="li")
    assert calls(box) == 1
    assert [one.publication.pk for one in result.issued] == [row.pk for row in rows]
    assert len({one.token for one in result.issued}) == 3
    assert result.expires_at is not None
    assert abs(result.expires_at - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1)
    rows[0].account.refresh_from_db()
    assert rows[0].account.calls_made == made + 1


def test_the_history_says_who_and_until_when_and_never_the_token(rows):
    result = player_tokens.issue(rows, 3600, actor="li")
    events = Event.objects.filter(kind="player_token")
    assert {(event.publication_id, event.actor) for event in events} == {(row.pk, "li") for row in rows}
    assert "good until" in events[0].text
    written = json.dumps(list(Event.objects.values("sentence", "data", "subject")))
    assert not any(one.token in written for one in result.issued)
    assert not any(one.token in repr(one) for one in result.issued)


def test_a_token_for_ever_is_called_that(rows):
    result = player_tokens.issue(rows[:1], FOR_EVER, actor="li")
    assert result.expires_at is None
    assert "never expires" in hub.last_event(rows[0], kind="player_token").text


def test_one_that_is_gone_does_not_spoil_the_others(rows, box):
    hub.delete_elsewhere(rows[1])
    result = player_tokens.issue(rows, 3600, actor="li")
    assert [one.publication.pk for one in result.issued] == [rows[0].pk, rows[2].pk]
    (skipped,) = result.skipped
    assert skipped.publication.pk == rows[1].pk
    assert skipped.reason


def test_platforms_without_tokens_are_skipped_and_named(rows, box):
    video = hub.add_video()
    others = hub.publish(video, hub.add_account(box, "iqiyi"), hub.add_account(box, "youku"))
    hub.work(others)
    result = player_tokens.issue([*others, *rows], 3600, actor="li")
    assert len(result.issued) == 3
    assert {one.reason for one in result.skipped} == {"Youku has no player tokens.", "iQiyi has no player tokens."}


def test_what_is_not_there_is_not_asked_about(rows, box):
    Publication.objects.filter(pk=rows[0].pk).update(state="deleted")
    rows[0].refresh_from_db()
    result = player_tokens.issue(rows[:1], 3600, actor="li")
    assert (result.issued, result.skipped[0].reason) == ([], "It is “Deleted”.")
    assert calls(box) == 0


def test_a_platform_that_is_down_is_said_for_each(rows, box):
    box.block("/baijiayun", Answer(503), times=10)
    result = player_tokens.issue(rows, 3600, actor="li")
    box.unblock()
    assert not result.issued
    assert len(result.skipped) == 3
    assert not Event.objects.filter(kind="player_token").exists()


def test_refusals_do_not_make_it_ask_without_end(rows, box, monkeypatch):
    monkeypatch.setattr(player_tokens, "MOST_CALLS", 2)
    for row in rows:
        hub.delete_elsewhere(row)
    result = player_tokens.issue(rows, 3600, actor="li")
    assert calls(box) + calls(box, "/openapi/video/getPlayerToken") <= 3
    assert "refused too many others" in " ".join(one.reason for one in result.skipped)
