"""Credentials and resume states are encrypted at rest; keys rotate; a lost key says so."""

from __future__ import annotations

import io
import json

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from platforms.models import Account, Publication, UploadSession, Video

pytestmark = pytest.mark.django_db

CREDENTIALS = {"client_id": "k", "access_token": "pl41n-t3xt"}


@pytest.fixture
def account() -> Account:
    return Account.objects.create(name="yk", platform="youku", credentials=CREDENTIALS)


def raw(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchall())


def test_the_database_holds_no_plain_text(account):
    publication = Publication.objects.create(account=account, video=Video.objects.create(title="x"))
    UploadSession.objects.create(publication=publication, fingerprint="x", token={"sts": "pl41n-t3xt"})
    stored = raw("SELECT credentials FROM platforms_account") + raw("SELECT token FROM platforms_uploadsession")
    assert "pl41n-t3xt" not in stored
    assert "access_token" not in stored
    assert Account.objects.get().credentials == CREDENTIALS
    assert UploadSession.objects.get().token == {"sts": "pl41n-t3xt"}


def test_a_new_first_key_encrypts_and_the_old_one_still_decrypts(account, settings):
    old, new = settings.CREDENTIALS_KEYS, Fernet.generate_key().decode()
    settings.CREDENTIALS_KEYS = [new, *old]
    account = Account.objects.get()
    assert account.credentials == CREDENTIALS
    account.save()
    settings.CREDENTIALS_KEYS = [new]
    assert Account.objects.get().credentials == CREDENTIALS
    settings.CREDENTIALS_KEYS = old
    with pytest.raises(ImproperlyConfigured):
        Account.objects.get()


def test_a_lost_key_says_which_setting_to_put_right(account, settings):
    settings.CREDENTIALS_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ImproperlyConfigured, match="CREDENTIALS_KEY"):
        Account.objects.get()
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("account_check", "yk", "--json", stdout=out)
    assert caught.value.returncode == 1
    problem = json.loads(out.getvalue())["error"]
    assert problem["kind"] == "Configuration"
    assert "CREDENTIALS_KEY" in problem["message"]


def test_a_fixture_carries_the_encrypted_value_and_can_be_loaded(account):
    dumped = serializers.serialize("json", [account])
    assert "pl41n-t3xt" not in dumped
    (loaded,) = serializers.deserialize("json", dumped)
    loaded.save()
    assert Account.objects.get().credentials == CREDENTIALS


def test_a_model_shows_its_name_and_nothing_else(account):
    assert repr(account) == "<Account: yk>"
    assert "pl41n-t3xt" not in str(vars(account)["name"])
