"""`account_add` and `account_check`: secrets come from a file or stdin, and what is wrong is said clearly."""

from __future__ import annotations

import json

import pytest
from django.core.management import get_commands, load_command_class

from platforms.models import Account, Health
from tests import hub

pytestmark = pytest.mark.django_db


def write(tmp_path, credentials: object) -> str:
    path = tmp_path / "credentials.json"
    path.write_text(credentials if isinstance(credentials, str) else json.dumps(credentials))
    return str(path)


def test_an_account_is_added_from_a_file(box, manage, tmp_path):
    file = write(tmp_path, box.credentials("youku"))
    ran = manage("account_add", "yk", "--platform", "youku", "--credentials-file", file, "--json")
    assert ran.code == 0
    assert ran.document == {"account": "yk", "platform": "youku", "created": True, "options": {"upload_method": "oss"}}
    account = Account.objects.get(name="yk")
    assert account.credentials == box.credentials("youku")
    assert account.events.get().actor.endswith("shell")


def test_an_account_is_updated_from_stdin_and_keeps_what_is_not_given(box, manage):
    hub.add_account(box, "youku", upload_method="slices")
    add = ("account_add", "yk", "--platform", "youku", "--credentials-file", "-", "--json")
    ran = manage(*add, stdin='{"access_token": "new"}')
    assert ran.document["created"] is False
    assert ran.document["options"] == {"upload_method": "slices"}
    account = Account.objects.get()
    assert account.credentials == box.credentials("youku") | {"access_token": "new"}
    assert manage(*add, "--option", "upload_method=oss", stdin="{}").document["options"] == {"upload_method": "oss"}


def test_the_calls_an_hour_of_an_account_are_set_and_taken_away(box, manage):
    hub.add_account(box, "youku")
    add = ("account_add", "yk", "--platform", "youku", "--credentials-file", "-", "--json")
    for given, stored in (("50000", 50000), ("none", None)):
        assert manage(*add, "--calls-per-hour", given, stdin="{}").code == 0
        assert Account.objects.get().calls_per_hour == stored


@pytest.mark.parametrize("given", ["0", "-1", "many", "1.5", "9" * 12])
def test_a_number_of_calls_that_is_none_is_refused_and_nothing_is_saved(box, manage, given):
    add = ("account_add", "yk", "--platform", "youku", "--credentials-file", "-", f"--calls-per-hour={given}", "--json")
    ran = manage(*add, stdin=json.dumps(box.credentials("youku")))
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert given in ran.problem["message"]
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        ({"client_id": "a"}, "access token"),
        ({"client_id": "a", "access_token": "b", "pasword": "s3cret-value"}, "pasword"),
        ([1], "JSON object"),
        ({"client_id": ["s3cret-value"]}, "JSON object"),
        ("s3cret-value", "JSON"),
        ("", "JSON"),
    ],
)
def test_credentials_that_cannot_be_used_are_refused_without_repeating_them(box, manage, tmp_path, credentials, said):
    add = ("account_add", "yk", "--platform", "youku", "--credentials-file", write(tmp_path, credentials))
    ran = manage(*add, "--json")
    assert ran.code == 2
    assert ran.problem["kind"] == "BadInput"
    assert said in ran.problem["message"]
    assert "s3cret-value" not in ran.out + ran.err
    plain = manage(*add)
    assert (plain.code, plain.out) == (2, "")
    assert said in plain.err
    assert not Account.objects.exists()


def test_a_file_that_cannot_be_read_is_named(box, manage, tmp_path):
    (tmp_path / "gbk.json").write_bytes('{"client_id": "密"}'.encode("gbk"))
    for file in (tmp_path / "missing.json", tmp_path, tmp_path / "gbk.json"):
        ran = manage("account_add", "yk", "--platform", "youku", "--credentials-file", str(file), "--json")
        assert ran.code == 2
        assert str(file) in ran.problem["message"]


