"""The supervisor: runs this machine's worker clusters, sweeps, and replaces a cluster that has silently died.

A django-q2 pool whose idle worker or monitor dies looks alive and does nothing, for ever. Only an end-to-end sign
tells: a canary hint has to be done, and acknowledged, in time.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import signal
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
from django.db.models import F, Q
from django.utils import timezone

from platforms import queue
from platforms.models import Publication, Pulse
from platforms.services import sweep
from platforms.services.fetching import rows as fetched
from platforms.services.uploads.job import DRAIN_VARIABLE
from platforms.services.uploads.patience import AWAY, forget_connection
from platforms.values import State

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
TIDY_EVERY_SECONDS = 3600.0
# Together with a look that has just begun, less than the ten seconds that a stop may take.
STOP_SECONDS = 8.0
NAP_SECONDS = 0.1
CRASH_WAIT_SECONDS = 2.0
SEEN_SECONDS = 10.0
# Of the time that a new cluster gets for its first answer.
MOST_DOUBLINGS = 3
# A machine that has not been seen for so long is there no longer: containers get a new name with every start.
KEEP_UNSEEN = timedelta(days=1)


def host() -> str:
    """This machine, as pulses and leases name it."""
    return str(settings.MACHINE_NAME)


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
    # Whether its start is written down; when, monotonic, its supervisor was, and when it was sent a canary last.
    noted: bool = False
    # How many before it, in a row, were replaced without having answered once.
    mute_before: int = 0
    seen: float = -math.inf
    asked: float = -math.inf

    def start(self) -> None:
        environment = {
            **os.environ,
            "Q_CLUSTER_NAME": settings.QUEUES[self.queue],
            DRAIN_VARIABLE: str(self.drain_file),
        }
        command = command_line(settings.QUEUES[self.queue])
        self.process = subprocess.Popen(command, env=environment, start_new_session=True, stdin=subprocess.DEVNULL)
        self.started_at = timezone.now()
        self.not_before = time.monotonic() + CRASH_WAIT_SECONDS
        self.noted, self.seen, self.asked = False, -math.inf, -math.inf

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


def command_line(name: str) -> list[str]:
    """What starts a cluster that calls itself `name`.

    The titles of its processes, which end with what each of them does, get as much room as the command line takes: it
    is long enough wherever the hub lies. Its supervisor has run the checks, and nobody reads its log in colours.
    """
    options = ["--name", name, "--skip-checks", "--no-color"]
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster", *options]


class Supervisor:
    """Runs until it gets SIGTERM or SIGINT; then the clusters checkpoint and leave."""

    def __init__(self, queues: Sequence[str]) -> None:
        self._drain_file = Path(tempfile.gettempdir()) / f"mediahub-drain-{os.getpid()}"
        self.clusters = [Cluster(name, self._drain_file) for name in queues]
        self._stopping = self._was_away = False
        self._tidied = time.monotonic()

    def run(self) -> None:
        self._drain_file.unlink(missing_ok=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            while not self._stopping:
                self.tick()
                self._sleep()
        finally:
            self._end()

    def _sleep(self) -> None:
        until = time.monotonic() + TICK_SECONDS
        while not self._stopping and time.monotonic() < until:
            time.sleep(NAP_SECONDS)

    def tick(self) -> None:
        """One look at everything. A database or broker that is away for a while must not end the supervisor."""
        try:
            close_old_connections()
            # While either of them is away no canary comes through: that proves nothing about a cluster.
            mute = not queue.answers()
            if mute or self._was_away:
                for cluster in self.clusters:
                    forget_canary(cluster.queue)
            self._was_away = False
            for cluster in self.clusters:
                self._look_after(cluster, may_judge=not mute)
            sweep.hint()
            if time.monotonic() - self._tidied > TIDY_EVERY_SECONDS:
                self._tidied = time.monotonic()
                sweep.tidy()
                forget_unseen()
        except AWAY as error:
            self._was_away = True
            forget_connection(error)
        except Exception:
            log.exception("A look of the supervisor failed; the next one follows.")

    def _look_after(self, cluster: Cluster, *, may_judge: bool) -> None:
        """`may_judge`: the broker answers; a new cluster would end at once without it."""
        if cluster.process is None:
            end_leftovers(cluster.queue)
        if cluster.noted:
            note_seen(cluster)
        if not may_judge:
            return
        if not cluster.running:
            self._replace(cluster, "its main process has ended")
        elif not cluster.noted:
            note_start(cluster)
        elif reason := why_dead(cluster.queue, cluster.started_at, cluster.mute_before):
            self._replace(cluster, reason)
        else:
            ask_canary(cluster)

    def _replace(self, cluster: Cluster, reason: str) -> None:
        if time.monotonic() < cluster.not_before:
            return
        first = cluster.process is None
        if not first:
            log.error("The cluster of queue %s is replaced: %s.", cluster.queue, reason)
            cluster.mute_before = 0 if has_answered(cluster.queue) else cluster.mute_before + 1
        cluster.kill()
        cluster.start()
        note_start(cluster, replaced=not first)

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


def note_start(cluster: Cluster, *, replaced: bool = False) -> None:
    """Write down that a cluster of this machine has been started, and that no canary is under way."""
    fresh = {
        "started_at": cluster.started_at,
        "seen_at": timezone.now(),
        "sent_at": None,
        "answered_at": None,
        "process_group": cluster.process.pid if cluster.process else None,
    }
    pulse, _new = Pulse.objects.update_or_create(host=host(), queue=cluster.queue, defaults=fresh)
    Pulse.objects.filter(pk=pulse.pk).update(restarts=F("restarts") + int(replaced))
    cluster.noted, cluster.seen = True, time.monotonic()


def note_seen(cluster: Cluster) -> None:
    """Write down every few seconds that this machine's supervisor is there, and notice another one of its name."""
    if time.monotonic() - cluster.seen < SEEN_SECONDS:
        return
    cluster.seen = time.monotonic()
    mine = Pulse.objects.filter(host=host(), queue=cluster.queue)
    if mine.update(seen_at=timezone.now()) == 0:
        cluster.noted = False  # somebody has deleted it
    elif cluster.process and not mine.filter(process_group=cluster.process.pid).exists():
        log.error("Another supervisor is called %s, too: give each machine a MACHINE_NAME of its own.", host())


