"""`Kind`: everything that there is to know about one verb, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platforms.models import Account, Publication
from platforms.values import Field, Sentence, State

Arguments = Mapping[str, Any]

# Where the platform has a video of the publication and works on it or has worked on it.
THERE = frozenset({State.PROCESSING, State.REVIEWING, State.PUBLISHED, State.BLOCKED, State.REJECTED})
NOTED = "noted"


def no_fields(_account: Account) -> tuple[Field, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One verb. All texts are English message ids.

    `capability` is the contract's class that the platform's driver must inherit, or several of which any will do;
    `lacks` says that it does not, with
    `%(platform)s` in it. `run` gets such a driver and does it: in one call, or in several of which each may be
    repeated. `done` is the sentence of the history; `run` may answer another one. `states` are those in which it makes
    sense.

    `is_repeatable`: the same call again does no harm. Without it a call whose answer was lost is not sent again unless
    `was_done` looks it up: True, False, or None where nobody can tell. What `note` answers before the call, JSON, is
    stored first, and `was_done` finds it among its arguments as `noted` (None: the call was never sent).
    `replaces_waiting`: a newer one makes an older one of the publication that has not begun needless.
    `looks_after`: what the platform says of the video afterwards is taken in.
    `waits_in`: while its publication is in one of these, it is not tried and holds up nobody.
    `is_of_schedule`: it belongs to a plan, which is moved and cancelled as such (`services/scheduling`), not here.

    `fields` are what a person chooses, for an account: `choices` become lists among the arguments, everything else
    texts, under the field's name. `is_per_account`: they are another choice for each account, not for each platform.
    `is_destructive`: what is lost cannot be had again from the platform; it takes the permission to delete.
    `run_together` does it for several publications of one account with the same arguments in one call, at most `most`;
    what it refuses as a whole is done one by one with `run`.

    `begin` hands it over to a service of its own, `run` being None: it marks the publication and answers whether it
    could. That service ends the operation. `why_not` then says why it cannot be done, instead of `states`.
    """

    name: str
    label: str
    capability: type | tuple[type, ...]
    lacks: str
    run: Callable[[Any, Publication, Arguments], Sentence | None] | None
    done: str
    states: frozenset[State] = THERE
    is_repeatable: bool = True
    was_done: Callable[[Any, Publication, Arguments], bool | None] | None = None
    replaces_waiting: bool = False
    looks_after: bool = True
    waits_in: frozenset[State] = frozenset()
    is_of_schedule: bool = False
    note: Callable[[Any, Publication, Arguments], Any] | None = None
    fields: Callable[[Account], tuple[Field, ...]] = no_fields
    is_per_account: bool = False
    is_destructive: bool = False
    run_together: Callable[[Any, Sequence[Publication], Arguments], None] | None = None
    most: int = 100
    begin: Callable[[Publication, str], bool] | None = None
    why_not: Callable[[Publication], str] | None = None
