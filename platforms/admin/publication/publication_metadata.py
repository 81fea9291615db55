"""A publication's metadata beside those on its platform: taken over or sent, and edited for this account alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from platforms.admin.common.display import NOTHING, badge
from platforms.admin.common.page import may, show
from platforms.admin.common.parts import PageView, Panel, Part
from platforms.admin.publication import publication_form, verbs
from platforms.admin.publication.publication_form import PublicationForm
from platforms.admin.publication.verbs import Verb
from platforms.admin.video import effects
from platforms.models import Operation, OperationState, Publication
from platforms.services.categories import tree
from platforms.services.metadata import changing, comparing, sending, settling
from platforms.services.metadata.comparing import FIELDS
from platforms.services.operations.editing import EDIT

COLOURS = {OperationState.WAITING: "queued", OperationState.RUNNING: "running", OperationState.FAILED: "bad"}
MEDIA = forms.Media(css={"all": ("mediahub/metadata.css",)})


@dataclass(frozen=True, slots=True)
class Line:
    """One field: what the hub has and what the platform says; what can be done where they differ."""

    name: str
    label: str
    ours: str
    theirs: str
    note: str
    differs: bool
    may_take: bool
    may_send: bool


def panel(request: HttpRequest, publication: Publication) -> Panel | None:
    """The card of the publication's page."""
    changes = may(request.user, "change")
    lines = [_line(publication, name, changes) for name in FIELDS]
    different = [line for line in lines if line.differs]
    context = {
        "publication": publication,
        "lines": lines,
        "differs": bool(different),
        "take_all": any(line.may_take for line in different) and len(different) > 1,
        "send_all": changes and len(different) > 1 and not settling.why_not_send(publication),
        "may_change": changes,
        "operation": _last(publication),
        "settle_url": reverse("admin:platforms_publication_settle", args=[publication.pk]),
        "edit_url": reverse("admin:platforms_publication_metadata", args=[publication.pk]),
    }
    return Panel("publication/metadata_panel.html", context, MEDIA)


def _line(publication: Publication, name: str, changes: bool) -> Line:
    different = {one.field: one for one in comparing.differences(publication)}
    ours, theirs = getattr(comparing.wanted(publication), name), getattr(publication, f"remote_{name}")
    said = theirs is not None and not (name == "title" and not theirs)
    return Line(
        name=name,
        label=_(FIELDS[name]),
        ours=_shown(publication, name, ", ".join(ours) if name == "tags" else ours),
        theirs=_shown(publication, name, theirs or "") if said else _unsaid(publication),
        note=_note(publication, name),
        differs=name in different,
        may_take=changes and name in different and not settling.why_not_take(publication, [name]),
        may_send=changes and name in different and not settling.why_not_send(publication, [name]),
    )


def _shown(publication: Publication, name: str, value: str) -> str:
    if name == "category" and value:
        return tree.named(publication.account, value)
    return value.replace(",", ", ").replace(",  ", ", ") if name == "tags" and value else value or NOTHING


def _unsaid(publication: Publication) -> str:
    return _("The platform does not tell.") if publication.remote_id else NOTHING


def _note(publication: Publication, name: str) -> str:
    """What there is to know about the field before anything is pressed."""
    if name not in comparing.changeable(publication.account.platform):
        return _("The platform keeps its own: it does not let this be changed from outside.")
    if name != "category" and getattr(publication, name):
        return _("This account has its own.")
    return ""


def _last(publication: Publication) -> dict[str, Any] | None:
    """The latest sending, while it waits or when it has failed."""
    row = Operation.objects.filter(publication=publication, kind=EDIT.name).first()
    if row is None or row.state not in COLOURS:
        return None
    fields = effects.names(row.arguments.get("fields", ()))
    state = OperationState(row.state)
    return {"badge": badge(COLOURS[state], state.label), "fields": fields, "error": row.error_text}


# Views ----------------------------------------------------------------------------------------------------------------


