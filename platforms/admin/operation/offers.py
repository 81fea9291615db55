"""What people can do with videos that stand on platforms, in words: the button, and what will happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, ngettext_lazy

from platforms.admin.common.page import may
from platforms.services.operations.copies import DELETE_SOURCES, REMOVE_DEFINITIONS, TRANSCODE
from platforms.services.operations.deleting import DELETE
from platforms.services.operations.kind import Kind
from platforms.services.operations.moving import MOVE
from platforms.services.operations.showing import BLOCK, UNBLOCK

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Words


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind as pages offer it. `effect` says what will happen, `submit` and `done` count in `%(count)d`. What is
    `rare` stands in the menu of a page."""

    kind: Kind
    effect: Words
    submit: Words
    done: Words
    rare: bool = False

    @property
    def title(self) -> Words:
        """Of the page that asks."""
        return gettext_lazy(self.kind.label)

    @property
    def button(self) -> Words:
        """What opens that page."""
        return format_lazy("{}…", self.title)


OFFERS = (
    Offer(
        UNBLOCK,
        gettext_lazy("The platform shows it again."),
        ngettext_lazy("Unblock %(count)d video", "Unblock %(count)d videos", "count"),
        ngettext_lazy("%(count)d video is being unblocked.", "%(count)d videos are being unblocked.", "count"),
    ),
    Offer(
        BLOCK,
        gettext_lazy("The platform stops showing it. It stays there, and can be shown again at any time."),
        ngettext_lazy("Block %(count)d video", "Block %(count)d videos", "count"),
        ngettext_lazy("%(count)d video is being blocked.", "%(count)d videos are being blocked.", "count"),
    ),
    Offer(
        TRANSCODE,
        gettext_lazy(
            "The platform makes the chosen files once more from the file that was uploaded. "
            "Until that is done the video counts as being transcoded."
        ),
        ngettext_lazy("Transcode %(count)d video again", "Transcode %(count)d videos again", "count"),
        ngettext_lazy(
            "%(count)d video is being transcoded again.", "%(count)d videos are being transcoded again.", "count"
        ),
    ),
    Offer(
        MOVE,
        gettext_lazy("The platform puts it into the chosen category instead of the one that it stands in now."),
        ngettext_lazy("Move %(count)d video", "Move %(count)d videos", "count"),
        ngettext_lazy("%(count)d video is being moved.", "%(count)d videos are being moved.", "count"),
    ),
    Offer(
        REMOVE_DEFINITIONS,
        gettext_lazy(
            "The platform removes the chosen files for good and frees their storage. "
            "Only transcoding again brings them back, as long as the platform has the source file."
        ),
        ngettext_lazy("Remove them from %(count)d video", "Remove them from %(count)d videos", "count"),
        ngettext_lazy("%(count)d video is losing definitions.", "%(count)d videos are losing definitions.", "count"),
        rare=True,
    ),
    Offer(
        DELETE_SOURCES,
        gettext_lazy(
            "The platform deletes the file that was uploaded; what it has made of it goes on playing. "
            "It can no longer transcode the video again. The hub's own file stays."
        ),
        ngettext_lazy("Delete %(count)d source file", "Delete %(count)d source files", "count"),
        ngettext_lazy("%(count)d source file is being deleted.", "%(count)d source files are being deleted.", "count"),
        rare=True,
    ),
    Offer(
        DELETE,
        gettext_lazy("The platform deletes it for good, with its address and its plays. The hub keeps the history."),
        ngettext_lazy("Delete %(count)d on the platform", "Delete %(count)d on the platforms", "count"),
        ngettext_lazy("%(count)d video is being deleted.", "%(count)d videos are being deleted.", "count"),
        rare=True,
    ),
)
BY_NAME = {offer.kind.name: offer for offer in OFFERS}


def may_do(user: AbstractBaseUser | AnonymousUser, kind: Kind) -> bool:
    """Whether the user may have this done with publications."""
    return may(user, "delete" if kind.is_destructive else "change")
