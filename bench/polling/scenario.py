"""The videos that are followed: when each was uploaded, how long its platform takes, and how it ends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

#: Virtual time begins here (unix seconds): the same in every run, and in nobody's past.
START = 1_800_000_000
HOUR = 3600
PLATFORMS = ("youku", "iqiyi", "baijiayun")
ENDINGS = PUBLISHED, FAILED, REFUSED, DELETED = "published", "failed", "refused", "deleted"
#: Of a thousand: what becomes of them. Those that are slow are published, too.
IN_THE_HOUR, SLOW, FAILING, REFUSED_ONES, DELETED_ONES = 900, 45, 40, 10, 5
MARKS = {FAILED: "[fail] ", REFUSED: "[reject] "}
#: In how many states of the platform's a video is, one after the other, before each ending; 1 where nothing is said.
STATES = {("youku", PUBLISHED): 2, ("youku", REFUSED): 2, ("youku", DELETED): 2}


@dataclass(frozen=True)
class Film:
    """A video that was `uploaded` (unix seconds) and comes to its `ending` at `end`; `duration` is its playing time."""

    platform: str
    title: str
    duration: int
    uploaded: int
    pace: float
    ending: str
    end: int


def films(count: int, over: float, seed: int = 7) -> Iterator[Film]:
    """So many, a third of them on each platform, uploaded evenly over so many hours."""
    chance = random.Random(seed)
    for number in range(count):
        uploaded = START + int(number * over * HOUR / count)
        platform = PLATFORMS[number % len(PLATFORMS)]
        duration = int(60 * 60 ** chance.random())  # a minute to an hour, as many below eight minutes as above
        ending, lasting = _fate(chance, duration)
        states = STATES.get((platform, ending), 1)
        lasting -= lasting % states
        pace = 48 * HOUR if ending == DELETED else lasting / states
        title = f"{MARKS.get(ending, '')}第 {number} 课"
        yield Film(platform, title, duration, uploaded, pace, ending, uploaded + lasting)


def _fate(chance: random.Random, duration: int) -> tuple[str, int]:
    """The ending, and after how many seconds. Within the hour it takes a fifth of the playing time to nine tenths."""
    within_the_hour = 30 + int(duration * chance.uniform(0.2, 0.9))
    drawn = chance.randrange(1000)
    for ending, share, seconds in (
        (PUBLISHED, IN_THE_HOUR, within_the_hour),
        (PUBLISHED, SLOW, chance.randrange(2 * HOUR, 48 * HOUR)),
        (FAILED, FAILING, within_the_hour),
        (REFUSED, REFUSED_ONES, within_the_hour),
    ):
        if drawn < share:
            return ending, seconds
        drawn -= share
    return DELETED, chance.randrange(300, 10 * HOUR)
