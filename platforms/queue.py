"""The queue, as alarm clocks: hints that say "look what is due" and carry nothing. The only import of django-q2."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ, Task
from django_q.tasks import async_task

log = logging.getLogger(__name__)

DEFAULT, UPLOADS = "default", "uploads"
CANARY = "platforms.tasks.answer_canary"
# More hints than this in a queue wake nobody earlier.
ENOUGH_HINTS = 8
KEEP_FAILURES = timedelta(days=7)


def wake_uploads() -> None:
    """After commit: somebody claims the uploads that are due."""
    _after_commit("platforms.tasks.run_uploads", UPLOADS)


def wake_followers() -> None:
    """After commit: somebody asks the platforms about what is due, deletes what is to be deleted, and tidies."""
    _after_commit("platforms.tasks.run_due", DEFAULT)


def wake_all() -> None:
    wake_uploads()
    wake_followers()


def send_canary(queue: str, host: str) -> bool:
    """A hint that, once done, writes the pulse of `host`'s cluster; False when the broker does not take it."""
    return _hint(CANARY, queue, host, queue)


def backlog(queue: str) -> int:
    """How many hints wait in a queue; 0 when the broker cannot tell."""
    try:
        return int(get_broker(settings.QUEUES[queue]).queue_size())
    except Exception as error:
        log.warning("The queue %s cannot be counted: %s", queue, type(error).__name__)
        return 0


def unacknowledged_canaries(queue: str, taken_before: datetime, since: datetime) -> int:
    """Canaries that were taken between `since` and `taken_before` and are not acknowledged: the monitor is dead.

    Always 0 with Redis, which forgets a task as it hands it out.
    """
    if settings.REDIS_URL:
        return 0
    lock = timedelta(seconds=_retry_seconds(queue))  # what the broker adds to the time of taking
    taken = OrmQ.objects.filter(key=settings.QUEUES[queue], lock__gt=since + lock, lock__lt=taken_before + lock)
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
    if backlog(queue) < ENOUGH_HINTS:
        _hint(task, queue)


def _hint(task: str, queue: str, *args: str) -> bool:
    """Enqueue; a broker that does not answer is logged and left to the sweep."""
    try:
        async_task(task, *args, cluster=settings.QUEUES[queue])
    except Exception as error:
        log.warning("The queue %s did not take a hint (%s); the sweep will.", queue, type(error).__name__)
        return False
    return True
