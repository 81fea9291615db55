"""A platform's news of a video: verified, stored, answered at once, and acted upon afterwards."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from platforms import tasks
from platforms.models import Account, Delivery, Event
from platforms.services import callbacks
from platforms.services.sweep import due
from sandbox.server import Answer
from tests import hub
from tests.webhooks.conftest import signed

pytestmark = pytest.mark.django_db(transaction=True)
TAKEN = {"code": 0}


def only_delivery() -> Delivery:
    return Delivery.objects.get()


def test_a_knock_is_stored_answered_and_followed_by_a_look(site):
    answer = site.knock()
    assert (answer.status_code, answer.json()) == (200, TAKEN)
    delivery = only_delivery()
    assert (delivery.qid, delivery.verified, delivery.publication, delivery.processed_at) == (
        "q-1", True, site.publication, None,
    )  # fmt: skip
    site.box.clock.advance(60)
    tasks.run_due()
    site.publication.refresh_from_db()
    assert site.publication.state == "published"
    assert only_delivery().processed_at


def test_it_does_not_believe_the_news_but_looks(site):
    site.knock(site.form(status="30"))
    site.box.clock.advance(60)
    tasks.run_due()
    site.publication.refresh_from_db()
    assert site.publication.state == "published"


def test_the_platform_itself_knocks_at_the_registered_address(site):
    """Its next look is an hour away: only the call tells the hub that the video plays."""
    account = hub.add_account(site.box, "baijiayun", "second", "other")
    ours = callbacks.addresses(account)
    assert ours is not None
    assert callbacks.register(account, actor="test") == ours.transcode
    assert callbacks.registered(account) == ours.transcode
    (row,) = hub.publish(hub.add_video(), account)
    hub.work([row], until=["published"])
    # The call about its beginning may have found it finished already; the one about its end still comes.
    hub.until(Delivery.objects.filter(account=account, body__status="100", refusal__isnull=True).exists)


def test_a_repeated_event_is_stored_once(site):
    assert [site.knock().json() for _time in range(3)] == [TAKEN] * 3
    only_delivery()


def test_waiting_news_is_found_by_the_sweep(site):
    assert not due().follow
    site.knock()
    assert due().follow
    callbacks.run_due(actor="test")
    assert not callbacks.waiting().exists()


@pytest.fixture
def ended(site, monkeypatch):
    """The site's video plays, and is transcoded once more: only a callback tells the hub how that ends."""
    site.box.clock.advance(60)
    tasks.run_due()
    hub.hurry(site.publication)
    hub.work([site.publication], until=["published"])
    site.box.baijiayun.set_status(int(site.publication.remote_id), 30)
    site.knock(site.form(status="30"))
    return site


def test_news_of_a_video_that_plays_wait_while_its_platform_is_away(ended):
    ended.box.block("/baijiayun/", Answer(503), times=100)
    callbacks.run_due(actor="test")
    assert only_delivery().processed_at is None
    assert callbacks.waiting().exists()
    ended.box.unblock()
    hub.until(lambda: callbacks.run_due(actor="test"))
    ended.publication.refresh_from_db()
    assert ended.publication.state == "failed"
    assert not callbacks.waiting().exists()


def test_news_of_a_video_that_plays_wait_while_its_account_needs_a_person(ended):
    Account.objects.update(health="needs_person")
    assert not due().follow
    assert callbacks.run_due(actor="test") == 0
    Account.objects.update(health="ok")
    assert due().follow
    callbacks.run_due(actor="test")
    ended.publication.refresh_from_db()
    assert ended.publication.state == "failed"


def test_news_that_nobody_could_look_into_for_a_day_are_left_alone(ended):
    ended.box.block("/baijiayun/", Answer(503), times=100)
    Delivery.objects.update(received_at=timezone.now() - timedelta(days=2))
    callbacks.run_due(actor="test")
    assert only_delivery().processed_at


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"timestamp": ""}, "timestamp"),
        ({"qid": ""}, "qid"),
        ({"video_id": "987654321"}, "987654321"),
        ({"status": "soon"}, "status"),
    ],
)
def test_what_is_signed_but_wrong_is_recorded_and_refused(site, change, word):
    is_recorded_and_refused(site, change, word)


