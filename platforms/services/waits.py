"""How long to wait: before the next try of an upload, and before the next look at a video."""

from __future__ import annotations

import random
from datetime import timedelta

MOST_ATTEMPTS = 12
FIRST_TRY_SECONDS, LONGEST_TRY_SECONDS = 5.0, 2 * 3600.0
LOOK_SECONDS = (2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 60.0, 120.0)
LOOK_GROWTH, LONGEST_LOOK_SECONDS = 1.5, 24 * 3600.0
# Transcoding rarely takes less than a tenth of the playing time: looking much earlier only costs calls.
LOOK_SHARE_OF_DURATION = 0.02
JITTER = 0.2


def next_try(attempts: int) -> timedelta:
    """The wait after try number `attempts` (from 1): doubling, with jitter, at most two hours."""
    return _jittered(min(FIRST_TRY_SECONDS * 2 ** max(attempts - 1, 0), LONGEST_TRY_SECONDS))


def next_look(looks: int, duration: float | None) -> timedelta:
    """The wait after `looks` looks at a video of `duration` seconds: seconds at first, in the end a day."""
    if looks < len(LOOK_SECONDS):
        seconds = LOOK_SECONDS[looks]
    else:
        seconds = LOOK_SECONDS[-1] * LOOK_GROWTH ** (looks - len(LOOK_SECONDS) + 1)
    return _jittered(min(max(seconds, (duration or 0) * LOOK_SHARE_OF_DURATION), LONGEST_LOOK_SECONDS))


def _jittered(seconds: float) -> timedelta:
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - spreading, not secrecy
