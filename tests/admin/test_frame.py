"""Every page has the hub's frame and keeps to the strict content security policy."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from platforms.admin.site import site
from platforms.models import Event, Publication, Pulse
from platforms.values import State
from tests.admin.rows import add_account, add_publication, add_session, answering_workers

pytestmark = pytest.mark.django_db

LISTS = ["video", "publication", "account", "event", "uploadsession", "pulse", "operation", "bulkupload", "category",
         "hubcategory", "videotemplate", "accesskey", "delivery"]  # fmt: skip
PAGES = [
    *(f"/admin/platforms/{name}/" for name in LISTS),
    "/admin/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/auth/group/",
    "/admin/auth/group/add/",
    "/admin/platforms/account/add/",
    "/admin/platforms/account/add/?platform=youku",
    "/admin/platforms/account/add/?platform=iqiyi",
    "/admin/platforms/account/add/?platform=baijiayun",
    "/admin/platforms/account/{account}/change/",
    "/admin/platforms/account/{account}/history/",
    "/admin/platforms/event/{event}/change/",
    "/admin/platforms/uploadsession/{uploadsession}/change/",
    "/admin/platforms/pulse/{pulse}/change/",
    "/admin/platforms/pulse/{pulse}/delete/",
    "/admin/platforms/video/add/",
    "/admin/platforms/video/upload/",
    "/admin/platforms/video/logged-in/",
    "/admin/platforms/publication/schedule/",
    "/admin/platforms/bulkupload/add/",
    "/admin/platforms/hubcategory/add/",
    "/admin/platforms/videotemplate/add/",
    "/admin/platforms/accesskey/add/",
    "/admin/password_change/",
    "/admin/login/?next=/admin/",
]
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


@pytest.fixture
def rows(db) -> dict[str, int]:
    account = add_account()
    session = add_session(add_publication(account, State.UPLOADING))
    answering_workers()
    event, pulse = Event.objects.latest("id"), Pulse.objects.latest("id")
    return {"account": account.pk, "event": event.pk, "uploadsession": session.pk, "pulse": pulse.pk}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_in_the_frame_without_inline_code(page, admin_client, rows):
    answer = admin_client.get(page.format(**rows), follow=True)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "mediahub/tokens.css" in html
    assert INLINE.findall(html) == []


def test_the_policy_forbids_inline_code_and_foreign_sources(admin_client):
    policy = admin_client.get("/admin/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert "unsafe" not in policy


def test_the_navigation_groups_by_what_staff_do(admin_client):
    groups = admin_client.get("/admin/").context["available_apps"]
    shown = {str(group["name"]): [model["object_name"] for model in group["models"]] for group in groups}
    assert shown == {
        "Publishing": ["Video", "BulkUpload", "Publication", "Operation", "VideoTemplate", "HubCategory"],
        "Platforms": ["Account", "Category", "AccessKey"],
        "Monitoring": ["Event", "Delivery", "UploadSession", "Pulse"],
        "System": ["User", "Group"],
    }


def test_only_the_hubs_own_models_users_and_groups_have_pages():
    labels = {model._meta.app_label for model in site._registry}
    assert labels == {"platforms", "auth"}


def test_the_pages_per_application_lead_home(admin_client):
    assert admin_client.get("/admin/platforms/").url == reverse("admin:index")


def test_the_language_is_switched_without_scripts(admin_client):
    answer = admin_client.post(reverse("set_language"), {"language": "zh-hans", "next": "/admin/"}, follow=True)
    assert '<html lang="zh-hans"' in answer.content.decode()
    answer = admin_client.post(reverse("set_language"), {"language": "en", "next": "/admin/"}, follow=True)
    assert '<html lang="en"' in answer.content.decode()


def test_signing_in_and_out(client, admin_user):
    page = client.get("/admin/login/")
    assert "Publish your videos" in page.content.decode()
    answer = client.post("/admin/login/?next=/admin/", {"username": "admin", "password": "password"}, follow=True)
    assert answer.context["user"] == admin_user
    assert "You are logged out" in client.post(reverse("admin:logout")).content.decode()
    assert client.get("/admin/").status_code == 302


def test_events_and_sessions_cannot_be_written_by_hand(admin_client, rows):
    event, publication = Event.objects.latest("id"), Publication.objects.get()
    for path in ("event/add/", "uploadsession/add/", "pulse/add/", f"event/{event.pk}/delete/"):
        assert admin_client.post(f"/admin/platforms/{path}", {}).status_code == 403
    assert admin_client.post(f"/admin/platforms/event/{event.pk}/change/", {"kind": "x"}).status_code == 403
    assert admin_client.post(f"/admin/platforms/uploadsession/{publication.session.pk}/delete/").status_code == 403


def test_the_token_of_a_session_is_never_shown(admin_client, rows):
    session = Publication.objects.get().session
    for path in ("", f"{session.pk}/change/"):
        assert "kept-sts-4" not in admin_client.get(f"/admin/platforms/uploadsession/{path}").content.decode()
