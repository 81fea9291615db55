"""Categories: an account's tree with what stands in it, and what a person does with one category on its platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.account import importing
from platforms.admin.category import category_pages
from platforms.admin.category.category_fields import account_category_field
from platforms.admin.common.display import link, platform_label, when
from platforms.admin.common.lists import HubAdmin
from platforms.admin.common.page import may, may_view, show
from platforms.admin.site import site
from platforms.errors import PlatformError
from platforms.models import Account, Category
from platforms.models.category import LONGEST_NAME
from platforms.models.wording import render
from platforms.services.categories import changing, taking, tree

#: A tree that is longer can be searched.
MOST_UNSEARCHED = 15


@dataclass(frozen=True, slots=True)
class Tab:
    """One account that the page can show."""

    account: Account
    platform: SafeString
    url: str
    current: bool


class CategoryForm(forms.Form):
    """A category to add on an account's platform. What may be added is the service's to say."""

    required_css_class = "required"

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.fields["parent"] = account_category_field(account, label=_("Below"), required=False)
        self.fields["name"] = forms.CharField(
            label=_("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"class": "vTextField"})
        )

    def parent(self) -> Category | None:
        """The chosen parent's row."""
        chosen = self.cleaned_data["parent"]
        return Category.objects.get(account=self.account, remote_id=chosen) if chosen else None


