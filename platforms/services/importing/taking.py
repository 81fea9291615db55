"""Comparing what a platform lists with the publications of the account, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db.models import QuerySet

from platforms.contract import Driver
from platforms.models import Publication
from platforms.services import looking, progress
from platforms.services.importing import creating
from platforms.services.importing.books import BATCH, Book, News
from platforms.services.importing.keeping_up import own_news
from platforms.values import RemoteVideo, State

# What the platform has, as far as the hub knows; what is being deleted is left to the deletion.
THERE = (State.PUBLISHED, State.BLOCKED, State.REJECTED, State.FAILED, State.MISSING, *progress.FOLLOWED)
# A list that leaves the state open says nothing against these.
DOUBTED = (State.BLOCKED, State.REJECTED, State.MISSING, State.FAILED)


def batches(videos: Iterable[RemoteVideo]) -> Iterator[list[RemoteVideo]]:
    """The videos in lists of at most `BATCH`."""
    left = iter(videos)
    while batch := list(islice(left, BATCH)):
        yield batch


class Taker:
    """Takes parts of an account's list, and what it did not hold, into a book."""

    def __init__(self, book: Book, driver: Driver) -> None:
        self._book, self._driver, self._account = book, driver, book.account

    def take(self, videos: Sequence[RemoteVideo]) -> int:
        """Take in a part of the list; answers how many of its videos come for the first time in this pass."""
        return sum(self._take({video.remote_id: video for video in batch}) for batch in batches(videos))

    def unlisted(self, after: int) -> Iterator[int]:
        """Look closely at what the list has not held: some platforms list only what plays.

        Answers, after each batch, the id of a publication up to which all are done.
        """
        for rows, last in self._book.unlisted(self._rows(), after):
            self._look(rows)
            self._book.mark(rows)
            yield last

    def _take(self, videos: dict[str, RemoteVideo]) -> int:
        known = list(self._rows().filter(remote_id__in=videos))
        for row in known:
            row.account = self._account
        names = {row.remote_id for row in known}
        new = self._create([video for remote_id, video in videos.items() if remote_id not in names])
        rows = [row for row in known if row.state in THERE]
        unclear = [row for row in rows if _is_unclear(row, videos[str(row.remote_id)])]
        told = {row.pk: videos[str(row.remote_id)] for row in rows if row not in unclear}
        self._store(rows, told)
        self._look(unclear)
        # What is looked at in vain is proven by the list to be there.
        return new + self._book.mark(rows)

    def _create(self, videos: Sequence[RemoteVideo]) -> int:
        unknown = [video for video in videos if creating.importable(video)]
        if not unknown:
            return 0
        is_ours = creating.may_be_ours(self._account)
        new = [video for video in unknown if not is_ours(video)]
        self._book.findings.left += len(unknown) - len(new)
        return self._book.create(new) if new else 0

    def _rows(self) -> QuerySet[Publication]:
        return looking.with_videos(Publication.objects.filter(account=self._account))

    def _look(self, rows: Sequence[Publication]) -> None:
        if rows:
            by_id = {row.remote_id: row for row in rows}
            for row in rows:
                row.account = self._account
            seen = self._driver.look([str(row.remote_id) for row in rows])
            self._store(rows, {by_id[answer.remote_id].pk: answer for answer in seen})

    def _store(self, rows: Sequence[Publication], told: dict[int, RemoteVideo]) -> None:
        """Changes of state one by one, everything else of all rows at once."""
        news: list[News] = []
        for row in rows:
            video = told.get(row.pk)
            if video is None:
                continue
            own = own_news(row, video)
            if progress.is_change(row, video) and not _is_behind(row, video):
                self._book.change(row, video, own)
            elif (columns := _facts_of(row, video)) or own:
                news.append((row, video, columns, own))
        self._book.note(news)


def _is_unclear(row: Publication, video: RemoteVideo) -> bool:
    """Whether the list does not tell the state, and the one that is known need not be the one there is."""
    return video.state is None and row.state in DOUBTED


def _is_behind(row: Publication, video: RemoteVideo) -> bool:
    """Whether following knows better: a list may be some moments old."""
    return row.state in progress.FOLLOWED and video.state == State.MISSING


def _facts_of(row: Publication, video: RemoteVideo) -> dict[str, object]:
    """What is new about a video whose state stays as it is; a list says the raw state in other words than a look."""
    columns = progress.news_of(row, video)
    return {name: value for name, value in columns.items() if name not in ("raw_state", "raw_words")}