def settle_view(model_admin: admin.ModelAdmin[Publication], request: HttpRequest, pk: int) -> HttpResponse:
    """Take the platform's metadata over, or send the hub's; POST only. `field` names one, else all that differ."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    publication = _publication(model_admin, request, pk)
    verb, field = SIDES.get(request.POST.get("side", "")), request.POST.get("field", "")
    if verb is None or (field and field not in FIELDS):
        raise Http404
    one_field = _for_field(verb, field) if field else verb
    tally = verbs.apply(one_field, [publication], may=_may(request), actor=request.user.get_username())
    tally.tell(request, verb.done)
    return HttpResponseRedirect(reverse("admin:platforms_publication_change", args=[pk]))


def edit_view(model_admin: admin.ModelAdmin[Publication], request: HttpRequest, pk: int) -> HttpResponse:
    """The publication's own metadata: what is left empty is the video's."""
    publication = _publication(model_admin, request, pk)
    data = request.POST if request.method == "POST" else None
    form = PublicationForm(publication, data)
    if form.is_bound and form.is_valid():
        try:
            publication_form.save(request, publication, form)
            return HttpResponseRedirect(reverse("admin:platforms_publication_change", args=[pk]))
        except changing.Conflict:
            # Somebody else has saved since the form was checked: checked again, it says so.
            publication.refresh_from_db()
            form = PublicationForm(publication, data)
    (plan,) = sending.plans([publication], list(FIELDS), of_video=False, beforehand=True)
    title = _("Metadata on %(account)s") % {"account": publication.account}
    return show(
        model_admin, request, "publication/metadata.html", title, publication=publication, form=form,
        metadata_media=MEDIA, effects=effects.rows([plan]), may_send=plan.is_sent,
    )  # fmt: skip


def _publication(model_admin: admin.ModelAdmin[Publication], request: HttpRequest, pk: int) -> Publication:
    publication = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if not model_admin.has_change_permission(request, publication):
        raise PermissionDenied
    return publication


# Both sides, for one and for many -------------------------------------------------------------------------------------


def _take(publication: Publication, *, actor: str) -> bool:
    try:
        return settling.take_theirs(publication, actor=actor)
    except changing.Conflict:
        return False


TAKE = Verb(
    "take",
    gettext_lazy("Take theirs"),
    gettext_lazy("Take over the platform's metadata where they differ"),
    ngettext_lazy(
        "%(count)d publication has the platform's metadata now.",
        "%(count)d publications have the platforms' metadata now.",
        "count",
    ),
    settling.why_not_take,
    _take,
)  # fmt: skip
SEND = Verb(
    "send",
    gettext_lazy("Send ours"),
    gettext_lazy("Send the hub's metadata where they differ"),
    ngettext_lazy(
        "The metadata of %(count)d publication are being sent.",
        "The metadata of %(count)d publications are being sent.",
        "count",
    ),
    settling.why_not_send,
    settling.send_ours,
)  # fmt: skip
SIDES = {verb.name: verb for verb in (TAKE, SEND)}


def _for_field(verb: Verb, field: str) -> Verb:
    """The verb for one field alone."""

    def why_not(publication: Publication) -> str:
        return str((settling.why_not_take if verb is TAKE else settling.why_not_send)(publication, [field]))

    def run(publication: Publication, *, actor: str) -> bool:
        side = settling.take_theirs if verb is TAKE else settling.send_ours
        try:
            return side(publication, [field], actor=actor)
        except changing.Conflict:
            return False

    return Verb(verb.name, verb.label, verb.action, verb.done, why_not, run)


def _may(request: HttpRequest) -> Callable[[Publication], bool]:
    allowed = may(request.user, "change")
    return lambda _publication: allowed


@admin.action(description=TAKE.action, permissions=["change"])
def take_theirs(model_admin: Any, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
    """Of every selected publication."""
    model_admin.apply_verb(request, queryset, TAKE)


@admin.action(description=SEND.action, permissions=["change"])
def send_ours(model_admin: Any, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
    """Of every selected publication."""
    model_admin.apply_verb(request, queryset, SEND)


ACTIONS: Sequence[Callable[..., Any]] = (take_theirs, send_ours)
PART = Part(
    panel=panel,
    views=(
        PageView("<int:pk>/settle/", "settle", settle_view),
        PageView("<int:pk>/metadata/", "metadata", edit_view),
    ),
    actions=tuple(ACTIONS),
)
