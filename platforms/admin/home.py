"""The home page: what runs, what waits and why, what needs a person, and whether anybody works at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.common import counting
from platforms.admin.common.counting import MOST_COUNTED, First, counted
from platforms.admin.common.display import (
    health_badge,
    link,
    platform_label,
    progress_bar,
    state_badge,
    state_note,
    when,
)
from platforms.admin.common.page import may, may_view
from platforms.admin.live import User
from platforms.admin.workers import Workers, workers
from platforms.models import Account, Health, Publication, Video
from platforms.models.publication import STATE_LABELS
from platforms.services import progress
from platforms.values import State

MOST_ROWS = 8
RUNNING = First((State.UPLOADING, State.PROCESSING, State.REVIEWING, State.DELETING), "-state_at", MOST_ROWS)
WAITING = First((State.QUEUED, State.PAUSED), "next_run_at", MOST_ROWS)
NEEDED = First(progress.NEEDS_PERSON, "-state_at", MOST_ROWS)
PUBLISHED = First((State.PUBLISHED,), "-id", 5)
FIRST = (RUNNING, WAITING, NEEDED, PUBLISHED)


@dataclass(frozen=True, slots=True)
class Row:
    """One publication as a line of the page; `action` names what to do about it at `url`."""

    title: SafeString
    account: str
    platform: SafeString
    badge: SafeString
    progress: SafeString
    note: SafeString
    at: SafeString
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class Section:
    """Some publications out of `total`, the rest of them at `url`; `total_text` says when counting stopped."""

    rows: Sequence[Row]
    total: int
    total_text: str
    url: str


@dataclass(frozen=True, slots=True)
class TroubledAccount:
    """An account that does not work, and why."""

    name: SafeString
    platform: SafeString
    badge: SafeString
    reason: str
    until: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Number:
    """How many publications are in a state, and where they are listed."""

    label: str
    count: int
    text: str
    state: str
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first things to do in a new hub; `url` is empty for who may not."""

    title: str
    words: str
    done: bool
    url: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the home page shows to one person; `retries`: they may retry something that has failed."""

    sees_publications: bool
    running: Section | None
    waiting: Section | None
    needed: Section | None
    published: Section | None
    accounts: Sequence[TroubledAccount]
    paused: Sequence[TroubledAccount]
    numbers: Sequence[Number]
    workers: Workers
    steps: Sequence[Step]
    retries: bool


def overview(user: User) -> Overview:
    """What `user` may see, in a number of SQL statements that does not depend on how much there is."""
    sees = may_view(user, "publication")
    counts = counting.of_states() if sees else {}
    newest = counting.first_of(FIRST) if sees else {}

    troubled = _troubled_accounts() if may_view(user, "account") else []

    def section(first: First) -> Section | None:
        return _section(first, newest[first], counts, changes=may(user, "change", "publication")) if sees else None

    return Overview(
        sees_publications=sees,
        running=section(RUNNING),
        waiting=section(WAITING),
        needed=_with_overdue(section(NEEDED), user),
        published=section(PUBLISHED),
        accounts=[account for account in troubled if not account.until],
        paused=[account for account in troubled if account.until],
        numbers=_numbers(counts),
        workers=workers(user),
        steps=_first_steps(user),
        retries=bool(counts.get(State.FAILED)) and may(user, "change"),
    )


def _listed(states: Sequence[State]) -> str:
    """The list of publications in these states."""
    return f"{reverse('admin:platforms_publication_changelist')}?state__in={','.join(states)}"


def _numbers(counts: dict[str, int]) -> list[Number]:
    return [
        Number(str(label), counts[state], counted(counts[state]), state, f"{_list_url()}?state__exact={state}")
        for state, label in STATE_LABELS.items()
        if counts.get(state)
    ]


def _list_url() -> str:
    return reverse("admin:platforms_publication_changelist")


def _section(first: First, rows: Sequence[Publication], counts: dict[str, int], *, changes: bool) -> Section:
    total = sum(counts.get(state, 0) for state in first.states)
    capped = any(counts.get(state, 0) > MOST_COUNTED for state in first.states)
    shown = [_row(publication, changes) for publication in rows]
    return Section(shown, total, f"{min(total, MOST_COUNTED)}+" if capped else str(total), _listed(first.states))


def _with_overdue(needed: Section | None, user: User) -> Section | None:
    """What waits for a person, and before it what is followed for too long."""
    overdue = Publication.objects.filter(progress.OVERDUE).order_by()
    count = overdue[:MOST_COUNTED].count() if needed else 0
    if needed is None or not count:
        return needed
    rows = overdue.select_related("video", "account").defer("account__credentials", "video__description")
    shown = [_row(publication, may(user, "change", "publication")) for publication in rows[:MOST_ROWS]]
    more = "+" if needed.total_text.endswith("+") or count == MOST_COUNTED else ""
    total = needed.total + count
    text = f"{min(total, MOST_COUNTED)}+" if more else str(total)
    return Section([*shown, *needed.rows][:MOST_ROWS], total, text, f"{_list_url()}?needs=person")


def _row(publication: Publication, changes: bool) -> Row:
    return Row(
        title=link(publication, publication.shown_title),
        account=publication.account.name,
        platform=platform_label(publication.account.platform),
        badge=state_badge(publication),
        progress=progress_bar(publication),
        note=state_note(publication),
        at=when(publication.state_at),
        url=reverse("admin:platforms_publication_change", args=[publication.pk]),
        action=_action(publication) if changes else _("Look"),
    )


def _action(publication: Publication) -> str:
    if progress.is_overdue(publication):
        return _("Look and refresh")
    words = {
        State.UNKNOWN: _("Decide"),
        State.FAILED: _("Look and retry"),
        State.REJECTED: _("Look and correct"),
        State.MISSING: _("Look and publish again"),
    }
    return words.get(State(publication.state), _("Look"))


def _troubled_accounts() -> list[TroubledAccount]:
    rows = Account.objects.exclude(health=Health.OK).defer("credentials").order_by("health", "name")
    return [
        TroubledAccount(
            name=link(account),
            platform=platform_label(account.platform),
            badge=health_badge(account),
            reason=account.health_text,
            until=account.paused_until if account.health == Health.PAUSED else None,
            url=reverse("admin:platforms_account_change", args=[account.pk]),
        )
        for account in rows[: MOST_ROWS * 2]
    ]


def _first_steps(user: User) -> list[Step]:
    """What a new hub lacks; empty once there is an account and a video."""
    has_account, has_video = Account.objects.exists(), Video.objects.exists()
    if has_account and has_video:
        return []
    words = _("A login at Youku, iQiyi or Baijiayun that videos are published to.")
    account = Step(_("Add an account"), words, has_account, _add_url(user, "account"))
    words = _("Choose a file, write its title, tick the accounts, and publish.")
    return [account, Step(_("Add a video"), words, has_video, _add_url(user, "video"))]


def _add_url(user: User, model: str) -> str:
    return reverse(f"admin:platforms_{model}_add") if may(user, "add", model) else ""
