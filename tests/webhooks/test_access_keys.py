"""A viewer's access key: the platform asks, the hub decides and counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.core.signing import Signer
from django.utils import timezone

from platforms.models import AccessKey
from platforms.services import access_keys, callbacks
from tests import hub

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def issue(site):
    def issue(**changes: Any) -> AccessKey:
        later = timezone.now() + timedelta(hours=1)
        facts: dict[str, Any] = {"video": None, "expires_at": later, "most_plays": None, "viewer": "李雷"}
        return access_keys.issue(site.account, **(facts | changes), actor="test")

    return issue


@pytest.fixture
def ask(site):
    found = callbacks.addresses(site.account)
    assert found is not None

    def ask(token: str, video_id: str = "") -> Any:
        form = {"access_key": token, "video_id": video_id or str(site.publication.remote_id)}
        return requests.post(found.authorize, data=form, timeout=60).json()

    return ask


def test_a_key_for_every_video_lets_its_viewer_watch(issue, ask):
    token = access_keys.token(issue())
    assert ask(token) == {"code": 0}
    assert ask(token, "12345") == {"code": 0}
    assert AccessKey.objects.get().plays == 2


def test_a_key_for_one_video_is_for_no_other(site, issue, ask):
    token = access_keys.token(issue(video=site.publication.video))
    assert ask(token) == {"code": 0}
    assert ask(token, "12345")["code"] == 1
    assert AccessKey.objects.get().refusals == 1


def test_plays_are_counted_and_end(issue, ask):
    token = access_keys.token(issue(most_plays=2))
    assert [ask(token)["code"] for _time in range(4)] == [0, 0, 1, 1]
    key = AccessKey.objects.get()
    assert (key.plays, key.refusals) == (2, 2)


def test_two_at_once_do_not_share_the_last_play(issue, ask):
    token = access_keys.token(issue(most_plays=5))
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _time: ask(token)["code"], range(24)))
    assert codes.count(0) == 5


def test_an_expired_key_is_refused(issue, ask):
    key = issue()
    AccessKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ask(access_keys.token(key))["code"] == 1


def test_a_withdrawn_key_is_refused_at_once(issue, ask):
    key = issue()
    assert ask(access_keys.token(key))["code"] == 0
    assert access_keys.revoke(key, actor="test")
    assert not access_keys.revoke(key, actor="test")
    assert ask(access_keys.token(key))["code"] == 1


def test_a_key_nobody_signed_is_refused(issue, ask):
    key = issue()
    token = access_keys.token(key)
    for wrong in (
        token[:-1] + ("a" if token[-1] != "a" else "b"),
        key.pk.hex,
        "x",
        Signer(salt="other").sign(key.pk.hex),
    ):
        assert ask(wrong)["code"] == 1
    assert AccessKey.objects.get().plays == 0


def test_the_key_of_one_account_opens_no_other(site, issue, ask):
    other = hub.add_account(site.box, "baijiayun", "second", "other")
    key = access_keys.issue(
        other, video=None, expires_at=timezone.now() + timedelta(hours=1), most_plays=None, viewer="", actor="test"
    )
    assert ask(access_keys.token(key))["code"] == 1


@pytest.mark.parametrize("form", [{}, {"access_key": "x"}, {"video_id": "1"}, {"access_key": "", "video_id": ""}])
def test_a_question_that_lacks_something_is_refused(site, form):
    found = callbacks.addresses(site.account)
    assert found is not None
    answer = requests.post(found.authorize, data={"some": "thing"} | form, timeout=60)
    assert answer.json()["code"] == 1
    assert answer.json()["msg"]


def test_the_platforms_player_asks_the_hub(site, issue):
    """Opening the simulated player with a key plays, without a valid one it does not."""
    found = callbacks.addresses(site.account)
    assert found is not None
    site.box.baijiayun.set_authorization(found.authorize)
    hub.hurry(site.publication)
    hub.work([site.publication])
    page = next(row["page"] for row in site.box.videos("baijiayun"))
    token = access_keys.token(issue(most_plays=1))
    assert "<video" in requests.get(f"{page}&access_key={token}", timeout=60).text
    assert "<video" not in requests.get(f"{page}&access_key={token}", timeout=60).text


@pytest.mark.parametrize("platform", ["youku", "iqiyi"])
def test_a_platform_that_does_not_ask_gets_no_keys(box, platform):
    with pytest.raises(access_keys.CannotIssue):
        access_keys.issue(
            hub.add_account(box, platform), video=None, expires_at=timezone.now() + timedelta(hours=1), most_plays=None,
            viewer="", actor="test",
        )  # fmt: skip
