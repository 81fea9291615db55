"""The queue, as alarm clocks: hints that say "look what is due" and carry nothing.

Only this file and the brokers import django-q2.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ, Task
from django_q.tasks import async_task

from platforms.broker import address

log = logging.getLogger(__name__)

DEFAULT, UPLOADS = "default", "uploads"
CANARY = "platforms.tasks.answer_canary"
# More hints than this in a queue wake nobody earlier.
ENOUGH_HINTS = 8
KEEP_FAILURES = timedelta(days=7)
# So long a Redis that did not answer is left alone: whoever has many hints to send waits for it once.
AWAY_SECONDS = 5.0

_away_until = 0.0


def wake_uploads() -> None:
    """After commit: somebody claims the uploads that are due."""
    _after_commit("platforms.tasks.run_uploads", UPLOADS)


def wake_fetches() -> None:
    """After commit: somebody fetches the files that are due, or brings them on into the storage."""
    _after_commit("platforms.tasks.run_fetches", UPLOADS)


def wake_followers() -> None:
    """After commit: somebody asks the platforms about what is due, deletes what is to be deleted, and tidies."""
    _after_commit("platforms.tasks.run_due", DEFAULT)


def wake_imports() -> None:
    """After commit: somebody goes on with bringing in what is on an account."""
    _after_commit("platforms.tasks.run_imports", DEFAULT)


def wake_all() -> None:
    wake_uploads()
    wake_followers()


def send_canary(queue: str, host: str) -> bool:
    """A hint that, once done, writes the pulse of `host`'s cluster; False when the broker does not take it.

    No other machine's cluster is offered it. One that still waits there is enough.
    """
    if _size(address(queue, host)):
        return True
    return _hint(CANARY, address(queue, host), host, queue)


def answers() -> bool:
    """Whether the broker can be reached."""
    return _size(settings.QUEUES[DEFAULT]) is not None


def backlog(queue: str) -> int:
    """How many hints wait in a queue; 0 when the broker cannot tell."""
    return _size(settings.QUEUES[queue]) or 0


def forget(queue: str, host: str) -> None:
    """Forget what was sent to a machine that is there no longer."""
    try:
        get_broker(address(queue, host)).delete_queue()
    except Exception as error:
        _note_away(address(queue, host), error)


def unacknowledged_canaries(queue: str, host: str, taken_before: datetime, since: datetime) -> int:
    """Canaries of `host` taken between `since` and `taken_before` that are not acknowledged: the monitor is dead.

    Always 0 with Redis, which forgets a task as it hands it out.
    """
    if settings.REDIS_URL:
        return 0
    lock = timedelta(seconds=_retry_seconds(queue))  # what the broker adds to the time of taking
    taken = OrmQ.objects.filter(key=address(queue, host), lock__gt=since + lock, lock__lt=taken_before + lock)
    return sum(task.func() == CANARY for task in taken[:100])


def prune() -> None:
    """Forget failed hints of the past: the queue library keeps them for ever."""
    Task.objects.filter(stopped__lt=timezone.now() - KEEP_FAILURES).delete()


def _retry_seconds(queue: str) -> int:
    own = settings.Q_CLUSTER["ALT_CLUSTERS"].get(settings.QUEUES[queue], {})
    return int(own.get("retry", settings.Q_CLUSTER["retry"]))


def _after_commit(task: str, queue: str) -> None:
    transaction.on_commit(lambda: _hint_if_few(task, queue))


def _hint_if_few(task: str, queue: str) -> None:
    waiting = _size(settings.QUEUES[queue])
    if waiting is not None and waiting < ENOUGH_HINTS:
        _hint(task, settings.QUEUES[queue])


def _size(key: str) -> int | None:
    """How many hints wait; None when the broker does not answer, or did not a moment ago."""
    if time.monotonic() < _away_until:
        return None
    try:
        return int(get_broker(key).queue_size())
    except Exception as error:
        _note_away(key, error)
        return None


def _hint(task: str, key: str, *args: str) -> bool:
    """Enqueue; a broker that does not answer is left to the sweep."""
    if time.monotonic() < _away_until:
        return False
    try:
        async_task(task, *args, cluster=key)
    except Exception as error:
        _note_away(key, error)
        return False
    return True


def _note_away(key: str, error: Exception) -> None:
    global _away_until  # noqa: PLW0603 (of this process; each finds out for itself)
    log.warning("The queue %s does not answer (%s); the sweep will send the hints.", key, type(error).__name__)
    if settings.REDIS_URL:
        _away_until = time.monotonic() + AWAY_SECONDS
