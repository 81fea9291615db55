"""The end of a row: its bytes become a video, or are found to be one, and each account gets what it lacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from platforms.models import Account, BulkRow, BulkState, BulkUpload, IncomingFile, Publication, RowState, Video
from platforms.services import events, publishing
from platforms.services.bulk import cells, known, subtitles
from platforms.services.bulk.cells import Wrong
from platforms.services.bulk.checking import words_of
from platforms.services.files import incoming
from platforms.services.publishing import Target
from platforms.values import Sentence, gettext_noop, say

QUEUED, THERE, REFUSED = "queued", "there", "refused"

NO_ACCOUNT = gettext_noop("The account is gone.")


def move(row: BulkRow, to: RowState, **columns: Any) -> bool:
    """Move a row on from the state it was read in; False when somebody else has."""
    moved = BulkRow.objects.filter(pk=row.pk, state=row.state).update(state=to, **columns) == 1
    if moved:
        row.state = to
        for name, value in columns.items():
            setattr(row, name, value)
    return moved


def fail(row: BulkRow, sentence: Sentence) -> None:
    """The row ends here; it can be retried."""
    move(row, RowState.FAILED, error=events.stored(sentence))


def fail_with(row: BulkRow, file: IncomingFile) -> None:
    """As the file that did not arrive; the row keeps its reason."""
    with transaction.atomic():
        if move(row, RowState.FAILED, error=file.error):
            transaction.on_commit(lambda: incoming.remove(file))


def alone() -> None:
    """Hold back what other bulk uploads do with their files until the transaction ends: of bytes that several of them
    have each but the first finds the video."""
    running = BulkUpload.objects.filter(state=BulkState.RUNNING).order_by("pk")
    list(running.select_for_update().values_list("pk", "lease_until"))


def take(job: BulkUpload, row: BulkRow, file: IncomingFile) -> None:
    """Make a video of an arrived file, or use the one of the same bytes, and publish it. Raises `incoming.Over`."""
    with transaction.atomic():
        alone()
        video = there = known.video_of(file.md5)
        if video is None:
            # First of all, so that of two workers only one goes on.
            if not move(row, RowState.ARRIVING):
                return
            video = incoming.take(file, words_of(row), job.owner)
            move(row, RowState.ARRIVING, video=video)
    use_video(job, row, video)
    if there:
        incoming.remove(file)


def use_video(job: BulkUpload, row: BulkRow, video: Video) -> None:
    """Publish a video that the hub has; the row's subtitles are kept before, so that each platform gets them.

    Whatever is killed in between is done again from its beginning; nothing of it comes twice.
    """
    wrong = [outcome("", REFUSED, sentence=why) for why in subtitles.add(row, video, actor=job.actor)]
    with transaction.atomic():
        alone()
        outcomes = [*_outcomes(job, row, video), *wrong]
        what = {outcome["what"] for outcome in outcomes}
        to = RowState.FAILED if REFUSED in what else RowState.DONE if QUEUED in what else RowState.SKIPPED
        if not move(row, to, video=video, md5=video.md5, outcomes=outcomes, error=None):
            # Somebody else has finished the row meanwhile.
            transaction.set_rollback(True)


def _outcomes(job: BulkUpload, row: BulkRow, video: Video) -> Iterable[dict[str, Any]]:
    """Give each account of the row what it lacks, and tell what became of it."""
    found = Account.objects.defer("credentials").in_bulk([target["account"] for target in row.targets])
    for stored in row.targets:
        account = found.get(stored["account"])
        try:
            yield (
                _publish_to(job, row, video, stored, account)
                if account
                else outcome("", REFUSED, None, say(NO_ACCOUNT))
            )
        except Wrong as wrong:
            yield outcome(account.name if account else "", REFUSED, None, wrong.sentence)


def _publish_to(
    job: BulkUpload, row: BulkRow, video: Video, stored: dict[str, Any], account: Account
) -> dict[str, Any]:
    if there := known.there(video.md5, account):
        return outcome(account.name, THERE, there)
    words, publish_at = words_of(row), cells.moment(row.publish_at, account)
    # By now the time may have come: then at once.
    publish_at = publish_at if publish_at and publish_at > timezone.now() else None
    target = Target(
        account, stored["category"], stored["options"], publish_at, cells.moment(row.block_at, account), words
    )  # fmt: skip
    (target,) = publishing.with_categories([target], row.hub_category_id)
    if problems := publishing.problems_of(words, video, target):
        return outcome(account.name, REFUSED, sentence=problems[0].sentence)
    (queued,) = publishing.publish(video, [target], actor=job.actor)
    if queued.new:
        return outcome(account.name, QUEUED, queued.publication)
    reason = publishing.why_not_send(queued.publication)
    sentence = Sentence(reason) if reason else None
    return outcome(account.name, REFUSED if reason else THERE, queued.publication, sentence)


def outcome(
    account: str, what: str, publication: Publication | None = None, sentence: Sentence | None = None
) -> dict[str, Any]:
    """What became of a row on one account, as rows keep it; `sentence` says why it was refused."""
    return {
        "account": account,
        "what": what,
        "publication": publication.pk if publication else None,
        "sentence": events.stored(sentence) if sentence else None,
    }
