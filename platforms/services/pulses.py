"""Whether anybody works: what the last signs of life of the worker clusters mean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.models import Publication, Pulse
from platforms.services import supervising
from platforms.values import State

ANSWERS_WITHIN = timedelta(minutes=1)
MOST_CLUSTERS = 50
Sign = Literal["good", "running", "bad"]


def sign_of(pulse: Pulse) -> Sign:
    """Whether a cluster answered lately (`good`), was just started (`running`), or is silent (`bad`)."""
    fresh = timezone.now() - max(ANSWERS_WITHIN, supervising.silence())
    if pulse.answered_at and pulse.answered_at > fresh:
        return "good"
    return "running" if pulse.started_at and pulse.started_at > fresh else "bad"


def clusters() -> list[Pulse]:
    """The clusters of all machines, by machine and queue."""
    return list(Pulse.objects.order_by("host", "queue")[:MOST_CLUSTERS])


def warning(pulses: Sequence[Pulse]) -> str:
    """What is not done while a queue has no worker, and what to do, in the active language; empty when all answer."""
    living = {pulse.queue for pulse in pulses if sign_of(pulse) != "bad"}
    if Publication.objects.filter(state=State.UPLOADING, lease_until__gt=timezone.now()).exists():
        living.add(queue.UPLOADS)  # too busy to answer a canary
    if queue.DEFAULT not in living and queue.UPLOADS not in living:
        return _("No worker answers: nothing is uploaded and no platform is asked. Start one: script/worker")
    if queue.UPLOADS not in living:
        return _("No upload worker answers: nothing is uploaded. Start one: script/worker")
    if queue.DEFAULT not in living:
        return _("No worker answers that asks the platforms: states stay as they are. Start one: script/worker")
    return ""
