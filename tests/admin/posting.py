"""What a browser sends from the forms of videos and publications, and what tests look for on the page that follows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from platforms.models import Account
from platforms.services import accounts
from tests.admin.rows import YOUKU
from tests.hub import SAMPLE

CREDENTIALS = {
    "youku": YOUKU,
    "iqiyi": {"client_id": "id", "client_secret": "kept-secret"},
    "baijiayun": {"private_domain": "b1", "partner_id": "1", "partner_key": "kept-key"},
}
ADD = "/admin/platforms/video/add/"
GOOD = {"title": "第一课 认识分数", "description": "三年级数学", "tags": "数学, 三年级"}
OPTIONS = {"youku-copyright_type": "original", "youku-public_type": "all", "baijiayun-definition": ["16", "1"]}


def add_one_account_each() -> list[Account]:
    """A Youku, an iQiyi and a Baijiayun account."""
    return [accounts.save_account(p, p, given, {}, actor="test")[0] for p, given in CREDENTIALS.items()]


def sample(name: str = "lesson.mp4") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, SAMPLE.read_bytes(), "video/mp4")


def form(to: Iterable[Account] = (), button: str = "_publish", **changes: Any) -> dict[str, Any]:
    """A form that every platform takes, with `changes`; names with a dash are given with `__`."""
    given = {name.replace("__", "-"): value for name, value in changes.items()}
    data = GOOD | OPTIONS | {"accounts": [account.pk for account in to], button: "1"} | given
    return {name: value for name, value in data.items() if value is not None}


def told(response: Any) -> str:
    """The messages on the page that a followed answer ended at."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request)) or text(response)


def text(response: Any) -> str:
    """The page's words, without tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def hidden(response: Any, name: str) -> str:
    """The value of a hidden input of the page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode())
    assert found, f"no hidden {name}"
    return html.unescape(found.group(1))


def page_of(row: Any) -> str:
    return reverse(f"admin:platforms_{row._meta.model_name}_change", args=[row.pk])
