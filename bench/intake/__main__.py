"""How fast a file comes into the hub from a browser, beside nginx on this machine writing the same bytes to its disk.

0 when the target is reached. It needs nginx, and twice the size on the disk that holds var/.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.common import command
from bench.common.page import ROOT
from bench.intake import report as reports
from bench.intake import sending
from bench.intake.film import Film
from bench.intake.report import Report
from bench.intake.sending import Browser
from bench.intake.servers import Server, hub, nginx

NAME = "bench.intake"
GIB = 1024**3


def main() -> int:
    parser = command.parser(NAME, __doc__)
    parser.add_argument("--size", type=float, default=4, metavar="GiB")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without-form", action="store_true", help="leave the plain form out: it takes longest")
    options = parser.parse_args()
    place = ROOT / "var" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    size = int(options.size * GIB)
    if shutil.disk_usage(place).free < 2 * size + 4 * GIB:
        raise SystemExit(f"There is no room for two files of {options.size:g} GiB below {place}.")
    with tempfile.TemporaryDirectory(dir=place, prefix="intake-") as folder:
        report = measure(Path(folder), size, options.runs, with_form=not options.without_form)
    return command.end(NAME, report, options)


def measure(folder: Path, size: int, runs: int, *, with_form: bool) -> Report:
    film, report = Film(size), Report(size)
    folders = {name: folder / name for name in ("hub", "nginx")}
    for path in folders.values():
        path.mkdir()
    with ExitStack() as stack:
        ours, theirs = stack.enter_context(hub(folders["hub"])), stack.enter_context(nginx(folders["nginx"]))
        _warm_up(ours, theirs)
        for number in range(runs):
            print(f"run {number + 1} of {runs} ...", file=sys.stderr)
            _timed(report, reports.NGINX, theirs, partial(sending.in_one_request, film=film))
            _timed(report, reports.HUB, ours, partial(sending.in_pieces, film=film), sending.remove_arrived)
            _timed(report, reports.PIECES, theirs, partial(sending.in_requests_of_a_piece, film=film))
            if with_form and number == 0:
                _timed(
                    report,
                    reports.FORM,
                    ours,
                    lambda browser: sending.with_the_form(browser, film),
                    sending.remove_video,
                )
    return report


def _warm_up(ours: Server, theirs: Server) -> None:
    """Each worker has imported and used everything once."""
    small = Film(4 * 1024**2)
    for _number in range(6):
        browser = Browser(ours)
        sending.remove_arrived(browser, sending.in_pieces(browser, small))
        browser.close()
    sending.in_one_request(Browser(theirs, log_in=False), small)


def _timed(
    report: Report, name: str, server: Server, send: Callable[[Browser], str | None],
    after: Callable[[Browser, str], None] | None = None,
) -> None:  # fmt: skip
    browser = Browser(server, log_in=after is not None)
    os.sync()  # what was written before is no longer on its way to the disk
    before, cpu, started = server.forget_peaks(), server.cpu(), time.perf_counter()
    place = send(browser)
    seconds = time.perf_counter() - started
    report.add(name, seconds, server.cpu() - cpu, server.growth(before))
    print(f"  {name}: {report.size / seconds / 1e6:,.0f} MB/s", file=sys.stderr)
    if after:
        after(browser, place or "")
    browser.close()


if __name__ == "__main__":
    sys.exit(main())
