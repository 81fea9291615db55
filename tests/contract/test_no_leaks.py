"""No credential, token, key, sign or temporary access is written anywhere, whatever call is made and however it fails.

Every call of every platform is made by hand, as `manage.py call` does, while the platform answers, echoes, breaks off,
hangs up and refuses; then everything that was written is searched: log lines at every level, exceptions with all that
they chain, the whole database, the pages of the admin and the output of the command.
"""

from __future__ import annotations

import io
import json
import logging
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from platforms.contract import WrongParameters
from platforms.errors import PlatformError
from platforms.models import Account, Event, Publication
from platforms.services import accounts, calling, lending
from platforms.transport import http
from platforms.transport.redact import RedactingFilter
from sandbox.messages import Request
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.contract.documents import ROWS, Row
from tests.contract.worlds import GIVEN, WORLDS, World

pytestmark = pytest.mark.django_db
LOGGERS = ("", "urllib3", "urllib3.connectionpool", "urllib3.util.retry", "oss2", "oss2.api", "oss2.auth", "oss2.http",
           "requests", "django", "django_q", "django-q", "platforms")  # fmt: skip
#: Parameters and headers whose values nobody may read.
SECRET_NAMES = ("access_token", "refresh_token", "client_secret", "partner_key", "secret_key", "sign", "code",
                "watch_password", "upload_token", "token", "authorization", "x-oss-security-token")  # fmt: skip
#: What a call asks for, and therefore shows to the person who made it, and to nobody else.
ASKED_FOR = ("upload_token", "token")
STORED = {
    "oss-sts": ("access_key_id", "access_key_secret", "security_token"),
    "youku-account": ("client_secret", "access_token", "refresh_token"),
    "youku-code": ("code",),
}
SHORTEST = 6
NOBODY = "http://127.0.0.1:9"


class Raw(logging.Handler):
    """Log lines as they come, with their traceback, masked by nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Marks:
    """Every secret there is: what the account's owner typed, what was issued, what travelled, what was computed."""

    def __init__(self, box: Sandbox, platform: str) -> None:
        self.box, self.platform = box, platform
        self.never: set[str] = set()
        self.asked_for: set[str] = set()

    def collect(self) -> None:
        fields = {f.name for f in accounts.credential_fields(self.platform) if f.kind == "secret"}
        for account in Account.objects.all():
            self._add("", *(account.credentials.get(name, "") for name in fields))
        for call in self.box.requests:
            for name, value in {**call.values, **call.headers}.items():
                if name in SECRET_NAMES:
                    self._add(name, value, value.rpartition(":")[2])
        for kind, names in STORED.items():
            self._add("", *(str(row[name]) for row in self.box.store.all(kind) for name in names))
        self.asked_for -= self.never

    def _add(self, name: str, *values: str) -> None:
        (self.asked_for if name in ASKED_FOR else self.never).update(v for v in values if len(v) >= SHORTEST)

    def in_text(self, text: str, *, to_the_caller: bool = False) -> list[str]:
        wanted = self.never if to_the_caller else self.never | self.asked_for
        return [mark for mark in wanted if mark in text]


@dataclass
class Told:
    """What errors say to anybody, and the answers that only the person who made a call sees."""

    to_anybody: list[str]
    to_the_caller: list[str]

    def __iadd__(self, other: Told) -> Told:
        self.to_anybody += other.to_anybody
        self.to_the_caller += other.to_the_caller
        return self


@pytest.fixture
def box(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sandbox]:
    monkeypatch.setattr(http, "WAITS", (0.0, 0.0))
    settings.MEDIA_ROOT = str(tmp_path / "media")
    with Sandbox(pace=0) as box:
        settings.PLATFORM_ADDRESSES = box.environment()
        yield box
        assert box.errors == []


@pytest.fixture
def account(box: Sandbox, platform: str) -> Account:
    return hub.add_account(box, platform)


@pytest.fixture
def world(box: Sandbox, platform: str, account: Account, tmp_path: Path) -> World[Any]:
    return WORLDS[platform](box, tmp_path, lending.driver_for(account).access)


def rows_of(platform: str) -> list[Row]:
    return [row for row in ROWS[platform] if row.method]


# How a call goes wrong.


def echo(request: Request) -> str:
    """All that the request said, as a careless server repeats it."""
    told = {**request.values, **dict(request.headers.items())}
    return json.dumps({"you sent": told, "address": request.target, "plain": " ".join(told.values())})