@pytest.mark.parametrize(
    ("option", "said"),
    [("upload_method=ftp", "oss, slices"), ("no_such=1", "no_such"), ("upload_method", "NAME=VALUE")],
)
def test_an_option_that_the_platform_does_not_have_is_refused(box, manage, tmp_path, option, said):
    file = write(tmp_path, box.credentials("youku"))
    ran = manage("account_add", "yk", "--platform", "youku", "--credentials-file", file, "--option", option, "--json")
    assert ran.code == 2
    assert said in ran.problem["message"]


def test_a_name_that_is_taken_on_another_platform_is_refused(box, manage, tmp_path):
    hub.add_account(box, "youku")
    file = write(tmp_path, box.credentials("iqiyi"))
    ran = manage("account_add", "yk", "--platform", "iqiyi", "--credentials-file", file, "--json")
    assert ran.code == 2
    assert "another platform" in ran.problem["message"]


def test_a_check_says_ok_until_when_and_how_much(box, manage):
    hub.add_account(box, "youku")
    hub.add_account(box, "baijiayun")
    ran = manage("account_check", "yk", "--json")
    assert ran.code == 0
    assert ran.document.keys() >= {"account", "platform", "ok", "message", "token_expires_at", "quota"}
    assert ran.document["ok"] is True
    quota = manage("account_check", "bj", "--json").document["quota"]
    assert quota
    assert all(isinstance(value, int) for value in quota.values())
    plain = manage("account_check", "bj")
    assert plain.out.startswith("bj: ")


def test_a_check_that_is_refused_says_which_credentials_and_exits_with_1(box, manage):
    account = hub.add_account(box, "iqiyi")
    wrong = account.credentials | {"client_secret": "f" * 32, "access_token": "f" * 32, "refresh_token": "f" * 32}
    Account.objects.update(credentials=wrong)
    ran = manage("account_check", "iq", "--json")
    assert ran.code == 1
    assert ran.problem["kind"] == "LoginExpired"
    assert "client secret" in ran.problem["message"]
    assert Account.objects.get().health == Health.NEEDS_PERSON
    assert "f" * 32 not in ran.out + ran.err


def test_an_unknown_account_is_answered_with_those_there_are_in_the_readers_language(box, manage):
    hub.add_account(box, "youku")
    english = manage("account_check", "nobody", "--json")
    assert english.code == 2
    assert english.problem["message"] == "There is no account “nobody”. Accounts: yk."
    chinese = manage("account_check", "nobody", "--json", language="zh-hans").problem["message"]
    assert "nobody" in chinese
    assert "yk" in chinese


@pytest.mark.parametrize(
    "name", ["account_add", "account_check", "publish", "upload", "poll", "publications", "remove"]
)
def test_no_command_takes_a_secret_on_its_command_line(name):
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    flags = " ".join(flag for action in parser._actions for flag in action.option_strings)
    assert not [word for word in ("token", "secret", "password", "key") if word in flags]
    assert "--json" in flags


@pytest.mark.parametrize("name", ["", " ", " yk", "yk ", "y\nk", "优" * 101])
def test_a_name_that_nobody_could_type_or_store_is_refused(box, manage, name):
    add = ("account_add", name, "--platform", "youku", "--credentials-file", "-", "--json")
    ran = manage(*add, stdin=json.dumps(box.credentials("youku")))
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert "name" in ran.problem["message"]
    assert not Account.objects.exists()


def test_a_name_may_be_written_in_any_script_and_hold_spaces(box, manage):
    add = ("account_add", "学校　一 号", "--platform", "youku", "--credentials-file", "-", "--json")
    assert manage(*add, stdin=json.dumps(box.credentials("youku"))).document["account"] == "学校　一 号"


def test_credentials_may_begin_with_the_mark_that_editors_of_windows_write(box, manage, tmp_path):
    file = write(tmp_path, "\ufeff" + json.dumps(box.credentials("youku")))
    assert manage("account_add", "yk", "--platform", "youku", "--credentials-file", file, "--json").code == 0
