"""Wake-ups: what a hint from the queue runs. They carry nothing; the rows say what is due."""

from __future__ import annotations

from platforms.services import cancelling, polling, progress, removal, supervising, uploading


def run_uploads() -> None:
    """Claim and run due uploads for one slice."""
    uploading.run_due(uploading.slice_seconds())


def run_due() -> None:
    """Tell platforms of cancelled uploads, delete what is to be deleted, look at what is due."""
    actor = progress.holder()
    cancelling.run_due()
    removal.run_due(actor=actor)
    polling.run_due(actor=actor)


def answer_canary(host: str, queue: str) -> None:
    """Prove that the cluster which took this hint works."""
    supervising.answer(host, queue)
