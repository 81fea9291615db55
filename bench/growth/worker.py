"""A process that has a hub of one size on one database: fills it, and does a case each time it is told its number.

“cases” asks for their names. It speaks JSON, a line an answer: `{"seconds", "statements", "bytes"}`; the first line
says how long filling took.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bench.growth.cases import Case, cases  # noqa: E402
from bench.growth.filling import fill  # noqa: E402


def main() -> None:
    size = int(sys.argv[1])
    started = time.perf_counter()
    fill(size)
    _say({"fill_seconds": round(time.perf_counter() - started, 1)})
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username="bench"), settings.AUTHENTICATION_BACKENDS[-1])
    known = list(cases(size))
    for line in sys.stdin:
        if line.strip() == "cases":
            _say([(case.kind, case.place, case.name) for case in known])
        else:
            _say(_measured(known[int(line)], client))


def _measured(case: Case, client: Client) -> dict[str, Any]:
    seen: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        seen.append(sql)
        return execute(sql, *given)

    with connection.execute_wrapper(note):
        started = time.perf_counter()
        answer = case.work(client)
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "statements": len(seen), "bytes": len(answer) if isinstance(answer, bytes) else 0}


def _say(answer: object) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
