"""Wake-ups: what a hint from the queue runs. They carry nothing; the rows say what is due."""

from __future__ import annotations

from platforms.services import callbacks, polling, progress, removal, supervising, uploading
from platforms.services.bulk import running as bulk
from platforms.services.fetching import work
from platforms.services.files import bringing, incoming_upkeep
from platforms.services.importing import running as importing
from platforms.services.operations import deleting, running
from platforms.services.scheduling import holding
from platforms.services.subtitles import asking as subtitles
from platforms.services.uploads import cancelling

# Well within the time that the queue gives a hint; the sweep sends another for what is left.
FOLLOW_SECONDS = 60.0
OPERATE_SECONDS = 20.0


def run_uploads() -> None:
    """Claim and run due uploads for one slice."""
    uploading.run_due(uploading.slice_seconds())


def run_fetches() -> None:
    """Bring files into the storage, fetch due ones from the ingest folder and from addresses, queue what arrived."""
    bringing.run_due(uploading.slice_seconds())
    bulk.run_due()
    work.run_due(uploading.slice_seconds(), then=bulk.run_due)


def run_due() -> None:
    """Tell platforms of cancelled uploads, delete, do what people asked for, look at what called or is due."""
    actor = progress.holder()
    cancelling.run_due()
    removal.run_due(actor=actor)
    subtitles.run_due()
    holding.run_due(actor=actor)
    deleting.settle()
    running.run_due(actor=actor, seconds=OPERATE_SECONDS)
    callbacks.run_due(actor=actor)
    polling.run_due(actor=actor, seconds=FOLLOW_SECONDS)
    # What was found shown before its time is blocked at once.
    if holding.run_due(actor=actor):
        running.run_due(actor=actor, seconds=OPERATE_SECONDS)
    incoming_upkeep.run_due()


def run_imports() -> None:
    """Go on with bringing in what already is on accounts."""
    importing.run_due()


def answer_canary(host: str, queue: str) -> None:
    """Prove that the cluster which took this hint works."""
    supervising.answer(host, queue)
