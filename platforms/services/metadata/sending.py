"""What a change of metadata does about each publication: told beforehand, checked, and sent to the platforms."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from platforms.models import Operation, OperationState, Publication, UploadSession
from platforms.services import publishing
from platforms.services.categories import mapping
from platforms.services.metadata import comparing
from platforms.services.metadata.comparing import FIELDS
from platforms.services.operations import asking
from platforms.services.operations.asking import ON_THEIR_WAY
from platforms.services.operations.editing import EDIT
from platforms.services.operations.kind import THERE
from platforms.services.publishing import Metadata, Obstacle, Target
from platforms.values import State


class Effect(StrEnum):
    """What a change of metadata does about one publication."""

    SENT = "sent"
    AFTER_UPLOAD = "after upload"
    WITH_UPLOAD = "with upload"
    KEPT = "kept"
    NOT_THERE = "not there"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change of some fields does about one publication.

    `fields` are those that reach the platform, `kept` those of which it keeps its own, `own` those that the publication
    has of its own, so that a change of the video does not concern it.
    """

    publication: Publication
    effect: Effect
    fields: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    @property
    def is_sent(self) -> bool:
        """Whether the platform is told, now or later."""
        return self.effect in (Effect.SENT, Effect.AFTER_UPLOAD)


def plans(
    publications: Iterable[Publication], fields: Collection[str], *, of_video: bool, beforehand: bool = False
) -> list[Plan]:
    """What a change of `fields` does; `of_video`: of the video's, else of what each publication has of its own.

    `beforehand`: nobody has said yet what they are changed to. All publications of a video come with its category.
    """
    rows = list(publications)
    begun = set(UploadSession.objects.filter(publication__in=rows).values_list("publication_id", flat=True))
    own = _own(rows, fields) if of_video else {}
    return [_plan(row, fields, own.get(row.pk, ()), is_begun=row.pk in begun, beforehand=beforehand) for row in rows]


def _own(rows: Sequence[Publication], fields: Collection[str]) -> dict[int, list[str]]:
    """The fields that publications have of their own: their video's do not concern them.

    A category is a publication's own when it is not what the video's stands for on the account.
    """
    found = {row.pk: [name for name in fields if name != "category" and getattr(row, name)] for row in rows}
    if "category" in fields and rows:
        standing = mapping.mapped(rows[0].video.category_id, [row.account_id for row in rows])
        for row in rows:
            found[row.pk] += ["category"] if row.category not in ("", standing.get(row.account_id, "")) else []
    return found


def _plan(
    publication: Publication, fields: Collection[str], own: Collection[str], *, is_begun: bool, beforehand: bool
) -> Plan:
    stays = tuple(name for name in FIELDS if name in own)
    concerned = [name for name in FIELDS if name in fields and name not in own]
    able = comparing.changeable(publication.account.platform)
    # An empty category leaves the video in the one that it stands in.
    unsaid = set() if beforehand or publication.category else {"category"}
    to_send = tuple(name for name in concerned if name in able - unsaid)
    kept = tuple(name for name in concerned if name not in to_send)
    if not concerned:
        return Plan(publication, Effect.OWN, own=stays)
    effect = _effect(publication, is_begun=is_begun)
    if effect in (Effect.SENT, Effect.AFTER_UPLOAD):
        return Plan(publication, effect if to_send else Effect.KEPT, to_send, kept, stays)
    return Plan(publication, effect, tuple(concerned), own=stays)


def _effect(publication: Publication, *, is_begun: bool) -> Effect:
    state = State(publication.state)
    if publication.remote_id and state in THERE:
        return Effect.SENT
    if state == State.UPLOADING or (state in ON_THEIR_WAY and is_begun):
        return Effect.AFTER_UPLOAD
    return Effect.WITH_UPLOAD if state in (*ON_THEIR_WAY, State.DRAFT) else Effect.NOT_THERE


def is_checked(plan: Plan, *, told: bool) -> bool:
    """Whether the platform's rules count: it gets the metadata with the file or, when it is `told`, afterwards."""
    return plan.publication.state in ON_THEIR_WAY or (plan.is_sent and told)


def matters(plan: Plan, field: str) -> bool:
    """Whether a platform's rule about this field counts: with the file it gets all of them, later what has changed."""
    return field in (plan.fields if plan.effect == Effect.SENT else FIELDS)


def obstacles(chosen: Iterable[Plan], metadata: Metadata | None = None) -> list[Obstacle]:
    """What platforms would refuse of the metadata that they are to be given.

    `metadata` are what the videos are about to have.
    """
    found = []
    for plan in chosen:
        row = plan.publication
        given, target = _as_given(row, metadata), Target(row.account, row.category, row.options)
        problems = publishing.obstacles(given, row.video, [target])
        found += [problem for problem in problems if matters(plan, problem.field)]
    return found


def _as_given(row: Publication, metadata: Metadata | None) -> Metadata:
    """A publication's metadata once its video has other ones."""
    if metadata is None:
        return Metadata(row.shown_title, row.shown_description, ",".join(row.shown_tags))
    return Metadata(row.title or metadata.title, row.description or metadata.description, row.tags or metadata.tags)


def send(chosen: Sequence[Plan], *, actor: str) -> int:
    """Have the platforms told, the latest wins; answers of how many publications.

    What waits already to be sent is sent along.
    """
    waiting = _waiting([plan.publication for plan in chosen])
    together: dict[tuple[str, ...], list[Publication]] = {}
    for plan in chosen:
        if plan.is_sent:
            fields = waiting.get(plan.publication.pk, frozenset()) | set(plan.fields)
            together.setdefault(tuple(name for name in FIELDS if name in fields), []).append(plan.publication)
    asked = [
        asking.ask(EDIT, rows, actor=actor, arguments={"fields": list(fields)}, once_there=True)
        for fields, rows in together.items()
    ]
    return sum(len(one.operations) for one in asked)


def _waiting(publications: Sequence[Publication]) -> Mapping[int, frozenset[str]]:
    """The fields that wait to be sent, by publication."""
    found: dict[int, frozenset[str]] = {}
    rows = Operation.objects.filter(publication__in=publications, kind=EDIT.name, state=OperationState.WAITING)
    for pk, arguments in rows.filter(planned_at=None).values_list("publication_id", "arguments"):
        found[pk] = found.get(pk, frozenset()) | set(arguments.get("fields", ()))
    return found
