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
