"""Access keys: signed tokens for viewers, and the answer when a platform asks whether one may watch."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.db import connection
from django.db.models import F
from django.utils import timezone

from platforms.contract import AsksBeforePlaying
from platforms.errors import Refused
from platforms.models import AccessKey, Account, Publication, Video
from platforms.registry import DRIVERS
from platforms.services import events
from platforms.services.callbacks import kind_of
from platforms.values import gettext_noop, say

SALT = "mediahub.access-key"
# Decides and counts in one statement, so that two plays at once cannot share the last one. It is asked at every play of
# every viewer: building it with the ORM takes several times as long as running it.
COUNT_PLAY = """
UPDATE platforms_accesskey SET plays = plays + 1, last_asked_at = %s
WHERE id = %s AND revoked_at IS NULL AND expires_at > %s AND (most_plays IS NULL OR plays < most_plays)
AND account_id = (SELECT id FROM platforms_account WHERE callback_id = %s AND platform = %s)
AND (video_id IS NULL OR EXISTS (
    SELECT 1 FROM platforms_publication AS publication
    WHERE publication.account_id = platforms_accesskey.account_id
    AND publication.video_id = platforms_accesskey.video_id AND publication.remote_id = %s))
"""

NOT_OURS = gettext_noop("The access key is not valid.")
EXPIRED = gettext_noop("The access key has expired.")
REVOKED = gettext_noop("The access key was withdrawn.")
USED_UP = gettext_noop("The access key was used %(plays)s times, which is all it allows.")
OTHER_VIDEO = gettext_noop("The access key is for another video.")


class CannotIssue(ValueError):
    """No such key can be issued; `sentence` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.sentence = say(text)


def platforms_that_ask() -> list[str]:
    """The platforms that ask us before they play."""
    return [name for name, driver in DRIVERS.items() if issubclass(driver, AsksBeforePlaying)]


def issue(
    account: Account, *, video: Video | None, expires_at: datetime, most_plays: int | None, viewer: str, actor: str
) -> AccessKey:
    """A new key for one video of the account, or for all of them (None). Raises `CannotIssue`."""
    check(account, video, expires_at)
    key = AccessKey.objects.create(
        account=account,
        video=video,
        expires_at=expires_at,
        most_plays=most_plays,
        viewer=viewer,
        created_by=actor[:150],
    )
    sentence = say(gettext_noop("An access key was issued to “%(viewer)s”."), viewer=str(key))
    events.record(account, "access_key", sentence, actor=actor, data={"key": str(key.pk)})
    return key


def check(account: Account, video: Video | None, expires_at: datetime) -> None:
    """Raises `CannotIssue` for a key that would be good for nothing."""
    if account.platform not in platforms_that_ask():
        raise CannotIssue(gettext_noop("This account's platform does not ask before it plays."))
    if expires_at <= timezone.now():
        raise CannotIssue(gettext_noop("The key would have expired already."))
    if video and not Publication.objects.filter(account=account, video=video).exists():
        raise CannotIssue(gettext_noop("This video is not published to this account."))


def token(key: AccessKey) -> str:
    """What the viewer carries as `access_key`. It can be made again at any time from the row."""
    return Signer(salt=SALT).sign(key.pk.hex)


def revoke(key: AccessKey, *, actor: str) -> bool:
    """Withdraw a key, at once; False when it was withdrawn already."""
    now = timezone.now()
    if AccessKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now) != 1:
        return False
    key.revoked_at = now
    sentence = say(gettext_noop("The access key of “%(viewer)s” was withdrawn."), viewer=str(key))
    events.record(key.account, "access_key", sentence, actor=actor, data={"key": str(key.pk)})
    return True


def authorize(platform: str, callback_id: str, form: Mapping[str, str]) -> None:
    """Whether the viewer in a platform's question may watch now; one play is counted. Raises `Refused`. Asks nobody."""
    kind = kind_of(platform)
    if kind is None or not issubclass(kind, AsksBeforePlaying):
        raise _refusal(NOT_OURS)
    asked = kind.read_play_request(form)
    key_id, now = _id_in(asked.access_key), timezone.now()
    if not _count_play(key_id, platform, callback_id, asked.remote_id, now):
        keys = AccessKey.objects.filter(pk=key_id, account__callback_id=callback_id, account__platform=platform)
        keys.update(refusals=F("refusals") + 1, last_asked_at=now)
        raise _why_not(keys.first(), now)


def _count_play(key_id: uuid.UUID, platform: str, callback_id: str, remote_id: str, now: datetime) -> bool:
    at = connection.ops.adapt_datetimefield_value(now)
    key = AccessKey._meta.pk.get_db_prep_value(key_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(COUNT_PLAY, [at, key, at, callback_id, platform, remote_id])
        return bool(cursor.rowcount == 1)


def _id_in(text: str) -> uuid.UUID:
    """The key that a token names; raises `Refused` for one that the hub has not signed."""
    try:
        return uuid.UUID(Signer(salt=SALT).unsign(text))
    except (BadSignature, ValueError):
        raise _refusal(NOT_OURS) from None


def _why_not(key: AccessKey | None, now: datetime) -> Refused:
    if key is None:
        return _refusal(NOT_OURS)
    if key.revoked_at:
        return _refusal(REVOKED)
    if key.expires_at <= now:
        return _refusal(EXPIRED)
    if key.most_plays is not None and key.plays >= key.most_plays:
        return _refusal(USED_UP, plays=key.plays)
    return _refusal(OTHER_VIDEO)


def _refusal(text: str, **params: int) -> Refused:
    return Refused(say(text, **params), field="access_key", call="authorize")