@pytest.mark.parametrize("seconds", [-1000, 1000])
def test_what_was_signed_at_another_time_is_recorded_and_refused(site, seconds):
    is_recorded_and_refused(site, {"timestamp": str(int(time.time()) + seconds)}, "300")


def is_recorded_and_refused(site, change, word):
    answer = site.knock(site.form(**change))
    assert answer.status_code == 403
    assert answer.json()["code"] == 1
    assert word in answer.json()["msg"]
    assert word in only_delivery().refusal_text
    assert only_delivery().qid is None
    assert not callbacks.waiting().exists()


def test_a_forged_event_is_recorded_and_keeps_no_genuine_one_out(site):
    forged = signed(site.form() | {"status": "30"}, "a guess")
    assert site.knock(forged).json()["code"] == 1
    delivery = only_delivery()
    assert (delivery.verified, delivery.qid) == (False, None)
    assert site.knock().json() == TAKEN
    assert Delivery.objects.filter(qid="q-1", verified=True).count() == 1


def test_a_parameter_nobody_signed_spoils_the_sign(site):
    assert site.knock(site.form() | {"extra": "1"}).status_code == 403


def test_an_unknown_address_says_nothing(site):
    assert requests.post(site.address[:-3] + "xx/", data=site.form(), timeout=60).status_code == 404
    assert requests.post(site.address.replace("baijiayun", "youku"), data=site.form(), timeout=60).status_code == 404
    assert requests.post(site.address[:-3] + "%00/", data=site.form(), timeout=60).status_code == 404
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("request_of", "status"),
    [
        (lambda at: requests.get(at, timeout=60), 405),
        (lambda at: requests.put(at, data={"a": "b"}, timeout=60), 405),
        (lambda at: requests.post(at, json={"a": "b"}, timeout=60), 415),
        (lambda at: requests.post(at, data={"a": "b" * 70_000}, timeout=60), 413),
        (lambda at: requests.post(at, data={f"n{number}": "b" for number in range(2000)}, timeout=60), 400),
        (lambda at: requests.post(at, data=b"--x", headers={"Content-Type": "multipart/form-data"}, timeout=60), 400),
        (lambda at: requests.post(at, data={"a": "b\0"}, timeout=60), 400),
        (lambda at: requests.post(at, data={"a\0": "b"}, timeout=60), 400),
    ],
    ids=["GET", "PUT", "JSON", "too large", "too many fields", "no boundary", "a NUL", "a NUL in a name"],
)
def test_what_is_no_callback_is_refused_unread(site, request_of, status):
    answer = request_of(site.address)
    assert answer.status_code == status
    assert answer.json()["code"] == 1
    assert answer.json()["msg"]
    assert not Delivery.objects.exists()


def test_a_form_in_parts_is_understood_too(site):
    parts = {name: (None, value) for name, value in site.form().items()}
    assert site.knock(form={}, files=parts).json() == TAKEN


def test_a_burst_of_a_thousand_loses_none(site):
    with ThreadPoolExecutor(8) as pool, requests.Session() as session:

        def knock(number: int) -> object:
            # Signed only now: news of long ago is refused, and a busy machine takes its time for a thousand.
            return session.post(site.address, data=site.form(qid=f"burst-{number}"), timeout=120).json()

        answers = list(pool.map(knock, range(1000)))
    assert answers == [TAKEN] * 1000
    assert Delivery.objects.filter(qid__startswith="burst-", processed_at=None).count() == 1000
    assert callbacks.run_due(actor="test") == 1000
    assert callbacks.run_due(actor="test") == 0


def test_no_secret_is_kept_with_a_delivery(site):
    site.knock()
    site.knock(site.form(qid="q-2") | {"sign": "0" * 32})
    kept = str(list(Delivery.objects.values())) + str(list(Event.objects.values()))
    assert site.key not in kept
    assert site.form()["sign"] not in kept
    assert site.account.callback_id not in kept


def test_old_and_refused_deliveries_do_not_pile_up(site, monkeypatch):
    monkeypatch.setattr(callbacks, "KEEP_REFUSED", 3)
    for number in range(6):
        site.knock(site.form(qid=f"r-{number}", video_id="987654321"))
    site.knock()
    callbacks.tidy()
    assert Delivery.objects.filter(refusal__isnull=False).count() == 3
    assert Delivery.objects.filter(verified=True, refusal__isnull=True).count() == 1
