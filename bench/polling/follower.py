"""The process that follows, as a worker does: `python -m bench.polling.follower FOLDER`.

Its clock stands still but for `move_to`, which tells the sandbox by a line on standard output and waits for one on
standard input. It writes `FOLDER/looks.tsv`, `passes.tsv`, `seen.jsonl` and `followed.json`.
"""

from __future__ import annotations

import json
import math
import random
import sys
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import time_machine

from bench.common.measure import cost_of, memory
from bench.polling.scenario import HOUR, START

LONGEST_HOURS = 14 * 24
#: How long nothing is tried after passes that found nobody to ask, although something is due: a budget is used up.
LONGEST_IDLE = 60


class Clock:
    """This process's time and the sandbox's, in whole seconds as the supervisor ticks."""

    def __init__(self) -> None:
        self.now = START
        self._traveller = time_machine.travel(START, tick=False).start()

    def move_to(self, moment: int) -> None:
        self.now = moment
        self._traveller.move_to(moment)
        print(moment, flush=True)
        if not sys.stdin.readline():
            raise SystemExit("the sandbox is gone")


def main() -> None:
    folder = Path(sys.argv[1])
    random.seed(7)
    django.setup()
    # Models can be imported only now that the settings are known.
    from bench.polling.watching import Watch  # noqa: PLC0415

    with (folder / "looks.tsv").open("w") as looks, (folder / "passes.tsv").open("w") as passes:
        watch = Watch(looks)
        watch.start()
        follower = Follower(Clock(), watch, passes)
        cost = cost_of(follower.run)
    figures = {
        "wall_seconds": cost.seconds, "cpu_seconds": cost.cpu, "at_start": cost.idle, "peak": cost.peak,
        "hours": (follower.clock.now - START) / HOUR, "closely": watch.closely, "unfinished": follower.unfinished(),
        "statements": dict(watch.kinds.most_common()), **follower.memory,
    }  # fmt: skip
    (folder / "followed.json").write_text(json.dumps(figures))
    follower.write_ends(folder / "seen.jsonl")


class Follower:
    """Passes over what is due, each at the first tick at which something is."""

    def __init__(self, clock: Clock, watch: Any, passes: Any) -> None:
        self.clock = clock
        self.memory = {"after_first_pass": 0, "private_peak": 0, "of_files": 0}
        self._watch, self._passes = watch, passes

    def run(self) -> None:
        idle = 1
        while (due := self._next_due()) is not None and self.clock.now < START + LONGEST_HOURS * HOUR:
            self.clock.move_to(max(math.ceil(due), self.clock.now + idle))
            idle = 1 if self._pass() else min(2 * idle, LONGEST_IDLE)
            self._note_memory()

    def unfinished(self) -> int:
        """How many rows are still followed."""
        return int(self._rows().count())

    def write_ends(self, file: Path) -> None:
        """Of each publication its remote id, its state and since when the hub has known it."""
        from platforms.models import Publication  # noqa: PLC0415

        rows = Publication.objects.values_list("account__platform", "remote_id", "state", "state_at")
        with file.open("w") as lines:
            for platform, remote_id, state, at in rows.iterator():
                lines.write(json.dumps([platform, remote_id, state, at.timestamp()]) + "\n")

    def _rows(self, *more: str) -> Any:
        """Those with a time for the next look that are followed, or in one of the states `more`."""
        from platforms.models import Publication  # noqa: PLC0415
        from platforms.services import progress  # noqa: PLC0415

        return Publication.objects.filter(state__in=(*progress.FOLLOWED, *more), next_run_at__isnull=False)

    def _next_due(self) -> float | None:
        first = self._rows("uploading").order_by("next_run_at").values_list("next_run_at", flat=True).first()
        return first.timestamp() if first else None

    def _end_uploads(self) -> None:
        """Whatever has arrived by now is processed from now on, as uploads leave it."""
        from platforms.models import Publication  # noqa: PLC0415

        now = datetime.fromtimestamp(self.clock.now, UTC)
        Publication.objects.filter(state="uploading", uploaded_at__lte=now).update(state="processing")

    def _pass(self) -> bool:
        """What a worker does for a hint; whether anybody was asked."""
        from platforms.services import account_health, polling, progress  # noqa: PLC0415

        self._end_uploads()
        account_health.end_pauses()  # the sweep does, at each tick
        self._watch.now = done = type(self._watch.now)()
        self._watch.counting = True
        try:
            polled = polling.run_due(actor=progress.holder())
        finally:
            self._watch.counting = False
        if polled.errors:
            print(f"{self.clock.now - START} s: {polled.errors[0]!r}", file=sys.stderr)
        self._passes.write("\t".join(map(str, (self.clock.now, polled.calls, *astuple(done)))) + "\n")
        return done.batches > 0

    def _note_memory(self) -> None:
        noted = self.memory
        noted["after_first_pass"] = noted["after_first_pass"] or memory("VmRSS")
        noted["private_peak"] = max(noted["private_peak"], memory("RssAnon"))
        noted["of_files"] = memory("RssFile") + memory("RssShmem")


if __name__ == "__main__":
    main()
