"""What was watched and delivered: the raw material of all statistics."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sandbox.core import BEIJING, World, beijing_time
from sandbox.store import Document

PLAY, FLOW = "baijiayun-play", "baijiayun-flow"


class Traffic:
    """Plays are known at once; traffic is counted once a day, so that a day's bytes show from the next day on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def today(self) -> date:
        return datetime.fromtimestamp(self._world.clock.now(), BEIJING).date()

    def add_flow(self, video: Document, size: int, day: date | None = None) -> None:
        """Bytes of a video delivered on a day, by default today."""
        text = (day or self.today()).isoformat()
        key = f"{text}/{video['video_id']}"
        with self._store.transaction():
            flow = self._store.get(FLOW, key) or {
                "partner_id": video["partner_id"],
                "video_id": video["video_id"],
                "date": text,
                "flow": 0,
            }
            self._store.put(FLOW, key, flow | {"flow": flow["flow"] + size})

    def add_play(self, video: Document, at: float | None = None, **values: str | int) -> Document:
        """One play that began ``at`` (now by default); ``values`` replace fields of API-24, but not the times.

        ``play_length`` is in seconds and moves the end.
        """
        begin = self._world.clock.now() if at is None else at
        play: Document = {
            "guid": secrets.token_hex(16).upper(),
            "uuid": secrets.token_hex(8),
            "video_id": video["video_id"],
            "user_name": "",
            "user_number": 0,
            "play_begin_time": beijing_time(begin),
            "play_end_time": beijing_time(begin + int(values.get("play_length", 0))),
            "client_type": 5,
            "play_length": 0,
            "user_ip": "127.0.0.1",
            "area": "",
        }
        record = {"partner_id": video["partner_id"], "began": begin, "shown": play | values}
        self._store.put(PLAY, str(play["guid"]), record)
        return play | values

    def flow(self, partner_id: str, first: date, last: date, video_id: int | None = None) -> list[Document]:
        """Counted traffic of the days from ``first`` to ``last``: ``video_id``, ``date``, ``flow``, oldest first."""
        last = min(last, self.today() - timedelta(days=1))
        chosen = {"partner_id": partner_id} if video_id is None else {"partner_id": partner_id, "video_id": video_id}
        days = {day.isoformat() for day in days_between(first, last)}
        return [flow for flow in self._store.all(FLOW, **chosen) if flow["date"] in days]

    def total_flow(self, partner_id: str) -> int:
        """All bytes counted so far."""
        flows = self._store.all(FLOW, partner_id=partner_id)
        return sum(flow["flow"] for flow in flows if flow["date"] < self.today().isoformat())

    def plays(self, partner_id: str, first: datetime, last: datetime) -> list[Document]:
        """Plays that began between two moments, both included, oldest first, as API-24 shows them."""
        begin, end = first.timestamp(), last.timestamp()
        found = [play for play in self._store.all(PLAY, partner_id=partner_id) if begin <= int(play["began"]) <= end]
        return [play["shown"] for play in sorted(found, key=lambda play: float(play["began"]))]


def days_between(first: date, last: date) -> Iterable[date]:
    """Every day from ``first`` to ``last``."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
