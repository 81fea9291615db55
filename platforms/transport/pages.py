"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

REMEMBERED = 5000  # of the longest pages a few


def each_entry(fetch: Callable[[int], tuple[int, Sequence[T]]]) -> Iterator[T]:
    """Every entry of a list, asked for page by page as they are needed.

    `fetch` is as for `each_page`, where it answers the total.
    """
    for _page, _total, entries in each_page(fetch):
        yield from entries


def each_page(
    fetch: Callable[[int], tuple[int | None, Sequence[T]]], first: int = 1
) -> Iterator[tuple[int, int | None, Sequence[T]]]:
    """Number, total and entries of each page that is not empty, from page `first` on, asked for as they are needed.

    `fetch(page)`, counted from 1, answers how many entries there are on all pages, and those of this page. Without a
    total the list ends with an empty page, or with one that is the same as that before it.
    """
    page, seen, before = first, 0, None
    while True:
        total, entries = fetch(page)
        if not entries or (total is None and entries == before):
            return
        yield page, total, entries
        # Pages are of one size but for the last, so that those before `first` can be told from this one.
        seen = seen + len(entries) if page > first else page * len(entries)
        if total is not None and seen >= total:
            return
        page, before = page + 1, entries


def each_once(entries: Iterator[T], key: Callable[[T], str]) -> Iterator[T]:
    """The entries without repetitions: what is added meanwhile moves the others on to the next page.

    Only the last `REMEMBERED` are remembered, so that a list of any length takes the same memory.
    """
    known: dict[str, None] = {}
    for entry in entries:
        if key(entry) not in known:
            known[key(entry)] = None
            if len(known) > REMEMBERED:
                del known[next(iter(known))]
            yield entry
