"""How pages show things: badges, progress, platforms, sizes and times. Everything is escaped and free of styles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Model
from django.template.defaultfilters import filesizeformat
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from platforms.models import Account, Health, Publication
from platforms.models.account import PLATFORM_LABELS
from platforms.models.publication import STATE_LABELS
from platforms.models.wording import joined
from platforms.services import zones
from platforms.services.progress import FINAL, FOLLOWED, SENTENCES, is_overdue, is_stopping
from platforms.values import Platform, State

NOTHING = "—"
# States in which the number of bytes sent is what staff look at.
MOVING = frozenset({State.QUEUED, State.UPLOADING, State.PAUSED, State.FAILED})
# States whose reason a person has to read.
TROUBLED = frozenset({State.FAILED, State.REJECTED, State.BLOCKED, State.UNKNOWN, State.MISSING})


def badge(name: str, label: object, title: str = "") -> SafeString:
    """A coloured word: `name` picks the colour (a `State`, health-`Health`, or running, good, attention, bad, gone)."""
    if title:
        return format_html('<span class="badge badge--{}" title="{}">{}</span>', name, title, label)
    return format_html('<span class="badge badge--{}">{}</span>', name, label)


def state_badge(publication: Publication) -> SafeString:
    """The state as a badge that `live.js` keeps up to date."""
    state = State(publication.state)
    return _live(publication, "badge", badge(state, STATE_LABELS[state], publication.error_text))


def progress_bar(publication: Publication) -> SafeString:
    """How much of the file has been sent, as a bar while that matters, kept up to date by `live.js`."""
    return _live(publication, "progress", _progress(publication))


def state_note(publication: Publication) -> SafeString:
    """Why the publication is where it is and what comes next, kept up to date by `live.js`.

    Reads `publication.account` and `publication.error`; select the account with the row.
    """
    return _live(publication, "note", format_html("{}", note_text(publication)))


def note_text(publication: Publication) -> str:
    """The words of `state_note`: what is planned, or the reason and the next step; empty when there is nothing."""
    state = State(publication.state)
    return _planned(publication, state) or _reason_and_step(publication, state)


def _reason_and_step(publication: Publication, state: State) -> str:
    reason = publication.error_text
    if state in TROUBLED:
        return reason or str(_(SENTENCES[state]))
    if state == State.UPLOADING:
        return sent_text(publication)
    if is_stopping(publication):
        return _("Stopping… its worker has not let go yet.")
    if is_overdue(publication):
        return reason
    if state in (State.QUEUED, State.DELETING, *FOLLOWED) and publication.account.health != Health.OK:
        return _account_note(publication.account)
    return joined([reason, _next_step(state, publication.next_run_at)])


def _planned(publication: Publication, state: State) -> str:
    """What somebody has planned about when it is seen; empty where that does not matter now."""
    at = publication.publish_at
    if at is None or at <= timezone.now():
        return ""
    words = {"time": zones.text(at, publication.account)}
    if state == State.BLOCKED:
        return _("Blocked until %(time)s, as planned.") % words
    if publication.held and state in FOLLOWED:
        return _("Stays blocked until %(time)s.") % words
    if publication.upload_from and state == State.QUEUED:
        return _("Upload planned for %(time)s.") % words
    if publication.upload_from and state == State.PAUSED:
        return _("Paused; its upload is planned for %(time)s.") % words
    return ""


def _account_note(account: Account) -> str:
    if account.health == Health.PAUSED and account.paused_until:
        words = _("The account is paused until %(time)s.") % {"time": clock(account.paused_until)}
    else:
        words = _("The account needs a person.")
    return joined([words, account.health_text])


def _next_step(state: State, at: datetime | None) -> str:
    if state == State.PAUSED:
        return _("Resume it to go on.")
    if at is None or at <= timezone.now():
        return _("Waits for a free worker.") if state == State.QUEUED else ""
    if state == State.QUEUED:
        return _("Next try at %(time)s.") % {"time": clock(at)}
    if state == State.DELETING:
        return _("Next try to delete at %(time)s.") % {"time": clock(at)}
    return _("Next look at %(time)s.") % {"time": clock(at)} if state in FOLLOWED else ""


def _live(publication: Publication, part: str, html: SafeString) -> SafeString:
    unfinished = "" if is_settled(publication) else mark_safe(" data-unfinished")
    return format_html(
        '<span class="live" data-publication="{}" data-part="{}"{}>{}</span>', publication.pk, part, unfinished, html
    )


def is_settled(publication: Publication) -> bool:
    """Whether what pages show of it changes no more by itself."""
    return State(publication.state) in FINAL and not is_stopping(publication)


def _progress(publication: Publication) -> SafeString:
    state = State(publication.state)
    if state not in MOVING or not publication.bytes_total or (state == State.FAILED and publication.uploaded_at):
        return format_html('<span class="quiet nowrap">{}</span>', bytes_text(publication.bytes_total))
    return bar(publication.percent, f"{publication.percent} %", state, sent_text(publication))


def bar(percent: int, text: str, name: str = "", title: str = "") -> SafeString:
    """A bar of `percent` (0 to 100) with its text; `name` picks the colour as in `badge`."""
    return format_html(
        '<span class="progress progress--{}" title="{}"><progress max="100" value="{}">{}</progress>'
        '<span class="progress__text">{}</span></span>',
        name, title, percent, text, text,
    )  # fmt: skip


def sent_text(publication: Publication) -> str:
    """“12 MB of 40 MB”."""
    return _("%(sent)s of %(total)s") % {
        "sent": bytes_text(publication.bytes_sent),
        "total": bytes_text(publication.bytes_total),
    }


def platform_label(platform: str) -> SafeString:
    """The platform's name as its mark: a small coloured label."""
    label = PLATFORM_LABELS[Platform(platform)] if platform in PLATFORM_LABELS else platform
    return format_html('<span class="platform platform--{}">{}</span>', platform, label)