@admin.register(Category, site=site)
class CategoryAdmin(HubAdmin):
    """The list is one account's tree. Rows come from platforms: they are added and deleted there."""

    class Media:
        css = {"all": ("mediahub/publish.css", "mediahub/categories.css")}
        js = ("mediahub/publish.js",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("sync/<int:account>/", view(self.sync_view), name="platforms_category_sync"),
            path("<int:pk>/refresh/", view(self.refresh_view), name="platforms_category_refresh"),
            path("<int:pk>/videos/", view(self.videos_view), name="platforms_category_videos"),
            path("<int:pk>/import/", view(self.import_view), name="platforms_category_import"),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).select_related("account").defer("account__credentials")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may delete an account deletes the hub's rows of its categories with it."""
        return may(request.user, "delete", "category") or (
            request.resolver_match is not None
            and request.resolver_match.url_name == "platforms_account_delete"
            and may(request.user, "delete", "account")
        )

    # The tree -------------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One account's categories as an indented tree; the address names the account."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        tabs, account = self._tabs(request)
        words = request.GET.get("q", "").strip()
        return show(
            self, request, "category/tree.html", _("Categories"), tabs=tabs, account=account, words=words,
            may_add_account=may(request.user, "add", "account"),
            **(self._about(request, account, words) if account else {}),
        )  # fmt: skip

    def _tabs(self, request: HttpRequest) -> tuple[list[Tab], Account | None]:
        accounts = [
            account
            for account in Account.objects.defer("credentials").order_by("platform", "name")
            if tree.has_categories(account)
        ]
        # Those whose categories people make come first: there is something to do.
        accounts.sort(key=lambda account: not tree.has_tree(account))
        wanted = request.GET.get("account", "")
        current = next((each for each in accounts if str(each.pk) == wanted), accounts[0] if accounts else None)
        return [
            Tab(each, platform_label(each.platform), tree_url(each), each is current) for each in accounts
        ], current  # fmt: skip

    def _about(self, request: HttpRequest, account: Account, words: str) -> dict[str, Any]:
        rows = category_pages.rows(account)
        return {
            "has_tree": tree.has_tree(account),
            "rows": [row for row in rows if words.casefold() in row.node.path.casefold()],
            "flat": bool(words),
            "count": len(rows),
            "searchable": len(rows) > MOST_UNSEARCHED,
            "gone": category_pages.gone(account),
            "adding": category_pages.being_added(account),
            "synced": when(account.categories_at),
            "levels": tree.levels(account),
            "account_link": link(account) if may_view(request.user, "account") else account,
            "may_see_publications": may_view(request.user, "publication"),
            "may_add": tree.has_tree(account) and self.has_add_permission(request),
            "may_change": self.has_change_permission(request),
            "may_delete": tree.has_tree(account) and may(request.user, "delete", "category"),
        }

    # What is done with categories -----------------------------------------------------------------------------------

    def sync_view(self, request: HttpRequest, account: int) -> HttpResponse:
        """Take in the account's categories, by POST."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        found = get_object_or_404(Account, pk=account)
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            counts = taking.sync(found, actor=request.user.get_username())
        except PlatformError as error:
            messages.error(request, _told(found, error))
        else:
            messages.success(request, category_pages.synced_text(found, counts))
        return HttpResponseRedirect(tree_url(found))

    def refresh_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take in one category with those directly below it, by POST."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        category = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, category):
            raise PermissionDenied
        try:
            counts = taking.refresh(category, actor=request.user.get_username())
        except PlatformError as error:
            messages.error(request, _told(category.account, error))
        else:
            messages.success(request, category_pages.refreshed_text(category, counts))
        return HttpResponseRedirect(tree_url(category.account))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add a category on the platform of the account that the address names."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        account = _named_account(request)
        if account is None:
            messages.info(request, _("Choose the account first, of those whose categories are your own."))
            return HttpResponseRedirect(reverse("admin:platforms_category_changelist"))
        data = request.POST if request.method == "POST" else None
        form = CategoryForm(account, data, initial={"parent": request.GET.get("parent", "")})
        if form.is_valid() and (added := self._add(request, form)):
            messages.success(request, _("The category “%(path)s” was added.") % {"path": added.path})
            return HttpResponseRedirect(tree_url(account))
        return show(
            self, request, "category/add.html", _("Add a category on %(account)s") % {"account": account}, form=form,
            account=account, levels=tree.levels(account), back=tree_url(account), media=self.media + form.media,
        )  # fmt: skip

    def _add(self, request: HttpRequest, form: CategoryForm) -> Category | None:
        try:
            return changing.add(
                form.account, form.cleaned_data["name"], form.parent(), actor=request.user.get_username()
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error)
        except PlatformError as error:
            form.add_error(None, _told(form.account, error))
        return None

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask whether a category is to be deleted on its platform, and do so when the answer is yes."""
        category = self._named(request, object_id)
        if not may(request.user, "delete", "category") or not tree.has_tree(category.account):
            raise PermissionDenied
        if request.method != "POST" or "confirm" not in request.POST:
            return show(
                self, request, "category/delete.html", _("Delete the category"), category=category,
                platform=platform_label(category.account.platform), back=tree_url(category.account),
                **category_pages.at_stake(category),
            )  # fmt: skip
        self._delete(request, category)
        return HttpResponseRedirect(tree_url(category.account))

    def _delete(self, request: HttpRequest, category: Category) -> None:
        words = {"path": category.path}
        try:
            was_there = changing.delete(category, actor=request.user.get_username())
        except PlatformError as error:
            messages.error(request, _told(category.account, error))
        else:
            done, gone = _("The category “%(path)s” was deleted."), _("The category “%(path)s” was already gone.")
            messages.success(request, (done if was_there else gone) % words)

    def videos_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The videos that stand in a category on the platform now, those below it included."""
        category = self._shown(request, pk)
        context: dict[str, Any] = {}
        try:
            context = category_pages.videos(category, actor=request.user.get_username())
        except PlatformError as error:
            messages.error(request, _told(category.account, error))
            return HttpResponseRedirect(tree_url(category.account))
        return show(
            self, request, "category/videos.html", tree.path_label(category), category=category,
            platform=platform_label(category.account.platform), back=tree_url(category.account),
            may_import=importing.may_import(request), **context,
        )  # fmt: skip

    def import_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have workers bring a category's videos into the hub, by POST; the account's page shows how far they are."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        category = self._shown(request, pk)
        if not importing.may_import(request):
            raise PermissionDenied
        importing.ask(request, [category.account], category=str(category.remote_id))
        if may_view(request.user, "account"):
            return HttpResponseRedirect(reverse("admin:platforms_account_change", args=[category.account_id]))
        return HttpResponseRedirect(tree_url(category.account))

    def _shown(self, request: HttpRequest, pk: int) -> Category:
        category = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_or_change_permission(request, category):
            raise PermissionDenied
        if not tree.has_tree(category.account):
            raise Http404
        return category

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Nothing of a category is edited here: its place in the tree is its page."""
        category = self._named(request, object_id)
        if not self.has_view_or_change_permission(request, category):
            raise PermissionDenied
        return HttpResponseRedirect(tree_url(category.account))

    def _named(self, request: HttpRequest, object_id: str) -> Category:
        """The category of an address, which may hold anything."""
        category: Category | None = self.get_object(request, object_id)
        if category is None:
            raise Http404
        return category


def tree_url(account: Account) -> str:
    """The page of the account's categories."""
    return reverse("admin:platforms_category_changelist") + "?" + urlencode({"account": account.pk})


def _named_account(request: HttpRequest) -> Account | None:
    """The account that the address names, of those that make their own categories; the only one needs no name."""
    named = request.GET.get("account", "")
    able = [account for account in Account.objects.defer("credentials") if tree.has_tree(account)]
    if not named and len(able) == 1:
        return able[0]
    return next((account for account in able if str(account.pk) == named), None)


def _told(account: Account, error: PlatformError) -> str:
    return _("%(name)s: %(text)s") % {"name": account.name, "text": render(error.sentence.as_json())}
