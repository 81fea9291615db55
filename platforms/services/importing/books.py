"""Where an import writes what it finds: into the rows (`Ledger`), or only into its counts (`DryRun`)."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from platforms.models import Account, Publication
from platforms.services import looking, progress
from platforms.services.importing import creating
from platforms.services.importing.counts import Counts, Findings
from platforms.services.importing.keeping_up import OwnNews, keep_up
from platforms.values import RemoteVideo, State

BATCH = 500
# Absence of these is worth proving: following finds out about the others, and what is missing stays so.
SETTLED = (State.PUBLISHED, State.BLOCKED, State.REJECTED)
# Of a dry run's new videos so many are remembered, so that one that comes on two pages is counted once.
REMEMBERED = 5000

News = tuple[Publication, RemoteVideo, dict[str, object], OwnNews]


class Book(ABC):
    """What becomes of one account's videos in one pass, counted in `counts` and `findings`."""

    def __init__(self, account: Account, actor: str, began: datetime, counts: Counts, findings: Findings) -> None:
        self.account, self.actor, self.began = account, actor, began
        self.counts, self.findings = counts, findings

    @abstractmethod
    def create(self, videos: Sequence[RemoteVideo]) -> int:
        """Videos that the account has no publication of; answers how many came to be."""

    @abstractmethod
    def change(self, row: Publication, video: RemoteVideo, own: OwnNews) -> bool:
        """Another state, and whatever else is new; answers whether it is so."""

    @abstractmethod
    def note(self, news: Sequence[News]) -> None:
        """What is new of videos whose state stays as it is."""

    @abstractmethod
    def mark(self, rows: Sequence[Publication]) -> int:
        """The list has held these, or they were looked at; answers how many for the first time in this pass."""

    @abstractmethod
    def unlisted(self, rows: QuerySet[Publication], after: int) -> Iterator[tuple[list[Publication], int]]:
        """Of the account's `rows` with ids above `after` those that the list has not held, by id, a batch at a time.

        With each batch, which may be empty, the id up to which nothing else is left.
        """

    def _count(self, kind: str, remote_id: str | None, title: str) -> None:
        setattr(self.counts, kind, getattr(self.counts, kind) + 1)
        self.findings.note(kind, str(remote_id), title)

    def _count_change(self, row: Publication, video: RemoteVideo) -> None:
        self._count("missing" if video.state == State.MISSING else "updated", row.remote_id, row.shown_title)


class Ledger(Book):
    """Writes. `also` is done in the transaction that makes new rows, with how many there are."""

    also: Callable[[int], None] = staticmethod(lambda count: None)

    def create(self, videos: Sequence[RemoteVideo]) -> int:
        made = creating.create(self.account, videos, actor=self.actor, began=self.began, also=self.also)
        for row in made:
            self._count("created", row.remote_id, row.title)
        return len(made)

    def change(self, row: Publication, video: RemoteVideo, own: OwnNews) -> bool:
        following = video.state in progress.FOLLOWED
        time = looking.next_time(row, timezone.now(), looks=0) if following else None
        keep_up(row, own, actor=self.actor)
        changed = progress.observe(row, video, actor=self.actor, next_look=time)
        if changed:
            self._count_change(row, video)
        return changed

    def note(self, news: Sequence[News]) -> None:
        progress.note_news([(row, columns) for row, _video, columns, _own in news if columns], actor=self.actor)
        for row, _video, _columns, own in news:
            keep_up(row, own, actor=self.actor)
            self._count("updated", row.remote_id, row.shown_title)

    def mark(self, rows: Sequence[Publication]) -> int:
        first = [row.pk for row in rows if row.synced_at is None or row.synced_at < self.began]
        if first:
            Publication.objects.filter(pk__in=first).update(synced_at=self.began)
        return len(first)

    def unlisted(self, rows: QuerySet[Publication], after: int) -> Iterator[tuple[list[Publication], int]]:
        left = rows.filter(Q(synced_at=None) | Q(synced_at__lt=self.began), state__in=SETTLED).order_by("pk")
        while batch := list(left.filter(pk__gt=after)[:BATCH]):
            after = batch[-1].pk
            yield batch, after


class DryRun(Book):
    """Counts what a `Ledger` would write. Publications that the list has held are bits in `seen`, by their id."""

    def __init__(
        self, account: Account, actor: str, began: datetime, counts: Counts, findings: Findings, seen: bytes = b""
    ) -> None:
        super().__init__(account, actor, began, counts, findings)
        self._seen = bytearray(zlib.decompress(seen)) if seen else bytearray()
        self._new: dict[str, None] = {}

    @property
    def seen(self) -> bytes:
        """What another `DryRun` goes on with."""
        return zlib.compress(bytes(self._seen), 1)

    def create(self, videos: Sequence[RemoteVideo]) -> int:
        new = [video for video in videos if video.remote_id not in self._new]
        for video in new:
            self._new[video.remote_id] = None
            self._count("created", video.remote_id, creating.metadata_of(video)["title"])
        while len(self._new) > REMEMBERED:
            del self._new[next(iter(self._new))]
        return len(new)

    def change(self, row: Publication, video: RemoteVideo, own: OwnNews) -> bool:
        if not self._has(row):
            self._count_change(row, video)
        return True

    def note(self, news: Sequence[News]) -> None:
        for row, _video, _columns, _own in news:
            if not self._has(row):
                self._count("updated", row.remote_id, row.shown_title)

    def mark(self, rows: Sequence[Publication]) -> int:
        first = [row for row in rows if not self._has(row)]
        for row in first:
            if row.pk // 8 >= len(self._seen):
                self._seen.extend(bytes(row.pk // 8 + 1 - len(self._seen)))
            self._seen[row.pk // 8] |= 1 << row.pk % 8
        return len(first)

    def unlisted(self, rows: QuerySet[Publication], after: int) -> Iterator[tuple[list[Publication], int]]:
        settled = rows.filter(state__in=SETTLED).order_by("pk")
        while batch := list(settled.filter(pk__gt=after)[:BATCH]):
            after = batch[-1].pk
            yield [row for row in batch if not self._has(row)], after

    def _has(self, row: Publication) -> bool:
        return row.pk // 8 < len(self._seen) and bool(self._seen[row.pk // 8] >> row.pk % 8 & 1)
