"""Baijiayun's upload: create the video, send the file whole or in chunks, compare, and put into its category
(baijiayun-vod.txt API-2 to 4 and 17).

The resume token: `step` ("creating" with `since`, the unix time of the intention; then "sending"), `video_id`,
`upload_url`, `protocol` (a key of `BASES`, or WHOLE), `proven` (chunks are counted as the platform counts them) and
`refused` (a round of tries has ended with refusals). How much has arrived is always asked: `upload_size` of API-4 is
the truth.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.contract import UploadJob
from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.api import Api
from platforms.drivers.baijiayun.look import absent, every_video
from platforms.drivers.baijiayun.results import ListedVideo
from platforms.errors import BadAnswer, Corrupted, OutcomeUnknown, PlatformError, Refused, SessionLost, Temporary
from platforms.transport.bodies import FileBody, LanedSource
from platforms.transport.checkpoints import Checkpoints
from platforms.transport.pace import Pace
from platforms.transport.sender import send_all
from platforms.transport.slices import MIB
from platforms.values import gettext_noop, say

LARGEST_WHOLE = 32 * MIB
SMALLEST_CHUNK, LARGEST_CHUNK = 8 * MIB, 128 * MIB  # the document names no bounds
CHUNK_SECONDS = 4.0  # the questions after each chunk cost little of that; what a stop costs, too
# What became of these is asked when a stop has left their answers to themselves.
LOOKED_UP = ("get_upload_url", "delete_video")
TRIES = 3  # without a single byte more

# The document does not say from which number chunks are counted: each way is tried, then the whole file is sent.
FROM_ONE, FROM_ZERO, WHOLE = gettext_noop("chunks from 1"), gettext_noop("chunks from 0"), gettext_noop("whole file")
BASES = {FROM_ONE: 1, FROM_ZERO: 0}
NEXT_PROTOCOL = {FROM_ONE: FROM_ZERO, FROM_ZERO: WHOLE}

MD5 = re.compile(r"[0-9a-f]{32}")

# Our clock and the platform's may differ; a sign that is five minutes off would be refused.
CLOCK_DIFFERENCE, LONGEST_CALL = timedelta(minutes=5), timedelta(minutes=10)

SEVERAL_FOUND = gettext_noop(
    "The answer to creating this video was lost, and Baijiayun has %(count)s empty uploads named “%(name)s” that may "
    "be it: delete them there, then publish again."
)
NO_CATEGORY = gettext_noop(
    "Baijiayun has the file, but does not put the video into the chosen category (%(words)s). Publish again with "
    "another category; the file is not sent again."
)
UPLOAD_GONE = gettext_noop("Baijiayun no longer has this upload; it starts again.")
NOTHING_ARRIVES = gettext_noop("Baijiayun keeps answering that it has %(received)s bytes instead of %(expected)s.")
OTHER_BYTES = gettext_noop(
    "Baijiayun has other bytes than were sent (md5 %(theirs)s instead of %(ours)s): the video was deleted there, and "
    "the upload starts again."
)


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
        self.source = LanedSource(job.source, job.lane)
        self.size = job.source.size
        self.pace = Pace()
        self.offset = 0
        self.idle = self.refused = 0  # tries without a single byte more, and how many of them were refused

    def run(self) -> str:
        with self.api.http.alive(self.state.tick, LOOKED_UP):
            return self._run()

    def _run(self) -> str:
        if not self.token.get("video_id"):
            self._create()
            self._send()
        elif not self._has_arrived():
            self._resume()
            self._send()
        self.state.bytes_done = self.size
        self.state.tick()
        self._compare()
        self._put_into_category()
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
        )  # fmt: skip

    def _resume(self) -> None:
        if self._ask_received() > self.size:
            # The platform counts chunks in yet another way: only the whole file puts that right.
            self.token["protocol"], self.offset = WHOLE, 0

    def _send(self) -> None:
        while self.token["protocol"] in BASES and self.offset < self.size:
            self._send_chunk(min(self.offset + self._chunk_size(), self.size))
        if self.offset < self.size:
            self._send_whole()

    def _chunk_size(self) -> int:
        """What the line moves in a few seconds, once one chunk has shown how the platform counts them."""
        if not self.token["proven"] or self.pace.rate is None:
            return SMALLEST_CHUNK
        return max(SMALLEST_CHUNK, min(LARGEST_CHUNK, int(self.pace.rate * CHUNK_SECONDS)))

    def _send_chunk(self, end: int) -> None:
        start, error, began = self.offset, None, time.monotonic()
        try:
            self._post(start, end - start, self._content_range(end))
        except (Temporary, Refused, BadAnswer) as caught:
            error = caught
        else:
            self.pace.note(end - start, time.monotonic() - began)
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
        # A page for people may come from a proxy that is busy, or mean that the range was not understood. A refusal may
        # mean that the address has expired, and silence that the chunk arrived damaged: either is tried once more.
        chances = TRIES if isinstance(error, BadAnswer) else 2
        passing = isinstance(error, Temporary) or self.idle + 1 < chances
        if received == end:
            self.token.pop("refused", None)
            self.token["proven"], self.idle, self.refused = True, 0, 0
        elif received > end or not (self.token["proven"] or passing):
            self.offset = self.idle = self.refused = self.state.bytes_done = 0
            self.state.step(protocol=NEXT_PROTOCOL[self.token["protocol"]], proven=False)
        elif received > start:
            self.idle = self.refused = 0
        else:
            self.idle, self.refused = self.idle + 1, self.refused + isinstance(error, Refused)
            if self.idle >= TRIES:
                if isinstance(error, Refused) and self.refused < self.idle:
                    # What has only just begun to be refused may be a fresh address that has expired: no final answer.
                    error = None
                if isinstance(error, Refused):
                    raise self._once_more(error)
                raise error or Corrupted(say(NOTHING_ARRIVES, received=received, expected=end), call="upload_file")

    def _send_whole(self) -> None:
        self.offset = 0
        for attempt in range(1, TRIES + 1):
            try:
                self._post(0, self.size)
            except Refused as refusal:
                # The address may have expired, or the answer to an earlier try was lost.
                if self._has_arrived():
                    break
                if attempt == TRIES:
                    raise self._once_more(refusal) from None
                self._ask_received()
                self.offset = 0
            else:
                break
        self.offset = self.size

    def _once_more(self, refusal: Refused) -> PlatformError:
        """Nothing tells an address that has expired from what Baijiayun does not want: one more round, some time later,
        decides."""
        if self.token.get("refused"):
            return refusal
        self.state.step(refused=True)
        return Temporary(refusal.sentence, code=refusal.code, call=refusal.call, detail=refusal.detail)

    def _post(self, offset: int, length: int, content_range: str = "") -> None:
        """Send from another thread, so that this one can say that the upload lives, and stop it."""
        body = FileBody(self.source, offset, length)

        def pulse() -> None:
            self.job.pulse(self.offset + body.sent)

        url = str(self.token["upload_url"])
        send_all(
            [body], lambda part: self.api.upload_file(url, part, content_range), _nothing, pulse, self.job.lane,
            self.api.http.break_off,
        )  # fmt: skip

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
        if absent(self.api, [self.video_id]):
            return SessionLost(say(UPLOAD_GONE), code=refusal.code, call=refusal.call, detail=refusal.detail)
        return refusal

    def _compare(self) -> None:
        """Where the platform says what md5 it has computed, it must be the file's.

        What has arrived cannot be sent again: the spoilt video is deleted, so that one comes of it in the end.
        """
        try:
            info = self.api.get_info(self.video_id)
        except (Refused, BadAnswer):
            return
        theirs, ours = (info.file_md5.lower() if info else ""), self.job.source.md5
        if MD5.fullmatch(theirs) and theirs != ours:
            self._delete_spoilt()
            raise SessionLost(say(OTHER_BYTES, theirs=theirs, ours=ours), call="get_info")

    def _put_into_category(self) -> None:
        """No parameter of creating a video names its category. A repetition does no harm."""
        category = self.job.draft.category
        if not category:
            return
        try:
            self.api.set_video_category(self.video_id, category)
        except Refused as refusal:
            error = self.api.blame(refusal)
            if error is not refusal:
                raise error from None
            words = refusal.sentence.params.get("words")
            raise Refused(
                say(NO_CATEGORY, words=words), code=refusal.code, field="category", call=refusal.call,
                detail=refusal.detail,
            ) from None  # fmt: skip

    def _delete_spoilt(self) -> None:
        try:
            self.api.delete_video(self.video_id)
        except Refused:
            # One that an earlier call has deleted although its answer was lost.
            if not absent(self.api, [self.video_id]):
                raise


def _codes(options: Mapping[str, str], name: str) -> list[str]:
    return [code for code in options.get(name, "").split(",") if code]


def _nothing(body: FileBody, sent: None) -> None:
    """A body that was sent asks for no further one."""
