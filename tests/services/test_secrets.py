"""Credentials, tokens and signatures reach no log line, event, error, page or JSON, whatever goes wrong."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from platforms import tasks
from platforms.errors import PlatformError
from platforms.models import Account, Event, Publication, UploadSession
from platforms.services import account_health, accounts, events, lending, publishing, removal, reports
from platforms.services.uploads import cancelling, control
from platforms.transport.http import Http
from platforms.transport.redact import RedactingFilter
from platforms.values import State, say
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_parts")]

PASSWORD = "w4tchM3n0w"
SECRET_CREDENTIALS = ("client_secret", "access_token", "refresh_token", "partner_key", "secret_key")
SECRET_VALUES = ("upload_token", "sign", "access_token", "refresh_token", "watch_password", "client_secret", "token")
SECRET_HEADERS = ("authorization", "x-oss-security-token", "access_token")
CREDENTIALS = {"youku": "youku", "iqiyi": "iqiyi", "baijiayun": "baijiayun"}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What our log handler writes when a person has turned everything on."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    loggers = [logging.getLogger(name) for name in (None, "urllib3", "urllib3.connectionpool", "oss2", "oss2.api")]
    before = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield stream
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


class Secrets:
    """Every secret that was ever typed, issued or sent."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.values: set[str] = {PASSWORD}

    def collect(self) -> None:
        for platform in CREDENTIALS:
            for login in ("main", "second"):
                stored = self.box.credentials(platform, login)
                self.values |= {stored[name] for name in SECRET_CREDENTIALS if stored.get(name)}
        for account in Account.objects.all():
            self.values |= {account.credentials[name] for name in SECRET_CREDENTIALS if account.credentials.get(name)}
        for session in UploadSession.objects.all():
            sts = session.token.get("sts") or {}
            self.values |= {str(value) for name, value in sts.items() if name in ("access_secret", "security_token")}
        for call in self.box.requests:
            self.values |= {value for name, value in call.values.items() if name in SECRET_VALUES and len(value) > 5}
            self.values |= {value for name, value in call.headers.items() if name in SECRET_HEADERS}

    def in_text(self, text: str) -> list[str]:
        return [value for value in self.values if value in text]


def everything_that_can_be_read() -> str:
    texts = [json.dumps(list(Event.objects.values("sentence", "data", "subject", "actor")), ensure_ascii=False)]
    texts += [event.text for event in Event.objects.all()]
    for account in Account.objects.all():
        texts += [repr(account), str(account), account.health_text, repr(lending.driver_for(account))]
        texts += [repr(lending.driver_for(account).access), json.dumps(account.health_reason)]
    for row in Publication.objects.select_related("account", "video"):
        texts += [repr(row), row.error_text, json.dumps(row.error), json.dumps(reports.publication(row))]
        texts += [row.raw_words, row.page_url, row.embed_url]
    texts += [repr(session) for session in UploadSession.objects.all()]
    for command in (["publications", "--json"], ["poll", "--all", "--json"]):
        out = io.StringIO()
        call_command(*command, stdout=out)
        texts.append(out.getvalue())
    return "\n".join(texts)


def live_through_everything(box: Sandbox, secrets: Secrets) -> None:
    """Publish everywhere, and meet wrong credentials, expired tokens, nonsense that echoes, cancels and deletions."""
    rows = [
        *publishing_with_password(box),
        *hub.publish(hub.add_video(), hub.add_account(box, "iqiyi"), hub.add_account(box, "baijiayun")),
    ]
    box.youku.expire_access_tokens()
    box.block("/iqiyi-upload/uploadfinish", Answer(200, box.credentials("iqiyi")["access_token"].encode()))
    box.block("/baijiayun/", Answer(200, json.dumps({"code": 77, "msg": partner_key(box)}).encode()), times=3)
    box.block("/iqiyi-upload/openupload", Answer(close=True))
    for _round in range(3):
        echo_what_is_sent(box)
        hub.hurry(*rows)
        tasks.run_uploads()
        secrets.collect()
    box.unblock()
    for row in rows:
        account_health.check(row.account, actor="li")
    hub.hurry(*rows)
    hub.work(rows)
    secrets.collect()
    removal.ask(rows[:1], actor="li")
    control.cancel(rows[1], actor="li")
    tasks.run_due()
    for row in rows:
        broken = {name: value[::-1] for name, value in row.account.credentials.items()}
        accounts.save_account(row.account.name, row.account.platform, broken, {}, actor="li")
        with pytest.raises(PlatformError):
            account_health.check(row.account, actor="li")
    secrets.collect()


