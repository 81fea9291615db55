"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def each_entry(fetch: Callable[[int], tuple[int, Sequence[T]]]) -> Iterator[T]:
    """Every entry of a list, asked for page by page as they are needed.

    `fetch(page)`, counted from 1, answers how many entries there are on all pages, and those of this page.
    """
    page, seen = 1, 0
    while True:
        total, entries = fetch(page)
        yield from entries
        seen += len(entries)
        if not entries or seen >= total:
            return
        page += 1


def each_once(entries: Iterator[T], key: Callable[[T], str]) -> Iterator[T]:
    """The entries without repetitions: what is added meanwhile moves the others on to the next page."""
    known: set[str] = set()
    for entry in entries:
        if key(entry) not in known:
            known.add(key(entry))
            yield entry
