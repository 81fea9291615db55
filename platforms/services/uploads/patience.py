"""Writing although the database is away for a moment: a restart of it must not cost an upload."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
WAIT_SECONDS = 0.5

T = TypeVar("T")


def patiently(work: Callable[[], T], until: float) -> T:
    """Do `work`, which may be repeated, and again while the database is away; raises its error after `until`.

    `until` is monotonic. Inside a transaction nothing is repeated: what came before in it would be lost.
    """
    while True:
        try:
            return work()
        except AWAY as error:
            if connection.in_atomic_block or time.monotonic() >= until:
                raise
            forget_connection(error)
            time.sleep(WAIT_SECONDS)


def forget_connection(error: Exception) -> None:
    """Have the next query connect anew."""
    log.warning("The database does not answer (%s); it is asked again.", type(error).__name__)
    if not connection.in_atomic_block:
        connection.close()
