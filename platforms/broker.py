"""The queue library's brokers, with an address for each machine: what is sent to it only its own clusters take.

A hint may be done by anybody. A canary asks for the sign of life of one machine's cluster, and would prove nothing if
another machine's answered: so each cluster serves its machine's address before the queue that all machines share.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django_q.brokers.orm import ORM
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf
from redis.backoff import NoBackoff
from redis.retry import Retry

Taken = list[tuple[Any, Any]] | None


def address(queue_name: str, machine: str) -> str:
    """What the queue library calls the queue of one machine's cluster."""
    return f"{settings.QUEUES[queue_name]}@{machine}"


@lru_cache(maxsize=1)
def _client(url: str) -> redis.Redis:
    """One client a process, which keeps its connections; the library would open one for each hint.

    A broken connection is replaced once and at once: a page must not wait for a Redis that is gone.
    """
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 1))


class RedisBroker(Redis):  # type: ignore[misc]
    """Takes from the list of this machine's cluster before the shared one."""

    def dequeue(self) -> Taken:
        own = f"{self.list_key.removesuffix(':q')}@{settings.MACHINE_NAME}:q"
        found = self.connection.blpop([own, self.list_key], 1)
        return [(None, found[1])] if found else None

    @staticmethod
    def get_connection(list_key: str | None = None) -> redis.Redis:
        return _client(Conf.REDIS)


class OrmBroker(ORM):  # type: ignore[misc]
    """Takes the rows of this machine's cluster before the shared ones."""

    def dequeue(self) -> Taken:
        own = ORM(list_key=f"{self.list_key}@{settings.MACHINE_NAME}")
        taken: Taken = own.dequeue() if own.queue_size() else super().dequeue()
        return taken