FAULTS = {
    "a page that repeats the request": lambda request: Answer(502, f"<pre>{echo(request)}</pre>".encode()),
    "a refusal that repeats the request": lambda request: refusal(echo(request)),
    "a success of another shape": lambda request: Answer(200, echo(request).encode(), "application/json"),
    "half an answer": lambda request: Answer(200, echo(request).encode()[:-9], "application/json"),
    "less than announced": lambda request: Answer(200, echo(request).encode(), "application/json", length=100_000),
    "no answer": lambda _: Answer(close=True),
    "an answer that is lost": lambda _: Answer(close=True, after_work=True),
}


def refusal(words: str) -> Answer:
    """In the words of all three platforms at once."""
    body = {"code": "77", "msg": words, "error": {"code": 77, "type": words, "description": words}}
    return Answer(400, json.dumps(body).encode(), "application/json")


def call_by_hand(account: Account, row: Row, given: dict[str, str]) -> Told:
    """Everything that the error of one call shows: to anybody, and to the person who made the call."""
    account.refresh_from_db()
    try:
        calling.call(account, row.method, given, confirmed=True, actor="li")
    except PlatformError as error:
        answer, error.answer = error.answer, None
        return Told([shown(error)], [repr(answer)])
    except WrongParameters as error:
        return Told([shown(error)], [])
    return Told([], [])


def shown(error: PlatformError | WrongParameters) -> str:
    facts = [repr(error), str(error), repr(error.args), repr(vars(error)), error.sentence.text]
    return "\n".join([*facts, str(dict(error.sentence.params)), *traceback.format_exception(error)])


def fail_every_call(
    box: Sandbox, world: World[Any], account: Account, monkeypatch: pytest.MonkeyPatch, marks: Marks
) -> Told:
    told = Told([], [])
    for row in rows_of(account.platform):
        for fault in FAULTS.values():
            given = dict(GIVEN[row.number](world))
            with monkeypatch.context() as patch:
                patch.setattr(box.blocks, "take", fault)
                told += call_by_hand(account, row, given)
            marks.collect()
            mend(box, account)
    return told


def miss_every_call(box: Sandbox, world: World[Any], account: Account, settings: Any) -> Told:
    """Nobody listens: what the libraries say then repeats the whole address."""
    told, there = Told([], []), settings.PLATFORM_ADDRESSES
    for row in rows_of(account.platform):
        given = {name: value.replace(box.url, NOBODY) for name, value in GIVEN[row.number](world).items()}
        given = {name: value.replace(box.url.removeprefix("http://"), "127.0.0.1:9") for name, value in given.items()}
        settings.PLATFORM_ADDRESSES = {name: address.replace(box.url, NOBODY) for name, address in there.items()}
        told += call_by_hand(account, row, given)
        settings.PLATFORM_ADDRESSES = there
    return told


def mend(box: Sandbox, account: Account) -> None:
    """Tokens and keys whose new value was lost with an answer: its owner types the ones that are valid now."""
    Account.objects.filter(pk=account.pk).update(credentials=box.credentials(account.platform))


def refuse_every_call(box: Sandbox, world: World[Any], account: Account, marks: Marks) -> Told:
    """With every secret wrong: what was typed is refused, and must not be repeated either."""
    told = Told([], [])
    fields = {field.name for field in accounts.credential_fields(account.platform) if field.kind == "secret"}
    for row in rows_of(account.platform):
        given = dict(GIVEN[row.number](world))
        stored = box.credentials(account.platform)
        wrong = {name: value[::-1] if name in fields else value for name, value in stored.items()}
        Account.objects.filter(pk=account.pk).update(credentials=wrong)
        marks.collect()
        told += call_by_hand(account, row, given)
        marks.collect()
        mend(box, account)
    return told


def command(world: World[Any], account: Account, row: Row) -> str:
    """What `manage.py call` prints of a call that works, both ways."""
    printed = io.StringIO()
    for extra in ([], ["--json"]):
        given = [f"{name}={value}" for name, value in GIVEN[row.number](world).items()]
        try:
            call_command("call", account.name, row.method, *given, "--yes", *extra, stdout=printed, stderr=printed)
        except CommandError as error:
            printed.write(str(error))
    return printed.getvalue()


# What was written.


def database() -> str:
    """Every value of every table, as whoever opens the file reads it."""
    lines: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (our own tables)
            lines += [repr(row) for row in cursor.fetchall()]
    return "\n".join(lines)


