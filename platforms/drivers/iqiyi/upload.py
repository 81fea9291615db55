"""iQiyi's upload: open, describe, send ranges in parallel, finish (iqiyi-video-cloud.txt 1.1 to 1.5).

The resume token: `step` ("opening", "describing", "sending", "finishing"), `file_id`, `upload_url` and `accepted`, the
byte ranges [first, end) that iQiyi has confirmed, merged. No call tells which ranges have arrived, so that only what is
in `accepted` is proven and everything else is sent again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from platforms.contract import UploadJob
from platforms.drivers.iqiyi import mapping
from platforms.drivers.iqiyi.api import Api
from platforms.errors import Corrupted, Refused, SessionLost
from platforms.transport.bodies import LanedSource
from platforms.transport.checkpoints import Checkpoints
from platforms.transport.pace import Pace
from platforms.transport.sender import send_all
from platforms.transport.slices import MIB, ByteRange, Part
from platforms.values import gettext_noop, say

PROTOCOL = gettext_noop("ranges")
SMALLEST_PART, LARGEST_PART = MIB, 32 * MIB  # the document names no bounds
# What became of these is asked, or does not matter, when a stop has left their answers to themselves.
LOOKED_UP = ("open_upload", "finish_upload")
TRIES = 3  # of one range that arrives damaged

STOPPED = gettext_noop("The upload was cancelled or removed at iQiyi before it was complete; it starts again.")

Span = list[int]  # [first, end), as JSON keeps it


def upload(api: Api, job: UploadJob) -> str:
    """Bring the file of `job` to iQiyi, going on from its token; answers the file id."""
    return _RangeUpload(api, job).run()


class _RangeUpload:
    def __init__(self, api: Api, job: UploadJob) -> None:
        self.api, self.job = api, job
        self.state = Checkpoints(job, job.token)
        self.source = LanedSource(job.source, job.lane)
        self.pace = Pace()

    def run(self) -> str:
        with self.api.http.alive(self.state.tick, LOOKED_UP):
            return self._run()

    def _run(self) -> str:
        was_finishing = self.step == "finishing"
        if not self.state.token.get("file_id"):
            self._open()
        if self.step == "describing":
            self._describe()
        if self.step == "sending":
            self._send_ranges()
        if not (was_finishing and self._has_finished()):
            self.api.finish_upload(self.file_id)
        return self.file_id

    @property
    def step(self) -> str:
        return str(self.state.token.get("step", ""))

    @property
    def file_id(self) -> str:
        return str(self.state.token["file_id"])

    @property
    def upload_url(self) -> str:
        return str(self.state.token["upload_url"])

    def _open(self) -> None:
        """Ask for a file id. When an earlier answer was lost, asking again is safe and still makes one video.

        A file id without metadata and bytes never enters production (sections 1.3 and 1.5), cannot be seen or listed,
        and nobody knows the lost one: iQiyi only ever gets metadata and bytes for the id that is stored here.
        """
        self.state.step(step="opening")
        source = self.job.source
        opened = self.api.open_upload(source.extension, source.size)
        self.job.announce(opened.file_id)
        self.state.step(
            step="describing", protocol=PROTOCOL, file_id=opened.file_id, upload_url=opened.upload_url,
            accepted=[],
        )  # fmt: skip

    def _describe(self) -> None:
        """Without metadata before the end of the upload the video never enters production."""
        draft = self.job.draft
        try:
            self.api.set_info(self.file_id, draft.title, draft.description, draft.tags, draft.category)
        except Refused:
            # One code stands for metadata that are not taken and for an upload that is gone.
            self._has_finished()
            raise
        self.state.step(step="sending")

    def _send_ranges(self) -> None:
        try:
            # What iQiyi has accepted is stored before anything else is sent: no call could tell it afterwards.
            send_all(self._parts(), self._send, self._keep, self.state.settle, self.job.lane, self.api.http.break_off)
        except BaseException:
            # What arrived since the last checkpoint need not be sent again; if the lease is lost this says so.
            self.state.save()
            raise
        self.state.step(step="finishing")

    def _parts(self) -> Iterator[Part]:
        """What is missing, in parts of the size that suits the line when each is begun."""
        spans = list(missing_spans(self.state.token["accepted"], self.source.size))
        left, number = sum(end - first for first, end in spans), 0
        for first, end in spans:
            offset = first
            while offset < end:
                size = self.pace.part_size(left, self.job.lane.share, SMALLEST_PART, LARGEST_PART)
                number, length = number + 1, min(size, end - offset)
                yield Part(number, offset, length)
                offset, left = offset + length, left - length

    def _send(self, part: Part) -> None:
        """Runs in a sender thread."""
        span = ByteRange(part.offset, part.last)
        for attempt in range(1, TRIES + 1):
            self.job.lane.spend(0)  # no second try after a stop
            started = time.monotonic()
            try:
                self.api.upload_range(self.upload_url, self.file_id, self.source.size, span, self.source)
            except Corrupted:
                if attempt == TRIES:
                    raise
            else:
                self.pace.note(part.length, time.monotonic() - started)
                return

    def _keep(self, part: Part, sent: None) -> None:
        span = [part.offset, part.offset + part.length]
        self.state.token["accepted"] = merged([*self.state.token["accepted"], span])
        self.state.count(part.length)

    def _has_finished(self) -> bool:
        """Whether an earlier `uploadfinish`, whose answer was lost, has taken effect."""
        status = self.api.get_full_status(self.file_id)
        if status.code in mapping.NEVER_COMES:
            raise SessionLost(say(STOPPED), code=status.code, call="get_full_status")
        return status.code in mapping.ARRIVED


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same bytes as sorted spans that neither touch nor overlap."""
    result: list[Span] = []
    for first, end in sorted(spans):
        if result and first <= result[-1][1]:
            result[-1][1] = max(result[-1][1], end)
        else:
            result.append([first, end])
    return result


def missing_spans(accepted: Iterable[Span], size: int) -> Iterator[Span]:
    """What of `size` bytes is in none of the accepted spans."""
    position = 0
    for first, end in merged(accepted):
        if position < first:
            yield [position, first]
        position = max(position, end)
    if position < size:
        yield [position, size]
