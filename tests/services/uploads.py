"""Uploads over every protocol, and a worker that stands in the middle of one."""

from __future__ import annotations

from platforms import tasks
from platforms.models import Publication
from sandbox.server import Sandbox
from tests import hub

#: The platform of each upload protocol, and the account's options that choose it.
PROTOCOLS: dict[str, tuple[str, dict[str, str]]] = {
    "oss": ("youku", {}),
    "slices": ("youku", {"upload_method": "slices"}),
    "ranges": ("iqiyi", {}),
    "chunks": ("baijiayun", {}),
}


def queued(box: Sandbox, protocol: str) -> Publication:
    """The sample, queued for an account that uploads over this protocol."""
    platform, options = PROTOCOLS[protocol]
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, platform, **options))
    return row


def started(gate: hub.Gate) -> hub.Worker:
    """A worker that stands in the middle of an upload, at the gate, and has counted what went through it."""
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    gate.wait()
    hub.until(Publication.objects.filter(bytes_sent__gt=0).exists)
    return worker