def health_badge(account: Account) -> SafeString:
    """Whether the account works, as a badge."""
    return badge(f"health-{account.health}", Health(account.health).label, account.health_text)


def labelled(name: object, text: object) -> str:
    """“account: what is said about it”."""
    return _("%(name)s: %(text)s") % {"name": name, "text": text}


def listed(items: Iterable[str]) -> str:
    """“one, two, three”."""
    return pgettext("between items of a list", ", ").join(items)


def bytes_text(number: int | None) -> str:
    """A size for people, such as “1.5 GB”; a dash for nothing."""
    return filesizeformat(number) if number else NOTHING


def clock(at: datetime) -> str:
    """A local time: with seconds when it is today, else with its date."""
    local = timezone.localtime(at)
    return date_format(local, "H:i:s" if local.date() == timezone.localdate() else "Y-m-d H:i")


def moment(at: datetime) -> str:
    """A local time to the second, with its date: for histories."""
    return date_format(timezone.localtime(at), "Y-m-d H:i:s")


def when(at: datetime | None) -> SafeString:
    """A time in the reader's zone, how long ago or ahead as its tooltip; a dash for none."""
    if at is None:
        return format_html('<span class="quiet">{}</span>', NOTHING)
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>', at.isoformat(timespec="seconds"), away(at), clock(at)
    )


def away(at: datetime) -> str:
    """“in 5 minutes” or “3 hours ago”."""
    if at > timezone.now():
        return _("in %(time)s") % {"time": timeuntil(at, depth=1)}
    return _("%(time)s ago") % {"time": timesince(at, depth=1)}


def link(obj: Model | None, text: object = None) -> SafeString:
    """A link to the row's page, or its bare text where the admin has no such page; a dash for None."""
    if obj is None:
        return format_html('<span class="quiet">{}</span>', NOTHING)
    try:
        url = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
    except NoReverseMatch:
        return format_html("{}", text or obj)
    return format_html('<a href="{}">{}</a>', url, text or obj)
