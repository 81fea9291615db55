"""The supervisor: runs this machine's worker clusters, sweeps, and replaces a cluster that has silently died.

A django-q2 pool whose idle worker or monitor dies looks alive and does nothing, for ever. Only an end-to-end sign
tells: a canary hint has to be done, and acknowledged, in time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psutil
from django.conf import settings
from django.db import close_old_connections
from django.db.models import F
from django.utils import timezone

from platforms import queue
from platforms.models import Publication, Pulse
from platforms.services import sweep
from platforms.services.job import DRAIN_VARIABLE
from platforms.values import State

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
TIDY_EVERY_SECONDS = 3600.0
STOP_SECONDS = 30.0
CRASH_WAIT_SECONDS = 2.0


def host() -> str:
    """This machine, as pulses and leases name it."""
    return socket.gethostname()


def silence() -> timedelta:
    """How long a cluster may leave a canary unanswered before it counts as dead."""
    return timedelta(seconds=settings.WORKER_SILENCE_SECONDS)


def answer(asked_by: str, queue_name: str) -> None:
    """What the canary task does: the cluster that took it works."""
    Pulse.objects.filter(host=asked_by, queue=queue_name).update(answered_at=timezone.now())


@dataclass
class Cluster:
    """One django-q2 cluster, in a process group of its own so that it can be ended with all of its children."""

    queue: str
    drain_file: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: datetime = field(default_factory=timezone.now)
    not_before: float = 0.0

    def start(self) -> None:
        environment = {
            **os.environ,
            "Q_CLUSTER_NAME": settings.QUEUES[self.queue],
            DRAIN_VARIABLE: str(self.drain_file),
        }
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
        self.process = subprocess.Popen(command, env=environment, start_new_session=True, stdin=subprocess.DEVNULL)
        self.started_at = timezone.now()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """A SIGTERM to the main process alone: a signal to the whole group would make django-q2 hang."""
        if self.process and self.running:
            self.process.terminate()

    def kill(self) -> None:
        """End whatever is left of the process group, children of a dead main process too."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs until it gets SIGTERM or SIGINT; then the clusters checkpoint and leave."""

    def __init__(self, queues: Sequence[str]) -> None:
        self._drain_file = Path(tempfile.gettempdir()) / f"mediahub-drain-{os.getpid()}"
        self.clusters = [Cluster(name, self._drain_file) for name in queues]
        self._stopping = False
        self._tidied = time.monotonic()

    def run(self) -> None:
        self._drain_file.unlink(missing_ok=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for cluster in self.clusters:
            end_leftovers(cluster.queue)
            self._start(cluster)
        try:
            while not self._stopping:
                self.tick()
                time.sleep(TICK_SECONDS)
        finally:
            self._end()

    def tick(self) -> None:
        """One look at everything. A database that is away for a moment must not end the supervisor."""
        try:
            close_old_connections()
            for cluster in self.clusters:
                self._look_after(cluster)
            sweep.hint()
            if time.monotonic() - self._tidied > TIDY_EVERY_SECONDS:
                self._tidied = time.monotonic()
                sweep.tidy()
        except Exception:
            log.exception("A look of the supervisor failed; the next one follows.")

    def _look_after(self, cluster: Cluster) -> None:
        if not cluster.running:
            self._replace(cluster, "its main process has ended")
        elif reason := why_dead(cluster.queue, cluster.started_at):
            self._replace(cluster, reason)
        else:
            ask_canary(cluster.queue)

    def _replace(self, cluster: Cluster, reason: str) -> None:
        if time.monotonic() < cluster.not_before:
            return
        log.error("The cluster of queue %s is replaced: %s.", cluster.queue, reason)
        cluster.kill()
        self._start(cluster)
        Pulse.objects.filter(host=host(), queue=cluster.queue).update(restarts=F("restarts") + 1)

    def _start(self, cluster: Cluster) -> None:
        cluster.start()
        cluster.not_before = time.monotonic() + CRASH_WAIT_SECONDS
        fresh = {
            "started_at": cluster.started_at,
            "sent_at": None,
            "answered_at": None,
            "process_group": cluster.process.pid if cluster.process else None,
        }
        Pulse.objects.update_or_create(host=host(), queue=cluster.queue, defaults=fresh)

    def _stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _end(self) -> None:
        """Ask running uploads to checkpoint, let the clusters finish what runs, and end what does not."""
        self._drain_file.touch()
        for cluster in self.clusters:
            cluster.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(cluster.running for cluster in self.clusters):
            time.sleep(0.1)
        for cluster in self.clusters:
            cluster.kill()
        self._drain_file.unlink(missing_ok=True)


def ask_canary(queue_name: str) -> None:
    """Send a canary when the last one was answered a while ago; at most one is under way."""
    now = timezone.now()
    pulse = Pulse.objects.get(host=host(), queue=queue_name)
    answered = pulse.sent_at is None or (pulse.answered_at is not None and pulse.answered_at >= pulse.sent_at)
    if answered and (pulse.sent_at is None or now - pulse.sent_at > silence() / 4):
        Pulse.objects.filter(pk=pulse.pk).update(sent_at=now)
        if not queue.send_canary(queue_name, host()):
            Pulse.objects.filter(pk=pulse.pk).update(sent_at=pulse.sent_at, answered_at=pulse.answered_at)


def why_dead(queue_name: str, started_at: datetime) -> str:
    """Why this machine's cluster of a queue must be replaced; empty while it seems alive.

    Upload workers that hold leases are busy, not dead: their canary waits its turn.
    """
    now = timezone.now()
    pulse = Pulse.objects.filter(host=host(), queue=queue_name).first()
    if pulse is None or pulse.sent_at is None:
        return ""
    if queue.unacknowledged_canaries(queue_name, taken_before=now - silence() / 2, since=started_at):
        return "hints are done but never acknowledged"
    silent = pulse.answered_at is None or pulse.answered_at < pulse.sent_at
    if silent and now - pulse.sent_at > silence() and not _busy(queue_name):
        return f"a canary has not been answered for {silence().total_seconds():.0f} seconds"
    return ""


def _busy(queue_name: str) -> bool:
    """Whether upload workers of this machine hold leases."""
    if queue_name != queue.UPLOADS:
        return False
    held = Publication.objects.filter(state=State.UPLOADING, lease_holder__startswith=f"{host()}:")
    return held.filter(lease_until__gt=timezone.now()).exists()


def end_leftovers(queue_name: str) -> int:
    """End processes of this machine's last cluster of a queue that outlived their supervisor; answers how many.

    A process group's number may have been given to others since: only processes that call themselves a cluster count.
    """
    group = Pulse.objects.filter(host=host(), queue=queue_name).values_list("process_group", flat=True).first()
    ended = 0
    for process in psutil.process_iter() if group else ():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and "qcluster" in " ".join(process.cmdline()):
                process.kill()
                ended += 1
    return ended