def publishing_with_password(box: Sandbox) -> list[Publication]:
    slices = hub.add_account(box, "youku", "yk 2", login="second", upload_method="slices")
    video, options = hub.add_video(), {"public_type": "password", "watch_password": PASSWORD}
    rows = []
    for account in (slices, hub.add_account(box, "youku")):
        rows += [
            queued.publication for queued in publishing.publish(video, [hub.target(account, **options)], actor="t")
        ]
        if account == slices:
            hub.work(rows)
    return rows


def echo_what_is_sent(box: Sandbox) -> None:
    """Youku answers a commit with the access token, and the next with the upload token, of the request itself."""
    session = UploadSession.objects.filter(publication__account__name="yk").first()
    echo = session.token["upload_token"] if session else box.credentials("youku")["access_token"]
    box.block("/youku/uploads/commit.json", Answer(500, f"<p>{echo}</p>".encode()))


def partner_key(box: Sandbox) -> str:
    return box.credentials("baijiayun")["partner_key"]


def test_no_secret_is_written_at_debug_level_nor_kept_where_it_can_be_read(box, caplog):
    secrets = Secrets(box)
    with caplog.at_level(logging.DEBUG):
        live_through_everything(box, secrets)
    assert len(secrets.values) > 30
    assert caplog.records
    assert secrets.in_text(caplog.text) == []
    assert secrets.in_text(everything_that_can_be_read()) == []


def test_no_secret_is_written_when_the_libraries_tell_everything_they_know(box, written):
    secrets = Secrets(box)
    live_through_everything(box, secrets)
    assert "connectionpool" not in written.getvalue()
    assert "/youku/uploads/create.json" in written.getvalue()
    assert secrets.in_text(written.getvalue()) == []


@pytest.mark.parametrize("where", ["params", "form", "headers", "url"])
def test_what_a_request_carries_under_a_secrets_name_is_masked_wherever_its_answer_repeats_it(box, where):
    box.block("/youku/x", Answer(200, b"You sent s3cret-sign, did you?"))
    url = f"{box.url}/youku/x" + ("?sign=s3cret-sign" if where == "url" else "")
    carried: dict[str, Any] = {where: {"sign": "s3cret-sign"}} if where != "url" else {}
    answer = Http().call("test", "POST", url, safe=False, **carried)
    assert answer.start() == "You sent ***, did you?"
    assert "s3cret" not in repr(answer.unreadable()) + str(answer.unreadable().sentence)


def test_secrets_are_masked_by_name_and_long_texts_are_cut():
    data = {"access_token": "abc", "inner": [{"sign": "abc"}, "https://x/?upload_token=abc&id=1"], "n": 1, "none": None}
    cleaned = events.clean(data | {"long": "x" * 5000, "object": object})
    assert "abc" not in json.dumps(cleaned)
    assert "id=1" in json.dumps(cleaned)
    assert len(cleaned["long"]) == events.LONGEST_VALUE
    assert (cleaned["n"], cleaned["none"]) == (1, None)


def test_a_sentence_that_names_a_secret_is_stored_without_it(box):
    account = hub.add_account(box, "youku")
    event = events.record(account, "test", say("It said: %(words)s", words="access_token=s3cretvalue"), actor="test")
    assert "s3cretvalue" not in event.text


def test_what_cancelling_and_failing_leave_behind_is_without_secrets(box):
    account = hub.add_account(box, "youku")
    (row,) = hub.publish(hub.add_video(), account)
    claimed = hub.claim(row)
    token = {"upload_token": "t" * 32, "protocol": "oss", "bucket": "b", "object": "o"}
    UploadSession.objects.create(publication=row, fingerprint="x", token=token)
    control.cancel(claimed, actor="li")
    hub.hurry(row)
    cancelling.run_due()
    assert Publication.objects.get(pk=row.pk).state == State.CANCELLED
    assert "t" * 32 not in everything_that_can_be_read()
