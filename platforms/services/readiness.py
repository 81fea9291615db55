"""Whether the hub can do its work now: what `/readyz` tells whoever watches it from outside."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.utils import timezone

from platforms import queue
from platforms.models import Pulse
from platforms.storage import FarStorage

SEEN_WITHIN = timedelta(minutes=1)
GOOD = "ok"


def checks() -> dict[str, str]:
    """`GOOD` or what is wrong, in English and without secrets, by the name of what was looked at.

    After a database that does not answer nothing else is asked: the rest lies in it or waits for it.
    """
    found = {"database": _database()}
    if found["database"] == GOOD:
        found |= {name: check() for name, check in CHECKS.items()}
        if isinstance(default_storage, FarStorage):
            found["storage"] = default_storage.trouble() or GOOD
    return found


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"does not answer ({type(error).__name__})"
    return GOOD


def _broker() -> str:
    return GOOD if queue.answers() else "does not answer"


def _supervisor() -> str:
    """Each queue needs a supervisor that looks after it, and writes down every few seconds that it does."""
    seen = Pulse.objects.filter(seen_at__gt=timezone.now() - SEEN_WITHIN).values_list("queue", flat=True)
    if missing := sorted(set(settings.QUEUES) - set(seen)):
        return f"none of {', '.join(missing)} seen for {SEEN_WITHIN.seconds} seconds: start script/worker"
    return GOOD


def _disk() -> str:
    try:
        free = shutil.disk_usage(settings.MEDIA_ROOT).free
    except OSError as error:
        return f"MEDIA_ROOT cannot be read ({type(error).__name__})"
    if free < settings.INTAKE_RESERVE:
        return f"{free // 1024**2} MiB free, less than INTAKE_RESERVE"
    return GOOD


CHECKS: Mapping[str, Callable[[], str]] = {"broker": _broker, "supervisor": _supervisor, "disk": _disk}
