"""The hub's side of the matrix: a Django process that does one thing a line, and forks upload workers to be killed.

Reads JSON lines `{"verb": ..., ...}` on stdin and answers each with one on stdout. Ends, with its workers, when stdin
does. A worker is `platforms.tasks.run_uploads` in a process of its own, as the queue library runs it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import close_old_connections, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from platforms import tasks  # noqa: E402
from platforms.models import Account, Publication, Pulse, UploadSession  # noqa: E402
from platforms.services import account_health, accounts, publishing  # noqa: E402
from platforms.services.files import media  # noqa: E402
from platforms.services.publishing import Metadata, Target  # noqa: E402

# Longer than any lease.
LONG_AGO = timedelta(hours=1)

workers: set[int] = set()
# What Django or a library prints must not stand between the answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def add_account(name: str, platform: str, credentials: dict[str, str], options: dict[str, str]) -> int:
    account, _new = accounts.save_account(name, platform, credentials, options, actor="matrix")
    return int(account.pk)


def publish(file: str, title: str, account: int) -> int:
    """The id of the publication that is queued."""
    video = publishing.create_video(media.keep_copy(Path(file)), Metadata(title, "Whether it arrives", "故障, 测试"))
    chosen = Account.objects.get(pk=account)
    defaults = {field.name: field.default for field in publishing.publish_options(chosen.platform)}
    (queued,) = publishing.publish(video, [Target(chosen, "", defaults)], actor="matrix")
    return int(queued.publication.pk)


def look(ids: list[int]) -> list[dict[str, Any]]:
    """What the rows say."""
    rows = Publication.objects.filter(pk__in=ids).order_by("pk")
    wanted = (
        "id",
        "state",
        "remote_id",
        "attempts",
        "bytes_sent",
        "error",
        "lease_holder",
        "video__md5",
        "video__size",
    )
    return [row | {"id": row["id"]} for row in rows.values(*wanted)]


def history(publication: int) -> list[str]:
    """What happened to a publication, the oldest first."""
    events = Publication.objects.get(pk=publication).events.order_by("pk")
    return [f"{event.at:%H:%M:%S} {event.kind}: {event.text} {event.data or ''}" for event in events]


def part_size(publication: int) -> int | None:
    """The part size of the running upload; None when it has none."""
    return UploadSession.objects.filter(publication=publication).values_list("part_size", flat=True).first()


def pulses() -> list[dict[str, Any]]:
    """Each cluster of the workers: whether it has answered what it was asked last, and when (unix seconds)."""
    return [
        {
            "process_group": pulse.process_group,
            "answers": bool(pulse.sent_at and pulse.answered_at and pulse.answered_at >= pulse.sent_at),
            "answered": pulse.answered_at and pulse.answered_at.timestamp(),
        }
        for pulse in Pulse.objects.order_by("queue")
    ]


def pass_time() -> None:
    """Every lease is over and every wait too: what the passing of time does."""
    earlier = timezone.now() - LONG_AGO
    Publication.objects.filter(lease_until__isnull=False).update(lease_until=earlier)
    Publication.objects.filter(next_run_at__gt=timezone.now()).update(next_run_at=timezone.now())
    Account.objects.filter(token_lease_until__isnull=False).update(token_lease_until=earlier)
    Account.objects.filter(paused_until__isnull=False).update(paused_until=earlier)
    account_health.end_pauses()


def hurry() -> None:
    """What waits for its next try or look is due now; leases stay."""
    now = timezone.now()
    Publication.objects.filter(next_run_at__gt=now).update(next_run_at=now)
    Account.objects.filter(paused_until__isnull=False).update(paused_until=now)
    account_health.end_pauses()


def retry(publication: int) -> bool:
    """What a person does who has read why it was refused: check the account, then send once more."""
    row = Publication.objects.get(pk=publication)
    account_health.check(row.account, actor="matrix")
    row.refresh_from_db()
    return publishing.send_again(row, actor="matrix")


def work() -> int:
    """The process id of a new worker, which ends when nothing is due."""
    connections.close_all()
    pid = os.fork()
    if pid:
        workers.add(pid)
        return pid
    status = 1
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.close(answers.fileno())
        tasks.run_uploads()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def ended() -> list[int]:
    """The workers that have ended since this was asked last."""
    found = [pid for pid in workers if os.waitpid(pid, os.WNOHANG)[0]]
    workers.difference_update(found)
    return found


def follow() -> None:
    """Look at what the platforms have."""
    tasks.run_due()


def forget(publication: int) -> None:
    """Remove the file of a publication that is over."""
    Path(Publication.objects.get(pk=publication).video.source.path).unlink(missing_ok=True)


VERBS: dict[str, Callable[..., Any]] = {
    verb.__name__: verb
    for verb in (
        *(add_account, publish, look, history, part_size, pulses, pass_time, hurry, retry, work, ended, follow, forget),
    )
}


def answer(line: str) -> dict[str, Any]:
    words = json.loads(line)
    try:
        close_old_connections()
        return {"answer": VERBS[words.pop("verb")](**words)}
    except Exception:
        return {"fault": traceback.format_exc()}


def main() -> None:
    for line in sys.stdin:
        answers.write(json.dumps(answer(line), default=str) + "\n")
        answers.flush()
    for pid in workers:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