def ask_canary(cluster: Cluster) -> None:
    """Send a canary when the last one was sent a while ago.

    As long as none is answered its time stays that of the first: a hint may get lost, and only if the next ones are not
    answered either is the cluster dead.
    """
    if time.monotonic() - cluster.asked < silence().total_seconds() / 4:
        return
    mine = Pulse.objects.filter(host=host(), queue=cluster.queue)
    answered = Q(sent_at=None) | Q(answered_at__gte=F("sent_at"))
    mine.filter(answered).update(sent_at=timezone.now())
    if queue.send_canary(cluster.queue, host()):
        cluster.asked = time.monotonic()


def forget_canary(queue_name: str) -> None:
    """Do not wait for the canary that is under way, if one is."""
    waited_for = Q(answered_at=None) | Q(answered_at__lt=F("sent_at"))
    Pulse.objects.filter(waited_for, host=host(), queue=queue_name, sent_at__isnull=False).update(sent_at=None)


def forget_unseen() -> None:
    """Forget the clusters of machines that are there no longer, and what waits for them."""
    before = timezone.now() - KEEP_UNSEEN
    for pulse in Pulse.objects.filter(Q(seen_at__lt=before) | Q(seen_at=None, started_at__lt=before)):
        queue.forget(pulse.queue, pulse.host)
        pulse.delete()


def has_answered(queue_name: str) -> bool:
    """Whether this machine's cluster of a queue has answered a canary since it was started."""
    return Pulse.objects.filter(host=host(), queue=queue_name, answered_at__isnull=False).exists()


def why_dead(queue_name: str, started_at: datetime, mute_before: int = 0) -> str:
    """Why this machine's cluster of a queue must be replaced; empty while it seems alive.

    Upload workers that hold leases are busy, not dead: a canary that their cluster has taken waits its turn. Until its
    first answer a cluster gets more time if `mute_before` others did not come as far: to start anew again and again
    would keep a machine that is only slow from ever doing anything.
    """
    now = timezone.now()
    pulse = Pulse.objects.filter(host=host(), queue=queue_name).first()
    if pulse is None or pulse.sent_at is None or _busy(queue_name):
        return ""
    patience = silence() * 2 ** min(mute_before, MOST_DOUBLINGS) if pulse.answered_at is None else silence()
    if queue.unacknowledged_canaries(queue_name, host(), taken_before=now - patience / 2, since=started_at):
        return "hints are done but never acknowledged"
    silent = pulse.answered_at is None or pulse.answered_at < pulse.sent_at
    if silent and now - pulse.sent_at > patience:
        return f"a canary has not been answered for {patience.total_seconds():.0f} seconds"
    return ""


def _busy(queue_name: str) -> bool:
    """Whether upload workers of this machine hold leases."""
    if queue_name != queue.UPLOADS:
        return False
    held = Publication.objects.filter(state=State.UPLOADING, lease_holder__startswith=f"{host()}:")
    return held.filter(lease_until__gt=timezone.now()).exists() or fetched.held(host()).exists()


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
