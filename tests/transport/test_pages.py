"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Sequence

from platforms.transport.pages import each_entry, each_once


class Pages:
    """Pages as a platform answers them; `asked` are the pages that were asked for."""

    def __init__(self, total: int, *pages: str) -> None:
        self.total, self.pages, self.asked = total, pages, list[int]()

    def fetch(self, page: int) -> tuple[int, Sequence[str]]:
        self.asked.append(page)
        return self.total, self.pages[page - 1] if page <= len(self.pages) else ""


def test_it_asks_for_no_page_that_is_not_needed() -> None:
    pages = Pages(4, "ab", "cd")
    entries = each_entry(pages.fetch)
    assert pages.asked == []
    assert next(entries) == "a"
    assert pages.asked == [1]
    assert "".join(entries) == "bcd"
    assert pages.asked == [1, 2]


def test_nothing_is_one_question() -> None:
    pages = Pages(0)
    assert list(each_entry(pages.fetch)) == []
    assert pages.asked == [1]


def test_it_ends_when_the_platform_has_fewer_than_it_says() -> None:
    pages = Pages(100, "ab", "c")
    assert "".join(each_entry(pages.fetch)) == "abc"
    assert pages.asked == [1, 2, 3]


def test_what_moved_to_the_next_page_comes_once() -> None:
    pages = Pages(5, "ab", "bc", "d")
    assert "".join(each_once(each_entry(pages.fetch), str)) == "abcd"