def pages(client: Client) -> str:
    addresses = [
        "/admin/",
        "/admin/platforms/account/",
        "/admin/platforms/event/?all=",
        "/admin/platforms/publication/",
    ]
    addresses += [f"/admin/platforms/account/{pk}/change/" for pk in Account.objects.values_list("pk", flat=True)]
    addresses += [f"/admin/platforms/publication/{row.pk}/change/" for row in Publication.objects.all()]
    telling = Event.objects.exclude(data={}).order_by("-pk")
    addresses += [f"/admin/platforms/event/{event.pk}/change/" for event in telling[:20]]
    answers = [client.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return "\n".join(answer.content.decode() for answer in answers)


def publish_and_fail(box: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publication whose upload is refused in words that repeat the request."""
    rows = hub.publish(hub.add_video(), account)
    with monkeypatch.context() as patch:
        patch.setattr(box.blocks, "take", FAULTS["a refusal that repeats the request"])
        hub.work(rows, until=["failed", "queued", "unknown", "rejected"])
    for row in rows:
        row.refresh_from_db()
        assert row.error


@pytest.fixture
def raw(monkeypatch: pytest.MonkeyPatch) -> Raw:
    """The lines of a hub that was told to log everything; the libraries that print addresses stay as it keeps them."""
    handler = Raw()
    # In front of the hub's own handlers: theirs mask what they pass on.
    monkeypatch.setattr(logging.root, "handlers", [handler, *logging.root.handlers])
    monkeypatch.setattr(logging.root, "level", logging.DEBUG)
    return handler


@pytest.fixture
def forced(raw: Raw) -> Iterator[tuple[Raw, Raw]]:
    """The hub's own lines, and the same without its mask, when every logger is forced to tell all it knows."""
    masked, bare = Raw(), raw
    masked.addFilter(RedactingFilter())
    found = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger, logger.level, logger.propagate) for logger in found]
    logging.root.handlers.append(masked)
    for logger in found:
        logger.setLevel(logging.DEBUG)
        logger.propagate = True
    yield masked, bare
    logging.root.handlers.remove(masked)
    for logger, level, propagate in before:
        logger.setLevel(level)
        logger.propagate = propagate


@pytest.mark.parametrize("platform", ROWS)
def test_no_call_writes_a_secret_anywhere(
    platform: str, box: Sandbox, world: World[Any], account: Account, raw: Raw, monkeypatch: pytest.MonkeyPatch,
    admin_client: Client, settings: Any,
) -> None:  # fmt: skip
    marks = Marks(box, platform)
    told = fail_every_call(box, world, account, monkeypatch, marks)
    told += miss_every_call(box, world, account, settings)
    told += refuse_every_call(box, world, account, marks)
    printed = [command(world, account, row) for row in rows_of(platform)]
    marks.collect()
    publish_and_fail(box, account, monkeypatch)
    marks.collect()
    assert len(marks.never) > 10
    assert marks.asked_for or platform == "iqiyi"
    # Not every fault is one to every call: some expect nothing in particular of an answer, one sends nothing.
    assert len(told.to_anybody) > len(rows_of(platform)) * (len(FAULTS) - 2)
    assert Event.objects.count() > len(told.to_anybody)
    places = {
        "log lines": "\n".join(raw.lines),
        "errors": "\n".join(told.to_anybody),
        "database": database(),
        "pages": pages(admin_client),
    }
    found = {place: marks.in_text(text) for place, text in places.items()}
    found["output"] = marks.in_text("\n".join([*printed, *told.to_the_caller]), to_the_caller=True)
    assert found == {place: [] for place in found}


@pytest.mark.parametrize("platform", ROWS)
def test_no_log_line_holds_a_secret_when_every_library_tells_all_it_knows(
    platform: str, box: Sandbox, world: World[Any], account: Account, forced: tuple[Raw, Raw],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    masked, bare = forced
    marks = Marks(box, platform)
    for row in rows_of(platform):
        call_by_hand(account, row, dict(GIVEN[row.number](world)))
    marks.collect()
    publish_and_fail(box, account, monkeypatch)
    hub.publish(hub.add_video(), hub.add_account(box, platform, "another"))
    marks.collect()
    assert len(masked.lines) > len(rows_of(platform))
    assert marks.in_text("\n".join(masked.lines)) == []
    # What the libraries tell would hold them: it is the hub that masks it.
    assert marks.in_text("\n".join(bare.lines))
