"""Users and groups: nobody gives rights to themselves."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User

from platforms.admin import people
from tests.admin.rows import staff

pytestmark = pytest.mark.django_db


def test_staff_who_may_change_users_cannot_give_rights():
    client = staff("view_user", "change_user")
    other = User.objects.create_user("other")
    typed = {
        "username": "renamed", "is_active": "on", "is_staff": "on", "is_superuser": "on",
        "user_permissions": [Permission.objects.latest("id").pk],
    }  # fmt: skip
    assert client.post(f"/admin/auth/user/{other.pk}/change/", typed).status_code == 302
    other.refresh_from_db()
    assert (other.username, other.is_staff, other.is_superuser) == ("renamed", False, False)
    assert not other.user_permissions.exists()


def test_staff_cannot_touch_a_superuser(admin_user):
    client = staff("view_user", "change_user", "delete_user")
    assert client.post(f"/admin/auth/user/{admin_user.pk}/change/", {"username": "x"}).status_code == 403
    assert client.post(f"/admin/auth/user/{admin_user.pk}/password/", {"password1": "x"}).status_code == 403
    assert client.post(f"/admin/auth/user/{admin_user.pk}/delete/", {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [admin_user.pk], "post": "yes"}
    client.post("/admin/auth/user/", action)
    assert User.objects.filter(pk=admin_user.pk).exists()


def test_only_a_superuser_changes_groups(admin_client):
    assert staff("view_group").post("/admin/auth/group/add/", {"name": "x"}).status_code == 403
    assert admin_client.post("/admin/auth/group/add/", {"name": "Editors"}).status_code == 302


def test_permissions_are_named_by_what_they_let_one_do(admin_client):
    html = admin_client.get("/admin/auth/group/add/").content.decode()
    assert "Publications: delete on the platform" in html
    assert "Can add" not in html
    assert "access attempt" not in html


def test_whoever_has_the_right_to_issue_access_keys_finds_them_and_what_platforms_asked():
    assert {"view_accesskey", "add_accesskey", "change_accesskey", "view_delivery"} <= {
        permission.codename for permission in people.permissions()
    }
    client = staff("view_accesskey", "add_accesskey", "view_delivery")
    assert client.get("/admin/platforms/accesskey/add/").status_code == 200
    assert client.get("/admin/platforms/delivery/").status_code == 200
