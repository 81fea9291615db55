"""Rows that pages are about, without a platform behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from platforms.models import Account, Publication, Pulse, UploadSession, Video
from platforms.services import accounts, events
from platforms.values import State, say

SECRETS = {"client_secret": "kept-secret-1", "access_token": "kept-token-2", "refresh_token": "kept-token-3"}
YOUKU = {"client_id": "shown-id", **SECRETS}


def add_account(name: str = "yk", **columns: Any) -> Account:
    account, _new = accounts.save_account(name, "youku", YOUKU, {}, actor="test")
    Account.objects.filter(pk=account.pk).update(**columns)
    account.refresh_from_db()
    return account


def add_publication(account: Account, state: State = State.QUEUED, **columns: Any) -> Publication:
    number = Video.objects.count() + 1
    video = Video.objects.create(title=f"Lesson {number}", original_name="lesson.mp4", size=1000, md5=f"{number:032}")
    publication = Publication.objects.create(
        video=video, account=account, state=state, bytes_total=1000, state_at=timezone.now(), **columns
    )
    events.record(publication, state, say("Something happened."), actor="test")
    return publication


def add_session(publication: Publication) -> UploadSession:
    token: Any = {"sts": "kept-sts-4"}
    return UploadSession.objects.create(
        publication=publication, protocol="oss", fingerprint="f", bytes_done=500, token=token
    )


def answering_workers() -> None:
    now = timezone.now()
    for queue in ("default", "uploads"):
        Pulse.objects.create(host="box", queue=queue, sent_at=now, answered_at=now, started_at=now - timedelta(hours=1))


def staff(*permissions: str) -> Client:
    """A signed-in client of a staff user with these permissions, such as `view_video`."""
    user = User.objects.create_user(f"staff-{User.objects.count()}", password="a long pass phrase", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    assert user.user_permissions.count() == len(permissions)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
