"""A hub that answers over real HTTP, and people who may add videos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User

from platforms.services.files import media
from tests.hub import probe_once
from tests.installed import PASSWORD
from tests.intake.tus_client import Person


def add_user(name: str, *permissions: str, staff: bool = True) -> User:
    user = User.objects.create_user(name, password=PASSWORD, is_staff=staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def folder(settings, tmp_path: Path, monkeypatch) -> Path:
    """Where files arrive; the media library looks once at the same bytes."""
    settings.LANGUAGE_CODE = "en"
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr(media, "probe", probe_once)
    return tmp_path / "media" / "incoming"


@pytest.fixture
def someone(live_server, folder) -> Callable[..., Person]:
    """A logged-in person who may add and see videos, or has the permissions that are given."""

    def make(name: str = "li", *permissions: str, staff: bool = True) -> Person:
        if not User.objects.filter(username=name).exists():
            add_user(name, *(permissions or ("add_video", "view_video")), staff=staff)
        return Person(live_server.url, name)

    return make


@pytest.fixture
def li(someone) -> Person:
    person: Person = someone("li")
    return person
