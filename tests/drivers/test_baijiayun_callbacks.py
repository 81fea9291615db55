"""What Baijiayun sends to us: proven to come from it about now, and read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from platforms.drivers.baijiayun.client import sign
from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.errors import Refused
from platforms.values import State
from sandbox.server import Sandbox
from tests.drivers.conftest import PACE
from tests.drivers.lent import MemoryAccess
from tests.drivers.on_baijiayun import baijiayun, job_of
from tests.sandbox.receiver import receiver

KEY = "8jewu3j93jjewi3jwj90093jkyu"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def driver(partner_key: str = KEY) -> Baijiayun:
    return Baijiayun(MemoryAccess({}, {"partner_key": partner_key} if partner_key else {}))


def signed(key: str = KEY, **values: str) -> dict[str, str]:
    form = {"video_id": "123", "status": "20", "qid": "q1", "timestamp": str(int(NOW.timestamp())), **values}
    form = {name: value for name, value in form.items() if value}
    return {**form, "sign": sign(form, key)}


def refused(form: dict[str, str], partner_key: str = KEY) -> str:
    """The parameter at which a form is refused."""
    with pytest.raises(Refused) as caught:
        driver(partner_key).read_callback(form, NOW)
    sentence = caught.value.sentence
    assert sentence.text % sentence.params
    assert KEY not in f"{caught.value} {sentence.params}"
    return caught.value.field


def test_an_event_is_read_with_its_id_and_time() -> None:
    event = driver().read_callback(signed(), NOW)
    assert (event.delivery_id, event.remote_id, event.sent_at) == ("q1", "123", NOW)
    assert (event.raw_state, event.state, event.words) == ("status 20", State.PROCESSING, "Being transcoded")


def test_a_finished_transcoding_tells_what_came_of_it_but_not_whether_it_is_shown() -> None:
    form = signed(
        status="100", preface_url="https://img/1.jpg", total_size="1000", total_transcode_size="5000", length="12.5",
        file_md5="ABCDEF", now_definition="low,std", origin_definition="super",
    )  # fmt: skip
    event = driver().read_callback(form, NOW)
    assert (event.state, event.words) == (None, "Transcoding is done")
    assert (event.size, event.stored_size, event.duration, event.md5) == (1000, 5000, 12.5, "abcdef")
    assert (event.definitions, event.origin_definition, event.cover_url) == (
        ("low", "std"), "super", "https://img/1.jpg"
    )  # fmt: skip


def test_a_failed_transcoding_is_failed() -> None:
    assert driver().read_callback(signed(status="30"), NOW).state == State.FAILED


def test_an_unknown_status_is_kept_as_it_is() -> None:
    event = driver().read_callback(signed(status="77"), NOW)
    assert (event.raw_state, event.state) == ("status 77", None)


def test_the_sign_covers_parameters_that_nobody_knows_too() -> None:
    assert driver().read_callback(signed(partner_id="9", later="新"), NOW).remote_id == "123"
    assert refused({**signed(), "later": "added"}) == "sign"


@pytest.mark.parametrize("name", ["video_id", "status", "qid", "timestamp"])
def test_a_changed_parameter_breaks_the_sign(name: str) -> None:
    form = signed()
    assert refused({**form, name: form[name] + "1"}) == "sign"
    assert refused({key: value for key, value in form.items() if key != name}) == "sign"


@pytest.mark.parametrize("sign_given", ["", "0" * 32, "ü", "no hex"])
def test_a_sign_that_is_none_is_refused(sign_given: str) -> None:
    assert refused({**signed(), "sign": sign_given}) == "sign"


def test_a_missing_sign_is_refused() -> None:
    form = signed()
    del form["sign"]
    assert refused(form) == "sign"


def test_the_sign_of_another_account_is_refused() -> None:
    assert refused(signed(key="the key of somebody else")) == "sign"


def test_a_sign_in_capitals_is_not_the_documents() -> None:
    form = signed()
    assert refused({**form, "sign": form["sign"].upper()}) == "sign"


@pytest.mark.parametrize("seconds", [-300, -299, 0, 300])
def test_a_clock_that_differs_by_five_minutes_is_allowed(seconds: int) -> None:
    sent_at = NOW + timedelta(seconds=seconds)
    assert driver().read_callback(signed(timestamp=str(int(sent_at.timestamp()))), NOW).sent_at == sent_at


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_an_old_or_future_event_is_refused(seconds: int) -> None:
    assert refused(signed(timestamp=str(int((NOW + timedelta(seconds=seconds)).timestamp())))) == "timestamp"


@pytest.mark.parametrize("name", ["video_id", "status", "qid", "timestamp"])
def test_what_is_signed_but_incomplete_names_what_is_missing(name: str) -> None:
    assert refused(signed(**{name: ""})) == name


@pytest.mark.parametrize("name", ["status", "timestamp"])
def test_what_is_signed_but_no_number_is_refused(name: str) -> None:
    assert refused(signed(**{name: "soon"})) == name


def test_without_a_key_nothing_is_believed() -> None:
    form = signed(key="")
    assert refused(form, partner_key="") == "partner_key"


def test_what_the_platform_really_sends_is_believed(box: Sandbox) -> None:
    ours = baijiayun(box)
    with receiver() as site:
        assert ours.registered_callback() == ""
        assert ours.register_callback(site.url) == site.url
        assert ours.registered_callback() == site.url
        video_id = ours.upload(job_of())
        site.wait_for(1)
        box.clock.advance(PACE + 1)
        uploaded, done = (ours.read_callback(form, datetime.now(UTC)) for form in site.wait_for(2))
    assert (uploaded.remote_id, uploaded.state) == (video_id, State.PROCESSING)
    assert (done.remote_id, done.raw_state, done.md5) == (video_id, "status 100", job_of().source.md5)
    assert uploaded.delivery_id != done.delivery_id
    with pytest.raises(Refused):
        driver().read_callback(site.forms[0], datetime.now(UTC))


def test_the_platform_takes_our_answers() -> None:
    assert Baijiayun.callback_answer() == {"code": 0}
    assert Baijiayun.callback_answer("unknown video") == {"code": 1, "msg": "unknown video"}


def test_a_question_about_an_access_key_is_read() -> None:
    question = Baijiayun.read_play_request({"access_key": "fgh6789", "video_id": "123", "more": "1"})
    assert (question.access_key, question.remote_id) == ("fgh6789", "123")
    assert "fgh6789" not in repr(question)


@pytest.mark.parametrize("missing", ["access_key", "video_id"])
def test_half_a_question_is_refused(missing: str) -> None:
    form = {"access_key": "fgh6789", "video_id": "123"}
    del form[missing]
    with pytest.raises(Refused) as caught:
        Baijiayun.read_play_request(form)
    assert caught.value.field == missing
