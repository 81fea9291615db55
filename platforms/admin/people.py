"""Users and groups, with the permissions that mean something in the hub."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.common.display import labelled, when
from platforms.admin.site import site

# Only a superuser gives rights: whoever may change users could otherwise give all rights to themselves.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
ALL = ("view", "add", "change", "delete")
# What the admin asks about, model by model; the rest of Django's permissions would promise what does not exist.
MEANINGFUL = {
    "video": ALL,
    "publication": ALL,
    "account": ALL,
    "videotemplate": ALL,
    "category": ALL,
    "hubcategory": ALL,
    "accesskey": ("view", "add", "change"),
    "delivery": ("view",),
    "event": ("view",),
    "uploadsession": ("view",),
    "pulse": ("view", "delete"),
    "user": ALL,
    "group": ("view",),
}


class PermissionChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Permissions named by what they let one do."""

    def label_from_instance(self, permission: Permission) -> str:
        model = permission.content_type.model_class()
        name = str(model._meta.verbose_name_plural).capitalize() if model else permission.content_type.model
        return labelled(name, permission_text(permission))


def permission_text(permission: Permission) -> str:
    """What a permission lets one do."""
    own = {
        "add_publication": _("publish"),
        "change_publication": _("retry, pause, cancel, refresh"),
        "delete_publication": _("delete on the platform"),
        "change_account": _("change, check, refresh token"),
        "add_category": _("add on the platform"),
        "change_category": _("sync, refresh"),
        "delete_category": _("delete on the platform"),
        "add_accesskey": _("issue"),
        "change_accesskey": _("withdraw"),
    }
    verbs = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("view")}
    verb = permission.codename.split("_", 1)[0]
    return own.get(permission.codename) or verbs.get(verb, permission.name)


def permissions() -> QuerySet[Permission]:
    """The permissions of what the admin shows, by model."""
    names = [f"{verb}_{model}" for model, verbs in MEANINGFUL.items() for verb in verbs]
    rows = Permission.objects.filter(content_type__app_label__in=("platforms", "auth"), codename__in=names)
    return rows.select_related("content_type").order_by("-content_type__app_label", "content_type__model", "codename")


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Django's form; its own warning is in the site's language, whatever the reader's is."""

    usable_password_help_text = format_lazy(  # type: ignore[assignment]
        '<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        gettext_lazy("The present password is lost, and the user cannot log in without one."),
    )


@admin.register(User, site=site)
class HubUserAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "email", "is_active", "is_staff", "is_superuser", "signed_in")
    list_per_page = 50
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    change_password_form = PasswordForm

    @admin.display(description=gettext_lazy("last login"), ordering="last_login")
    def signed_in(self, user: User) -> SafeString:
        return when(user.last_login)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs |= {"widget": forms.CheckboxSelectMultiple(attrs={"class": "choices"})}
        if db_field.name == "user_permissions":
            kwargs |= {"queryset": permissions(), "form_class": PermissionChoice}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        found = tuple(super().get_readonly_fields(request, obj))
        return found if request.user.is_superuser else (*found, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_below(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_below(request, obj)


@admin.register(Group, site=site)
class HubGroupAdmin(GroupAdmin):
    filter_horizontal = ()

    def formfield_for_manytomany(  # type: ignore[override]
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "permissions":
            kwargs |= {"queryset": permissions(), "form_class": PermissionChoice}
            kwargs |= {"widget": forms.CheckboxSelectMultiple(attrs={"class": "choices"})}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.is_superuser


def _is_below(request: HttpRequest, obj: Model | None) -> bool:
    """A superuser is changed by superusers only: whoever sets the password is the user."""
    return request.user.is_superuser or not getattr(obj, "is_superuser", False)
