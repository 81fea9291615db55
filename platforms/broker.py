"""The queue library's brokers, with an address for each machine: what is sent to it only its own clusters take.

A hint may be done by anybody. A canary asks for the sign of life of one machine's cluster, and would prove nothing if
another machine's answered: so each cluster serves its machine's address before the queue that all machines share. Hubs
with a Redis have `redis_broker.py`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django_q.brokers.orm import ORM

Taken = list[tuple[Any, Any]] | None


def address(queue_name: str, machine: str) -> str:
    """What the queue library calls the queue of one machine's cluster."""
    return f"{settings.QUEUES[queue_name]}@{machine}"


class OrmBroker(ORM):  # type: ignore[misc]
    """Takes the rows of this machine's cluster before the shared ones."""

    def dequeue(self) -> Taken:
        own = ORM(list_key=f"{self.list_key}@{settings.MACHINE_NAME}")
        taken: Taken = own.dequeue() if own.queue_size() else super().dequeue()
        return taken
