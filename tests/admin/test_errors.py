"""Pages for what goes wrong, in the hub's look and without its data."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_missing_page(admin_client):
    answer = admin_client.get("/admin/nothing/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_a_forbidden_page(client, django_user_model):
    user = django_user_model.objects.create_user("clerk", is_staff=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/admin/platforms/account/")
    assert answer.status_code == 403
    assert "You may not see this" in answer.content.decode()


def test_a_request_that_cannot_be_understood(admin_client, settings):
    settings.ALLOWED_HOSTS = ["hub.example.com"]
    answer = admin_client.get("/admin/")
    assert answer.status_code == 400
    assert "This request cannot be understood" in answer.content.decode()


@pytest.mark.parametrize("address", ["/admin/platforms/video/?state=%00", "/admin/platforms/video/%00/change/"])
def test_an_address_that_no_database_looks_up(admin_client, address):
    answer = admin_client.get(address)
    assert answer.status_code == 400
    assert "This request cannot be understood" in answer.content.decode()


def test_a_form_from_another_tab(admin_user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    answer = strict.post("/admin/platforms/account/add/")
    assert answer.status_code == 403
    assert "This form is no longer valid" in answer.content.decode()


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_each_page_needs_no_context(name):
    html = render_to_string(name)
    assert "<style" not in html
    assert " style=" not in html
    assert "mediahub/frame.css" in html


def test_an_error_of_the_hub_is_a_page(monkeypatch, admin_client):
    def broken(user: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("platforms.admin.home.overview", broken)
    admin_client.raise_request_exception = False
    answer = admin_client.get("/admin/")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
    assert "secret detail" not in answer.content.decode()


def test_too_many_wrong_passwords_are_told_in_a_sentence(client, admin_user):
    for _attempt in range(5):
        answer = client.post("/admin/login/", {"username": "admin", "password": "wrong"})
    assert answer.status_code == 429
    html = answer.content.decode()
    assert "locked for 30 minutes after 5 wrong" in " ".join(html.split())
    right = client.post("/admin/login/", {"username": "admin", "password": "password"})
    assert right.status_code == 429
