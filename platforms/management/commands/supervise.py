"""`supervise`: the workers of this machine, watched."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from platforms.management.base import DONE, HubCommand
from platforms.services.supervising import Supervisor


def queue_names(text: str) -> list[str]:
    """A comma-separated list of queues there are."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in settings.QUEUES]
    if unknown or not names:
        raise ArgumentTypeError(f"unknown queue {', '.join(unknown)!r}; there are: {', '.join(settings.QUEUES)}")
    return names


class Command(HubCommand):
    help = "Run this machine's workers: start the clusters, sweep for due work, replace a cluster that has died."

    # It waits for a database that is away.
    requires_migrations_checks = False

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", type=queue_names, default=list(settings.QUEUES), metavar="Q,...")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        Supervisor(options["queues"]).run()
        return DONE, {"queues": options["queues"]}, []
