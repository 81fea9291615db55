"""Two accounts never share a name, however close together they are added."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from platforms.models import Account
from platforms.services import accounts

GIVEN = {"client_id": "an-id", "client_secret": "a-secret"}


@pytest.mark.django_db
def test_a_name_that_somebody_took_in_the_meantime_is_told_at_its_field(monkeypatch):
    monkeypatch.setattr(accounts, "problems_of", lambda *given: taken())

    def taken() -> dict[str, str]:
        Account.objects.create(name="school", platform="iqiyi")
        return {}

    with pytest.raises(ValidationError) as refused:
        accounts.save_account("school", "iqiyi", GIVEN, {}, actor="li")
    assert "school" in refused.value.message_dict["name"][0]


@pytest.mark.django_db
def test_an_account_cannot_be_given_the_name_of_another():
    for name in ("school", "station"):
        accounts.save_account(name, "iqiyi", GIVEN, {}, actor="li")
    with pytest.raises(ValidationError):
        accounts.save_account("school", "iqiyi", {}, {}, actor="li", account=Account.objects.get(name="station"))
    assert set(Account.objects.values_list("name", flat=True)) == {"school", "station"}
