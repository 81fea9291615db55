"""What is measured: pages as staff open them, the ticks of the workers, and a command. Needs Django."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from bench.growth.rows import COMMON, DONE, NOWHERE, RARE, Hub
from platforms.models import Publication
from platforms.services import looking, polling, sweep
from platforms.services.uploads import claims

ADMIN = "/admin/platforms/"
LAST_PAGE, PER_PAGE = 200, 50
# One account of thirty, and one of the ten whose platform calls back.
ACCOUNT, CALLING = 7, 8


@dataclass(frozen=True)
class Case:
    """`work` is timed; `kind` is what targets go by: list, search, page or tick."""

    kind: str
    place: str
    name: str
    work: Callable[[Client], Any]

    @property
    def key(self) -> str:
        return f"{self.place}: {self.name}"


def cases(size: int) -> Iterator[Case]:
    """The same cases, in the same order, for a hub of any size."""
    hub = Hub(size)
    yield from _publications(hub)
    yield from _videos(hub)
    yield from _events(hub)
    yield from _others(hub)
    yield from _pages(hub)
    yield from _ticks()


def _publications(hub: Hub) -> Iterator[Case]:
    place = "publications"
    yield _list(place, "newest first")
    yield _list(place, "last page that is offered", p=min(LAST_PAGE, hub.size // PER_PAGE))
    yield _list(place, "by state", o=3)
    yield _list(place, "by state, backwards", o=-3)
    yield _list(place, "by account", o=2)
    yield _list(place, "failed", state__exact="failed")
    yield _list(place, "published", state__exact="published")
    yield _list(
        place, "published, last page", state__exact="published", p=min(LAST_PAGE, hub.size * 9 // 20 // PER_PAGE)
    )
    yield _list(place, "what needs a person", needs="person")
    yield _list(place, "what differs from the platform", metadata="differs")
    yield _list(place, "one account", account__id__exact=ACCOUNT)
    yield _list(place, "one account, published", account__id__exact=ACCOUNT, state__exact="published")
    yield _list(place, "one platform", account__platform__exact="iqiyi")
    yield _list(place, "one platform, failed", account__platform__exact="iqiyi", state__exact="failed")
    yield _search(place, "a rare word", RARE)
    yield _search(place, "a common word", COMMON)
    yield _search(place, "a common word, published", COMMON, state__exact="published")
    yield _search(place, "two words", f"{COMMON} 课")
    yield _search(place, "words that nothing has", NOWHERE)
    yield _search(place, "remote id", f"XN{_published(hub):09d}")


def _videos(hub: Hub) -> Iterator[Case]:
    place = "videos"
    yield _list(place, "newest first")
    yield _list(place, "last page that is offered", p=min(LAST_PAGE, hub.videos // PER_PAGE))
    yield _list(place, "by title", o=1)
    yield _list(place, "oldest first", o=5)
    yield _list(place, "failed somewhere", state="failed")
    yield _list(place, "published somewhere", state="published")
    yield _list(place, "undecided somewhere", state="unknown")
    yield _list(place, "on one account", account=ACCOUNT)
    yield _list(place, "on one account, published", account=ACCOUNT, state="published")
    yield _list(place, "on one platform", platform="iqiyi")
    yield _list(place, "added in half a year", **_half_a_year(hub, "created_at"))
    yield _search(place, "a rare word", RARE)
    yield _search(place, "a common word", COMMON)
    yield _search(place, "two words", f"{COMMON} 课")
    yield _search(place, "words that nothing has", NOWHERE)
    yield _search(place, "file name", "lesson-123.mp4")
    yield _search(place, "md5", f"{123:032x}")
    yield _search(place, "remote id", f"XN{_published(hub):09d}")


def _events(hub: Hub) -> Iterator[Case]:
    place = "events"
    yield _list(place, "newest first")
    yield _list(place, "last page that is offered", p=min(LAST_PAGE, hub.size * 4 // PER_PAGE))
    yield _list(place, "oldest first", o=1)
    yield _list(place, "one kind", kind="failed")
    yield _list(place, "one account", account__id__exact=ACCOUNT)
    yield _list(place, "one account, one kind", account__id__exact=ACCOUNT, kind="published")
    yield _list(place, "half a year", **_half_a_year(hub, "at"))
    yield _search(place, "a rare word", RARE)
    yield _search(place, "a common word", COMMON)
    yield _search(place, "words that nothing has", NOWHERE)
    yield _search(place, "account's name", f"账号 {ACCOUNT}")
    yield _search(place, "who did it", "staff-3")


def _others(hub: Hub) -> Iterator[Case]:
    yield _list("accounts", "by name", page="account")
    yield _search("accounts", "name", f"账号 {ACCOUNT}", page="account")
    yield _list("deliveries", "newest first", page="delivery")
    for outcome in ("refused", "waiting", "processed"):
        yield _list("deliveries", outcome, page="delivery", outcome=outcome)
    yield _list("deliveries", "one account", page="delivery", account__id__exact=CALLING)
    yield _search("deliveries", "event's id", "qid-77", page="delivery")
    yield _search("deliveries", "remote id", f"XN{_called(hub):09d}", page="delivery")
    yield _list("access keys", "newest first", page="accesskey")
    for name, valid in (("valid", "valid"), ("expired", "expired"), ("withdrawn", "revoked")):
        yield _list("access keys", name, page="accesskey", valid=valid)
    yield _list("access keys", "one account", page="accesskey", account__id__exact=CALLING)
    yield _list("access keys", "by expiry", page="accesskey", o=6)
    yield _search("access keys", "viewer", "学员", page="accesskey")
    yield _search("access keys", "title of the video", RARE, page="accesskey")
    yield _list("upload sessions", "newest first", page="uploadsession")
    yield _get("list", "users", "by name", "/admin/auth/user/")
    yield _get("search", "users", "name", "/admin/auth/user/?q=staff-7")


def _pages(hub: Hub) -> Iterator[Case]:
    number = _published(hub)
    yield _get("page", "pages", "home", "/admin/")
    yield _get("page", "pages", "a publication with its history", f"{ADMIN}publication/{number}/change/")
    yield _get("page", "pages", "a video with its publications", f"{ADMIN}video/{(number + 1) // 2}/change/")
    yield _get("page", "pages", "an account with its history", f"{ADMIN}account/{ACCOUNT}/change/")
    ids = ",".join(str(hub.size - 7 * number) for number in range(50))
    yield _get("page", "pages", "what an open list asks every few seconds", f"/admin/live.json?ids={ids}")


def _ticks() -> Iterator[Case]:
    yield Case("tick", "ticks", "the sweep: what is due", lambda _client: sweep.due())
    yield Case("tick", "ticks", "claiming an upload", lambda _client: _undone(claims.claim_next))
    yield Case("tick", "ticks", "claiming ten looks", lambda _client: _undone(_claim_looks))
    yield Case("tick", "ticks", "publications --account --state", lambda _client: _command())


def _claim_looks() -> object:
    """Ten rows of the account that has waited longest: a batch is as large in every hub."""
    now = timezone.now()
    due = polling.due(now).order_by("next_run_at")
    account = due.select_related("account")[0].account
    some = list(due.filter(account=account).values_list("pk", flat=True)[:10])
    return looking.claim(Publication.objects.filter(pk__in=some), account, now)[0] or None


def _undone(work: Callable[[], object]) -> None:
    """Do it and take it back, so that the next run finds the same rows."""
    with transaction.atomic():
        if work() is None:
            raise RuntimeError("nothing was due")
        transaction.set_rollback(True)


def _command() -> None:
    out = io.StringIO()
    call_command("publications", "--account", f"账号 {ACCOUNT}", "--state", "unknown", "--json", stdout=out)


def _published(hub: Hub) -> int:
    """A published publication in the middle of the hub, of an account that is the same whatever the hub's size."""
    middle = range(hub.size // 2, hub.size)
    return next(number for number in middle if hub.state(number) == "published" and hub.account(number) == ACCOUNT)


def _called(hub: Hub) -> int:
    """The newest publication that its platform has and has called about."""
    newest_first = range(hub.size, 0, -1)
    return next(number for number in newest_first if hub.calls(number) and hub.state(number) in DONE)


def _half_a_year(hub: Hub, field: str) -> dict[str, str]:
    first = hub.now - timedelta(days=500)
    return {f"{field}__from": f"{first:%Y-%m-%d}", f"{field}__to": f"{first + timedelta(days=180):%Y-%m-%d}"}


def _list(place: str, name: str, page: str = "", **chosen: Any) -> Case:
    return _get("list", place, name, f"{ADMIN}{page or place.removesuffix('s')}/?{urlencode(chosen)}")


def _search(place: str, name: str, words: str, page: str = "", **chosen: Any) -> Case:
    query = urlencode({"q": words, **chosen})
    return _get("search", place, f"search, {name}", f"{ADMIN}{page or place.removesuffix('s')}/?{query}")


def _get(kind: str, place: str, name: str, url: str) -> Case:
    def work(client: Client) -> bytes:
        answer = client.get(url)
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}")
        return bytes(answer.content)

    return Case(kind, place, name, work)
