"""How long to wait, and how much to try: before the next try of an upload, the next look, the end of a pause.

Twelve tries of one upload that bring nothing across take about three hours: enough for what is wrong with this one
file. A platform that is down for a night costs no tries: its account is paused (`circuit.py`). A try that brings bytes
across starts the count of tries again, so that what bounds a poor line is the number of bytes: a file may be sent three
times over, and a gibibyte more for small files that are cheap to repeat.
"""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta

from platforms.errors import PlatformError, Temporary
from platforms.values import Pace

MOST_ATTEMPTS = 12
FIRST_TRY_SECONDS, LONGEST_TRY_SECONDS = 5.0, 2 * 3600.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 900.0
MOST_TIMES_SENT, SENT_BESIDES = 3, 1024**3
LOOK_SECONDS = (2.0, 3.0, 5.0, 8.0, 12.0, 20.0, *(30.0,) * 20, *(60.0,) * 40)
LOOK_GROWTH, LONGEST_LOOK_SECONDS = 1.5, 24 * 3600.0
LEAST_STEPPED_SECONDS, STEPS_A_WAIT = 1.0, 2
FIRST_CLOSE, LONGEST_CLOSE, CLOSE_GROWTH = timedelta(hours=1), timedelta(days=1), 3
# After so long without an end a person has to ask what the matter is.
MOST_FOLLOWED = timedelta(days=7)
USUAL = Pace()
JITTER = 0.2


def next_try(attempts: int) -> timedelta:
    """The wait after try number `attempts` (from 1): doubling, with jitter, at most two hours."""
    return _jittered(min(FIRST_TRY_SECONDS * 2 ** max(attempts - 1, 0), LONGEST_TRY_SECONDS))


def asked_for(error: PlatformError) -> timedelta:
    """How long the platform asks to be left alone; nothing when it does not say."""
    return timedelta(seconds=error.retry_after or 0.0) if isinstance(error, Temporary) else timedelta()


def next_pause(number: int) -> timedelta:
    """Pause number `number` (from 1) of an account whose platform is down: doubling, at most a quarter of an hour."""
    return _jittered(min(FIRST_PAUSE_SECONDS * 2 ** min(max(number - 1, 0), 10), LONGEST_PAUSE_SECONDS))


def most_bytes(size: int) -> int:
    """How many bytes may go over the line for a file of `size` bytes before a person has to look."""
    return MOST_TIMES_SENT * size + SENT_BESIDES


def next_look(looks: int, duration: float | None, pace: Pace = USUAL) -> timedelta:
    """The wait after `looks` looks at a video of `duration` seconds: seconds, then minutes, in the end a day."""
    if looks < len(LOOK_SECONDS):
        seconds = LOOK_SECONDS[looks]
    else:
        seconds = LOOK_SECONDS[-1] * LOOK_GROWTH ** (looks - len(LOOK_SECONDS) + 1)
    seconds = max(seconds, (duration or 0) * pace.share_of_duration)
    return _jittered(min(seconds, LONGEST_LOOK_SECONDS))


def look_time(now: datetime, looks: int, duration: float | None, pace: Pace = USUAL, stretch: float = 1.0) -> datetime:
    """When to look next: after `next_look`, rounded up to a step of the clock that many videos share.

    What is due together is asked about in one call. The step is at most half of the wait, but the pace's least.
    `stretch` multiplies the wait, where calls are scarce.
    """
    wait = next_look(looks, duration, pace) * stretch
    seconds = wait.total_seconds()
    if seconds < LEAST_STEPPED_SECONDS:
        return now + wait
    step = max(pace.least_step, 2 ** int(math.log2(seconds / STEPS_A_WAIT)))
    return datetime.fromtimestamp(math.ceil((now.timestamp() + seconds) / step) * step, now.tzinfo)


def wants_close_look(since: datetime | None, last: datetime | None, now: datetime, *, early: bool = False) -> bool:
    """Whether a video that the platform has worked on `since` is due for a close look, the last being at `last`.

    The first one comes after an hour, each further one when the video is three times as old, at last once a day: most
    videos are done before, and a close look may cost a call of its own. `early`: at the first look, and whenever the
    time since then has doubled.
    """
    if since is None:
        return last is None
    if early:
        return last is None or now - last >= min(last - since, LONGEST_CLOSE)
    if last is None or last <= since:
        return now - since >= FIRST_CLOSE
    return now - last >= min((last - since) * (CLOSE_GROWTH - 1), LONGEST_CLOSE)


def _jittered(seconds: float) -> timedelta:
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - spreading, not secrecy
