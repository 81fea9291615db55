"""The process that imports, as a worker does: `python -m bench.importing.worker`.

Each line on standard input is one import of the account; its figures are answered as a line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import django

from bench.common.measure import memory

CREDENTIALS = {"private_domain": "bench", "partner_id": "1", "partner_key": "a key of nobody's"}
WATCH_SECONDS = 0.05


class Peak(threading.Thread):
    """The most private memory that the process has had; files of a database that are mapped into it do not count."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before = self.peak = memory("RssAnon")
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(WATCH_SECONDS):
            self.peak = max(self.peak, memory("RssAnon"))

    def end(self) -> None:
        self._over.set()
        self.join()


class Watch:
    """Counts statements, and the time in which the list is asked for and read."""

    def __init__(self) -> None:
        self.statements, self.batches, self.listing = 0, 0, 0.0

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)

    def pages(self, pages: Iterator[Any], batch: int) -> Iterator[Any]:
        while True:
            started = time.perf_counter()
            page = next(pages, None)
            self.listing += time.perf_counter() - started
            if page is None:
                return
            self.batches += -(-len(page.videos) // batch)
            yield page


def main() -> None:
    django.setup()
    # Models can be imported only now that the settings are known.
    from django.db import connection  # noqa: PLC0415

    from platforms.drivers.baijiayun.driver import Baijiayun  # noqa: PLC0415
    from platforms.models import Account  # noqa: PLC0415
    from platforms.services.importing import jobs, running  # noqa: PLC0415
    from platforms.services.importing.books import BATCH  # noqa: PLC0415

    account = Account.objects.create(name="bench", platform="baijiayun", credentials=CREDENTIALS)
    library = Baijiayun.library
    for _line in sys.stdin:
        watch, peak = Watch(), Peak()
        Baijiayun.library = lambda self, cursor="", watch=watch: watch.pages(library(self, cursor), BATCH)  # type: ignore[misc,method-assign,assignment]
        peak.start()
        job = jobs.start(account, actor="bench")
        started, cpu = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(watch.statement):
            running.run_here(job, threading.Event())
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        peak.end()
        job.refresh_from_db()
        figures = {
            **job.counts(), "state": job.state, "taken": job.taken, "seconds": round(seconds, 3),
            "listing": round(watch.listing, 3), "cpu": round(cpu, 3), "statements": watch.statements,
            "batches": watch.batches, "before": peak.before, "peak": peak.peak,
        }  # fmt: skip
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
