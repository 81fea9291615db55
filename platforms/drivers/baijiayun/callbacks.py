"""What Baijiayun sends to addresses of ours: transcode events and questions about access keys (callbacks 3 and 4)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from platforms.drivers.baijiayun import mapping
from platforms.drivers.baijiayun.client import sign
from platforms.errors import Refused
from platforms.transport.answers import as_float, as_int, beijing_time
from platforms.values import Callback, PlayRequest, gettext_noop, say

TOLERANCE = timedelta(seconds=300)

NO_KEY = gettext_noop("Without its partner_key nothing tells whether a callback comes from Baijiayun.")
BAD_SIGN = gettext_noop("The sign of the callback is not right.")
STALE = gettext_noop("The callback was signed more than %(seconds)s seconds before or after now.")
MISSING = gettext_noop("The callback has no usable “%(name)s”.")


def read(form: Mapping[str, str], partner_key: str, now: datetime) -> Callback:
    """The transcode event of a form that Baijiayun has signed about `now` (aware); raises `Refused`. Source: 3."""
    if not partner_key:
        raise _refusal(NO_KEY, "partner_key")
    _verify(form, partner_key)
    sent_at = _sent_at(form)
    if abs(now - sent_at) > TOLERANCE:
        raise _refusal(STALE, "timestamp", seconds=int(TOLERANCE.total_seconds()))
    status = as_int(form.get("status", ""))
    if status is None:
        raise _refusal(MISSING, "status", name="status")
    state, words = mapping.CALLBACK_STATUSES.get(status, (None, ""))
    return Callback(
        delivery_id=_text(form, "qid"),
        remote_id=_text(form, "video_id"),
        sent_at=sent_at,
        raw_state=f"status {status}",
        state=state,
        words=words,
        cover_url=form.get("preface_url", ""),
        size=as_int(form.get("total_size")),
        stored_size=as_int(form.get("total_transcode_size")),
        duration=as_float(form.get("length")),
        md5=form.get("file_md5", "").strip().lower(),
        definitions=tuple(name for name in form.get("now_definition", "").split(",") if name),
        origin_definition=form.get("origin_definition", ""),
    )


def read_play_request(form: Mapping[str, str]) -> PlayRequest:
    """Who asks for which video; raises `Refused`. The question carries no sign. Source: third-party authorization."""
    return PlayRequest(_text(form, "access_key"), _text(form, "video_id"))


def answer(refusal: str = "") -> Mapping[str, int | str]:
    """What Baijiayun takes for an acceptance, or for a refusal with these words."""
    return {"code": 1, "msg": refusal} if refusal else {"code": 0}


def _verify(form: Mapping[str, str], partner_key: str) -> None:
    """The sign covers every parameter that was received, known or not, except itself."""
    expected = sign({name: value for name, value in form.items() if name != "sign"}, partner_key)
    if not hmac.compare_digest(form.get("sign", "").encode(), expected.encode()):
        raise _refusal(BAD_SIGN, "sign")


def _sent_at(form: Mapping[str, str]) -> datetime:
    sent_at = beijing_time(form.get("timestamp", ""))
    if sent_at is None:
        raise _refusal(MISSING, "timestamp", name="timestamp")
    return sent_at.astimezone(UTC)


def _text(form: Mapping[str, str], name: str) -> str:
    text = form.get(name, "").strip()
    if not text:
        raise _refusal(MISSING, name, name=name)
    return text


def _refusal(text: str, field: str, **params: str | int) -> Refused:
    return Refused(say(text, **params), field=field, call="callback")
