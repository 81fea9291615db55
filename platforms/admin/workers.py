"""Whether anybody works: the worker clusters and their last signs of life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms import queue
from platforms.admin.display import badge, when
from platforms.admin.live import User
from platforms.admin.page import may_view
from platforms.models import Publication, Pulse
from platforms.services import supervising
from platforms.values import State

ANSWERS_WITHIN = timedelta(minutes=1)
MOST_CLUSTERS = 50


@dataclass(frozen=True, slots=True)
class Cluster:
    """One worker cluster as a line of the page."""

    label: str
    host: str
    badge: SafeString
    answered: SafeString
    started: SafeString
    restarts: int


@dataclass(frozen=True, slots=True)
class Workers:
    """Whether the workers of each queue answer; `warning` says what to do when they do not."""

    warning: str
    clusters: Sequence[Cluster]


def workers(user: User) -> Workers:
    """How the workers are; the clusters themselves only for who may see them."""
    now = timezone.now()
    uploads_run = Publication.objects.filter(state=State.UPLOADING, lease_until__gt=now).exists()
    pulses = list(Pulse.objects.order_by("host", "queue")[:MOST_CLUSTERS])
    living = {pulse.queue for pulse in pulses if pulse_state(pulse) in ("running", "good")}
    if uploads_run:
        living.add(queue.UPLOADS)  # too busy to answer a canary
    return Workers(_warning(living), [_cluster(pulse) for pulse in pulses] if may_view(user, "pulse") else [])


def pulse_state(pulse: Pulse) -> str:
    """Whether a cluster answered lately (`good`), was just started (`running`), or is silent (`bad`)."""
    fresh = timezone.now() - max(ANSWERS_WITHIN, supervising.silence())
    if pulse.answered_at and pulse.answered_at > fresh:
        return "good"
    return "running" if pulse.started_at and pulse.started_at > fresh else "bad"


def pulse_badge(pulse: Pulse) -> SafeString:
    """The state of a cluster as a badge."""
    state = pulse_state(pulse)
    return badge(state, {"good": _("Answers"), "running": _("Starting"), "bad": _("Silent")}[state])


def queue_label(name: str) -> str:
    """A queue by what its workers do."""
    return {queue.UPLOADS: _("Uploads"), queue.DEFAULT: _("Looks and deletions")}.get(name, name)


def _cluster(pulse: Pulse) -> Cluster:
    return Cluster(
        label=queue_label(pulse.queue),
        host=pulse.host,
        badge=pulse_badge(pulse),
        answered=when(pulse.answered_at),
        started=when(pulse.started_at),
        restarts=pulse.restarts,
    )


def _warning(living: set[str]) -> str:
    if queue.DEFAULT not in living and queue.UPLOADS not in living:
        return _("No worker answers: nothing is uploaded and no platform is asked. Start one: script/worker")
    if queue.UPLOADS not in living:
        return _("No upload worker answers: nothing is uploaded. Start one: script/worker")
    if queue.DEFAULT not in living:
        return _("No worker answers that asks the platforms: states stay as they are. Start one: script/worker")
    return ""
