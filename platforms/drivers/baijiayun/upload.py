"""Baijiayun's upload: create the video, send the file whole or in chunks, compare (baijiayun-vod.txt API-2 to 4).

The resume token: `step` ("creating" with `since`, the unix time of the intention; then "sending"), `video_id`,
`upload_url`, `protocol` (a key of `BASES`, or WHOLE), `proven` (chunks are counted as the platform counts them) and
`part_size`. How much has arrived is always asked: `upload_size` of API-4 is the truth.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.contract import UploadJob
from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.api import Api
from platforms.drivers.baijiayun.look import Catalogue, every_video
from platforms.drivers.baijiayun.results import ListedVideo
from platforms.errors import BadAnswer, Corrupted, OutcomeUnknown, PlatformError, Refused, SessionLost, Temporary
from platforms.transport.bodies import FileBody
from platforms.transport.checkpoints import Checkpoints
from platforms.transport.sender import send_all
from platforms.transport.slices import MIB, part_size_for
from platforms.values import gettext_noop, say

LARGEST_WHOLE = 32 * MIB
SMALLEST_CHUNK, LARGEST_CHUNK = 8 * MIB, 32 * MIB
MOST_CHUNKS = 500  # from here on chunks grow, up to the largest
TRIES = 3  # without a single byte more

# The document does not say from which number chunks are counted: each way is tried, then the whole file is sent.
FROM_ONE, FROM_ZERO, WHOLE = gettext_noop("chunks from 1"), gettext_noop("chunks from 0"), gettext_noop("whole file")
BASES = {FROM_ONE: 1, FROM_ZERO: 0}
NEXT_PROTOCOL = {FROM_ONE: FROM_ZERO, FROM_ZERO: WHOLE}

# Our clock and the platform's may differ; a sign that is five minutes off would be refused.
CLOCK_DIFFERENCE, LONGEST_CALL = timedelta(minutes=5), timedelta(minutes=10)

SEVERAL_FOUND = gettext_noop(
    "The answer to creating this video was lost, and Baijiayun has %(count)s empty uploads named “%(name)s” that may "
    "be it: delete them there, then publish again."
)
UPLOAD_GONE = gettext_noop("Baijiayun no longer has this upload; it starts again.")
NOTHING_ARRIVES = gettext_noop("Baijiayun keeps answering that it has %(received)s bytes instead of %(expected)s.")
OTHER_BYTES = gettext_noop("Baijiayun has other bytes than were sent (md5 %(theirs)s instead of %(ours)s).")


def upload(api: Api, job: UploadJob) -> str:
    """Bring the file of `job` to Baijiayun, going on from its token; answers the video id."""
    return _Upload(api, job).run()


def lost_videos(api: Api, names: frozenset[str], since: datetime) -> list[ListedVideo]:
    """The account's empty uploads of one of these names that were created by a call made at `since`."""
    earliest, latest = since - CLOCK_DIFFERENCE, since + CLOCK_DIFFERENCE + LONGEST_CALL
    return [
        video
        for video in every_video(api)
        if video.name in names
        and video.status == mapping.UPLOADING
        and not video.total_size
        and video.created_at is not None
        and earliest <= video.created_at <= latest
        and _is_empty(api, video.video_id)
    ]


def _is_empty(api: Api, video_id: str) -> bool:
    try:
        return api.get_resume_upload_url(video_id).upload_size == 0
    except Refused:
        return False


