"""Whose a request is, and in which language it is answered."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from mediahub.requests import client_address

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en-US,en"}


def test_the_site_speaks_its_own_language_until_somebody_chooses(client: Client):
    assert client.get("/admin/login/", headers=ENGLISH)["Content-Language"] == "zh-hans"
    client.post("/i18n/setlang/", {"language": "en", "next": "/admin/login/"})
    assert client.get("/admin/login/")["Content-Language"] == "en"


def test_a_language_that_the_site_does_not_speak_is_not_chosen(client: Client):
    client.cookies["django_language"] = "xx"
    assert client.get("/admin/login/")["Content-Language"] == "zh-hans"


@pytest.mark.parametrize(
    ("behind", "address"), [(False, "10.0.0.1"), (True, "203.0.113.9")], ids=["no proxy", "behind a proxy"]
)
def test_what_a_client_says_of_itself_counts_only_as_far_as_the_proxy_says_it(settings, behind, address):
    settings.BEHIND_PROXY = behind
    forwarded = "198.51.100.1, 203.0.113.9"
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address
