"""Commands run in this process, as a script would see them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from platforms.models import Account, Event
from tests import hub
from tests.services.conftest import box, gate, small_parts

__all__ = ["box", "gate", "manage", "small_parts"]


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Stdout, which must be exactly one JSON document."""
        assert self.out.endswith("\n")
        assert self.out.count("\n") == 1
        return json.loads(self.out)

    @property
    def problem(self) -> dict[str, str]:
        """The error of a command that failed as a whole; its words are on stderr as well."""
        assert self.document.keys() == {"error"}
        problem: dict[str, str] = self.document["error"]
        assert problem.keys() == {"kind", "code", "message"}
        return problem


Manage = Callable[..., Ran]


@pytest.fixture
def manage(monkeypatch) -> Manage:
    """`manage("poll", "--json", stdin="", language="en")`."""

    def run(*arguments: str, stdin: str = "", language: str = "en") -> Ran:
        out, err, code = io.StringIO(), io.StringIO(), 0
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            with override(language):
                call_command(*arguments, stdout=out, stderr=err)
        except CommandError as error:
            code = error.returncode
            err.write(str(error))
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Ran(code, out.getvalue(), err.getvalue())

    return run


Call = Callable[..., Ran]


@pytest.fixture
def call(account: Account, manage: Manage) -> Call:
    """Send a call to the account of the test's file; options begin with a hyphen, everything else is NAME=VALUE."""

    def send(method: str, *options: str, **given: Any) -> Ran:
        return manage("call", account.name, method, *(f"{name}={value}" for name, value in given.items()), *options)

    return send


@pytest.fixture
def video_id(account: Account) -> str:
    """A published video of the account of the test's file."""
    (row,) = hub.publish(hub.add_video(), account)
    hub.work([row])
    return str(row.remote_id)


def events(account: Account) -> list[Event]:
    """What the history says of the account's calls, the first first."""
    return list(Event.objects.filter(account=account, kind="call").order_by("pk"))
