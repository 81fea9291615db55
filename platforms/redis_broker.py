"""The queue library's broker for hubs with a Redis, as `broker.py` explains; no other hub loads the client."""

from __future__ import annotations

from functools import lru_cache

import redis
from django.conf import settings
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf
from redis.backoff import NoBackoff
from redis.retry import Retry

from platforms.broker import Taken


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