class _Upload:
    def __init__(self, api: Api, job: UploadJob) -> None:
        self.api, self.job = api, job
        self.state = Checkpoints(job, job.token)
        self.size = job.source.size
        self.offset = 0
        self.idle = 0

    def run(self) -> str:
        if not self.token.get("video_id"):
            self._create()
            self._send()
        elif not self._has_arrived():
            self._resume()
            self._send()
        self.state.bytes_done = self.size
        self.state.tick()
        self._compare()
        return self.video_id

    @property
    def token(self) -> dict[str, Any]:
        return self.state.token

    @property
    def video_id(self) -> str:
        return str(self.token["video_id"])

    @property
    def file_name(self) -> str:
        return f"{self.job.draft.title.strip()}.{self.job.source.extension}"

    def _create(self) -> None:
        """Create the video, or find the one that an earlier call created although its answer was lost."""
        if self.token.get("step") == "creating" and (found := self._find_lost()):
            self._begin(found)
            self._ask_received()
            return
        self.state.step(step="creating", since=time.time())
        options = self.job.draft.options
        try:
            address = self.api.get_upload_url(
                self.file_name, _codes(options, "definition"), options.get("audio_with_view", "") == "1",
                _codes(options, "format"), options.get("encrypt", ""),
            )  # fmt: skip
        except PlatformError as error:
            if error.maybe_done:
                raise
            self.job.checkpoint({}, 0)
            raise (self.api.blame(error) if isinstance(error, Refused) else error) from None
        self._begin(address.video_id, address.upload_url)

    def _find_lost(self) -> str:
        """The id of the one video that the lost answer was about; "" when there is none, so that creating is safe."""
        names = frozenset({self.file_name, self.job.draft.title.strip()})
        found = lost_videos(self.api, names, datetime.fromtimestamp(float(self.token["since"]), UTC))
        if len(found) > 1:
            raise OutcomeUnknown(
                say(SEVERAL_FOUND, count=len(found), name=self.file_name), call="get_upload_url",
                detail=", ".join(video.video_id for video in found),
            )  # fmt: skip
        return found[0].video_id if found else ""

    def _begin(self, video_id: str, upload_url: str = "") -> None:
        self.job.announce(video_id)
        self.state.step(
            step="sending", video_id=video_id, upload_url=upload_url, proven=False,
            protocol=WHOLE if self.size <= LARGEST_WHOLE else next(iter(BASES)),
            part_size=min(part_size_for(self.size, SMALLEST_CHUNK, MOST_CHUNKS), LARGEST_CHUNK),
        )  # fmt: skip

    def _resume(self) -> None:
        if self._ask_received() > self.size:
            # The platform counts chunks in yet another way: only the whole file puts that right.
            self.token["protocol"], self.offset = WHOLE, 0

    def _send(self) -> None:
        while self.token["protocol"] in BASES and self.offset < self.size:
            self._send_chunk(min(self.offset + int(self.token["part_size"]), self.size))
        if self.offset < self.size:
            self._send_whole()

    def _send_chunk(self, end: int) -> None:
        start, error = self.offset, None
        try:
            self._post(FileBody(self.job.source, start, end - start), self._content_range(end))
        except (Temporary, Refused, BadAnswer) as caught:
            error = caught
        if end == self.size and self._has_arrived():
            self.offset = end
        else:
            self._judge(start, end, self._ask_received(), error)
        self.state.bytes_done = min(self.offset, self.size)
        self.state.tick()

    def _content_range(self, end: int) -> str:
        base = BASES[self.token["protocol"]]
        return f"bytes {self.offset + base}-{end + base - 1}/{self.size}"

    def _judge(self, start: int, end: int, received: int, error: PlatformError | None) -> None:
        """Go on where the platform is; count the chunks in another way when it has understood something else."""
        # A page for people may come from a proxy that is busy, or mean that the range was not understood.
        passing = isinstance(error, Temporary) or (isinstance(error, BadAnswer) and self.idle + 1 < TRIES)
        if received == end:
            self.token["proven"], self.idle = True, 0
        elif received > end or not (self.token["proven"] or passing):
            self.offset = self.idle = self.state.bytes_done = 0
            self.state.step(protocol=NEXT_PROTOCOL[self.token["protocol"]], proven=False)
        elif received > start:
            self.idle = 0
        else:
            self.idle += 1
            if self.idle >= TRIES:
                raise error or Corrupted(say(NOTHING_ARRIVES, received=received, expected=end), call="upload_file")

    def _send_whole(self) -> None:
        self.offset = 0
        for attempt in range(1, TRIES + 1):
            try:
                self._post(FileBody(self.job.source, 0, self.size))
            except Refused:
                # The address may have expired, or the answer to an earlier try was lost.
                if self._has_arrived():
                    break
                if attempt == TRIES:
                    raise
                self._ask_received()
                self.offset = 0
            else:
                break
        self.offset = self.size

    def _post(self, body: FileBody, content_range: str = "") -> None:
        """Send from another thread, so that this one can say that the upload lives, and stop it."""

        def pulse() -> None:
            try:
                self.job.pulse(self.offset + body.sent)
            except BaseException:
                body.stop()
                raise

        url = str(self.token["upload_url"])
        send_all([body], lambda part: self.api.upload_file(url, part, content_range), _nothing, pulse, 1)

    def _has_arrived(self) -> bool:
        """Whether the platform has the whole file already."""
        try:
            return self.api.get_status(self.video_id).status in mapping.ARRIVED
        except Refused as refusal:
            raise self._gone_or(refusal) from None

    def _ask_received(self) -> int:
        """Take the fresh address and the number of bytes that have arrived; answers the latter."""
        try:
            address = self.api.get_resume_upload_url(self.video_id)
        except Refused as refusal:
            raise self._gone_or(refusal) from None
        self.token["upload_url"], self.offset = address.upload_url, address.upload_size
        return address.upload_size

    def _gone_or(self, refusal: Refused) -> PlatformError:
        if Catalogue(self.api).lacks(self.video_id):
            return SessionLost(say(UPLOAD_GONE), code=refusal.code, call=refusal.call, detail=refusal.detail)
        return refusal

    def _compare(self) -> None:
        """Where the platform says what md5 it has computed, it must be the file's."""
        try:
            info = self.api.get_info(self.video_id)
        except (Refused, BadAnswer):
            return
        if info and info.file_md5 and info.file_md5 != self.job.source.md5:
            raise Corrupted(say(OTHER_BYTES, theirs=info.file_md5, ours=self.job.source.md5), call="get_info")


def _codes(options: Mapping[str, str], name: str) -> list[str]:
    return [code for code in options.get(name, "").split(",") if code]


def _nothing(body: FileBody, sent: None) -> None:
    """A body that was sent asks for no further one."""
