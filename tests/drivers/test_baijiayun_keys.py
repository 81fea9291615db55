from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.errors import LoginExpired, Refused, Temporary
from sandbox.server import Sandbox
from tests.drivers.lent import MemoryAccess
from tests.drivers.on_baijiayun import LOST, access_to, baijiayun, job_of, path, says


def test_the_secret_key_alone_will_do(box: Sandbox) -> None:
    access = access_to(box, partner_key="")
    Baijiayun(access).upload(job_of())
    assert access.stored["partner_key"] == box.credentials("baijiayun")["partner_key"]
    assert len(box.requests.to(path(box, "partner/createkey"))) == 1


def test_the_partner_key_alone_will_do(box: Sandbox) -> None:
    baijiayun(box, secret_key="").upload(job_of())
    assert box.requests.to(path(box, "partner/createkey")) == []


def test_fetching_the_key_never_makes_a_new_one(box: Sandbox) -> None:
    before = box.credentials("baijiayun")["partner_key"]
    baijiayun(box, partner_key="").check_account()
    (call,) = box.requests.to(path(box, "partner/createkey"))
    assert "regenerate" not in call.values
    assert box.credentials("baijiayun")["partner_key"] == before


def test_a_key_that_another_process_fetched_meanwhile_is_used(box: Sandbox) -> None:
    class Late(MemoryAccess):
        """At the first look the key is not there yet."""

        looks = 0

        @property
        def credentials(self) -> Mapping[str, str]:
            self.looks += 1
            return {**self.stored, "partner_key": "" if self.looks == 1 else self.stored["partner_key"]}

    access = access_to(box)
    assert Baijiayun(Late(access.addresses, access.stored)).check_account().quota
    assert box.requests.to(path(box, "partner/createkey")) == []


def test_a_key_that_was_regenerated_elsewhere_is_fetched_when_the_account_is_checked(box: Sandbox) -> None:
    access = access_to(box)
    baijiayun(box).api.create_key(regenerate=True)
    Baijiayun(access).check_account()
    assert access.stored["partner_key"] == box.credentials("baijiayun")["partner_key"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"partner_key": "wrong-partner-key", "secret_key": ""},
        {"partner_id": "999"},
        {"private_domain": "somebody"},
        {"partner_key": "", "secret_key": "wrong-secret-key"},
    ],
)
def test_a_refused_account_names_what_to_check_and_what_the_platform_says(box: Sandbox, wrong: dict[str, str]) -> None:
    with pytest.raises(LoginExpired) as caught:
        baijiayun(box, **wrong).check_account()
    for name in ("partner_id", "partner_key", "private_domain"):
        assert name in caught.value.sentence.text
    assert caught.value.sentence.params["words"] not in ("", "-")


def test_a_regenerated_key_is_the_accounts_from_then_on(box: Sandbox) -> None:
    access = access_to(box)
    old = access.stored["partner_key"]
    key = Baijiayun(access).api.create_key(regenerate=True).partner_key
    assert key != old
    assert access.stored["partner_key"] == box.credentials("baijiayun")["partner_key"] == key
    assert Baijiayun(access).check_account().quota


def test_a_new_key_whose_answer_was_lost_is_fetched_when_it_is_missed(box: Sandbox) -> None:
    access = access_to(box)
    box.block(path(box, "partner/createkey"), LOST)
    with pytest.raises(Temporary):
        Baijiayun(access).api.create_key(regenerate=True)
    assert access.stored["partner_key"] != box.credentials("baijiayun")["partner_key"]
    Baijiayun(access).check_account()
    assert access.stored["partner_key"] == box.credentials("baijiayun")["partner_key"]


def test_without_a_secret_key_no_key_can_be_fetched(box: Sandbox) -> None:
    with pytest.raises(LoginExpired) as caught:
        baijiayun(box, secret_key="").api.create_key(regenerate=True)
    assert caught.value.field == "secret_key"
    assert len(box.requests) == 0


def test_without_any_key_a_person_is_asked_for_one(box: Sandbox) -> None:
    with pytest.raises(LoginExpired) as caught:
        baijiayun(box, partner_key="", secret_key="").check_account()
    assert caught.value.field == "partner_key"
    assert len(box.requests) == 0


@pytest.mark.parametrize("domain", ["", "a.b", "evil.example/", "a/../b", "a b", "-a"])
def test_a_private_domain_is_one_label(box: Sandbox, domain: str) -> None:
    with pytest.raises(LoginExpired) as caught:
        baijiayun(box, private_domain=domain).check_account()
    assert caught.value.field == "private_domain"
    assert len(box.requests) == 0


def test_credentials_are_checked_before_they_are_stored() -> None:
    def fields(**credentials: str) -> list[str]:
        return [problem.field for problem in Baijiayun.credential_problems(credentials)]

    assert fields(private_domain="b0001", partner_id="1", partner_key="k") == []
    assert fields(private_domain="b0001", partner_id="1", secret_key="k") == []
    assert fields(private_domain="b0001.at.baijiayun.com", partner_id="1") == ["private_domain", "partner_key"]


def test_the_account_report_holds_the_plan_in_bytes(box: Sandbox) -> None:
    box.baijiayun.set_plan(total_storage=1000, charge_type=1, flow_limit=2000)
    quota = baijiayun(box).check_account().quota
    assert quota["total_storage"] == 1000
    assert quota["total_flow_limit"] == 2000
    assert quota["used_storage"] == 0
    assert "month_flow_limit" not in quota


@pytest.mark.parametrize("status", [0, 2])
def test_a_service_that_does_not_run_is_said(box: Sandbox, status: int) -> None:
    box.baijiayun.set_plan(status=status)
    with pytest.raises(Refused) as caught:
        baijiayun(box).check_account()
    assert caught.value.code == str(status)


def test_secrets_echoed_by_the_platform_are_shown_nowhere(box: Sandbox) -> None:
    keys = box.credentials("baijiayun")
    words = f"{keys['partner_key']} {keys['secret_key']}"
    box.block(path(box, "video/getStatus"), says(9, msg=words))
    with pytest.raises(Refused) as caught:
        baijiayun(box).api.get_status("1")
    shown = f"{caught.value} {caught.value.detail} {dict(caught.value.sentence.params)}"
    assert keys["partner_key"] not in shown


def test_keys_and_upload_addresses_are_in_no_representation(box: Sandbox) -> None:
    api = baijiayun(box).api
    address = api.get_upload_url("a.mp4", ["16"])
    key = api.create_key()
    assert address.upload_url not in repr(address)
    assert key.partner_key not in repr(key)


@pytest.mark.parametrize("minutes", [-30, 30])
def test_a_clock_that_is_wrong_is_named_before_keys_that_may_be_right(box: Sandbox, minutes: int) -> None:
    access = access_to(box)
    theirs = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    refusal = replace(says(1103, msg="timestamp 已过期"), headers={"Date": theirs})
    box.block(path(box, ""), refusal, times=9)
    with pytest.raises(LoginExpired) as caught:
        Baijiayun(access).check_account()
    assert caught.value.sentence.text == mapping.CHECK_CLOCK
    assert caught.value.sentence.params == {"minutes": 30, "words": "timestamp 已过期"}
    assert box.requests.to(path(box, "partner/createkey")) == [], "no key makes up for a clock"
