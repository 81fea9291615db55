"""Whether anybody works: the worker clusters and their last signs of life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms import queue
from platforms.admin.common.display import badge, when
from platforms.admin.common.page import may_view
from platforms.admin.live import User
from platforms.models import Pulse
from platforms.services import pulses


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
    clusters = pulses.clusters()
    shown = [_cluster(pulse) for pulse in clusters] if may_view(user, "pulse") else []
    return Workers(pulses.warning(clusters), shown)


def pulse_badge(pulse: Pulse) -> SafeString:
    """The state of a cluster as a badge."""
    state = pulses.sign_of(pulse)
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
