"""Youku's uploads: create the task, bring the bytes there over OSS or in slices, commit.

The token's `step` is `creating`, `sending`, `completing` (OSS only) or `committing`; `protocol` is `oss` or `slices`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.contract import UploadJob
from platforms.drivers.youku import upload_oss, upload_slices
from platforms.drivers.youku.api import Api
from platforms.drivers.youku.mapping import DUPLICATE_OR_OWN, LOST_CREATE, USED_UP
from platforms.drivers.youku.results import CreatedUpload, VideoDetails
from platforms.errors import Duplicate, Gone, OutcomeUnknown, PlatformError, Refused, SessionLost
from platforms.transport.checkpoints import Checkpoints
from platforms.values import Draft, gettext_noop, say

SEND: Mapping[str, Callable[[Api, Checkpoints], None]] = {
    gettext_noop("oss"): upload_oss.send,
    gettext_noop("slices"): upload_slices.send,
}
CLOCKS_APART = timedelta(minutes=10)
# What became of these is asked when a stop has left their answers to themselves.
LOOKED_UP = ("create_upload", "commit_upload")
PAGES_SEARCHED = 5


def upload(api: Api, job: UploadJob, protocol: str) -> str:
    """Bring the job's file to Youku over `protocol`, going on from its token, and answer the video id."""
    token = job.token
    if token.get("step", "creating") == "creating":
        with api.http.alive(lambda: job.pulse(0), LOOKED_UP):
            token = _create(api, job, protocol, token)
    state = Checkpoints(job, token)
    with api.http.alive(state.tick, LOOKED_UP):
        if state.token["step"] != "committing":
            SEND[state.token["protocol"]](api, state)
        return _commit(api, state)


def cancel(api: Api, token: Mapping[str, Any]) -> None:
    """Give up the upload of resume state `token`; one that is gone or was never created is success."""
    if "upload_token" not in token:
        return
    with suppress(SessionLost, Gone):
        server_ip = ""
        if token["protocol"] == "slices":
            server_ip = upload_slices.server_ip(api, token)
        else:
            upload_oss.abort(api, token)
        api.cancel_upload(token["upload_token"], server_ip)


def _create(api: Api, job: UploadJob, protocol: str, before: dict[str, Any]) -> dict[str, Any]:
    lost = bool(before)
    since = float(before.get("since") or time.time())
    if lost:
        _refuse_to_guess(api, job.draft.title, since)
    job.checkpoint({"step": "creating", "since": since}, 0)
    try:
        created = _ask_to_create(api, job.draft, protocol)
    except PlatformError as error:
        if not error.maybe_done:
            job.checkpoint(before, 0)
        if lost and isinstance(error, Duplicate):
            raise OutcomeUnknown(say(DUPLICATE_OR_OWN), code=error.code, call=error.call) from None
        raise
    job.announce(created.video_id)
    token = _first_token(created, protocol)
    job.checkpoint(token, 0)
    return token


def _refuse_to_guess(api: Api, title: str, since: float) -> None:
    """Whether an upload task whose answer was lost is visible: then a person decides, otherwise it is created again.

    What leads to exactly one video: the lost task's upload token is in no one's hands, so nobody can send its bytes
    or commit it, and Youku makes a video of committed tasks only. When the account's list shows no unfinished video
    of this title, a second task is therefore the only one that can become a video. When it does show one, it is
    either that shell or somebody else's running upload of the same title; deleting could destroy the other, and
    going on could leave two, so a person looks. A video in any further state was committed and cannot be ours.
    """
    earliest = datetime.fromtimestamp(since, UTC) - CLOCKS_APART
    try:
        found = _unfinished(api, title, earliest)
    except Refused as error:
        raise OutcomeUnknown(say(LOST_CREATE, ids="?"), code=error.code, call=error.call) from None
    if found:
        raise OutcomeUnknown(say(LOST_CREATE, ids=", ".join(found)), call="create_upload")


def _unfinished(api: Api, title: str, earliest: datetime) -> list[str]:
    def new(video: VideoDetails) -> bool:
        return video.created_at is None or video.created_at >= earliest

    found: list[str] = []
    for page in range(1, PAGES_SEARCHED + 1):
        videos = [video for video in api.list_my_videos(page).videos if new(video)]
        found += [video.video_id for video in videos if video.title == title and video.state in ("", "encoding")]
        if not videos:
            break
    return found


def _ask_to_create(api: Api, draft: Draft, protocol: str) -> CreatedUpload:
    options = draft.options
    return api.create_upload(
        title=draft.title,
        tags=draft.tags,
        file_name=draft.file_name,
        file_size=draft.size,
        file_md5=draft.md5,
        isnew=protocol == "oss",
        category=draft.category,
        description=draft.description,
        copyright_type=options.get("copyright_type", ""),
        public_type=options.get("public_type", ""),
        watch_password=options.get("watch_password", ""),
        deshake=options.get("deshake") == "1",
    )


def _first_token(created: CreatedUpload, protocol: str) -> dict[str, Any]:
    token = {
        "step": "sending", "protocol": protocol, "video_id": created.video_id, "upload_token": created.upload_token,
    }  # fmt: skip
    if created.sts is None:
        return token | {"upload_server_uri": created.upload_server_uri}
    return token | {
        "bucket": created.bucket, "object": created.object_name, "sts": upload_oss.as_token(created.sts),
        "expires_at": upload_oss.end_of(created.sts),
    }  # fmt: skip


def _commit(api: Api, state: Checkpoints) -> str:
    """Commit, and again after a lost answer. Youku does not say what a second commit answers: a task that is used up
    by then, while the video is there, was committed by the first."""
    token = state.token
    tried = int(token.get("commits", 0))
    state.step(step="committing", commits=tried + 1)
    try:
        video_id = api.commit_upload(token["upload_token"], token.get("server_ip", ""))
    except PlatformError as error:
        if tried and error.code in USED_UP and _is_there(api, token["video_id"]):
            return str(token["video_id"])
        raise
    if video_id != token["video_id"]:
        state.job.announce(video_id)
    return video_id


def _is_there(api: Api, video_id: str) -> bool:
    try:
        api.show_video(video_id)
    except Gone:
        return False
    return True
