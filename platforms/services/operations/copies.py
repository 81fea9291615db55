"""The files that a platform keeps of a video: made once more, removed, and the one that was uploaded deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from platforms.contract import CanDeleteSources, CanRemoveDefinitions, CanTranscodeAgain, Driver
from platforms.errors import PlatformError, Refused
from platforms.models import Account, Publication
from platforms.registry import driver_class
from platforms.services.operations.kind import NOTED, THERE, Arguments, Kind
from platforms.values import Choice, Copy, Field, Sentence, State, gettext_noop, say

DEFINITIONS = gettext_noop("Definitions")
FORMATS = gettext_noop("Formats")
REMOVED_BEFORE = gettext_noop("The platform no longer had any of these files.")
# What is done or has failed may be transcoded once more; a failed one has its source there.
FINISHED = frozenset({State.PUBLISHED, State.BLOCKED, State.REJECTED, State.FAILED})


def _fields(definitions: Sequence[Choice], formats: Sequence[Choice], every: str) -> tuple[Field, ...]:
    return (
        Field("definitions", DEFINITIONS, kind="choices", choices=tuple(definitions), required=True),
        Field("formats", FORMATS, kind="choices", choices=tuple(formats), help=every),
    )


def _transcode_fields(account: Account) -> tuple[Field, ...]:
    driver: Any = driver_class(account.platform)
    return _fields(driver.definitions, driver.formats, gettext_noop("Nothing chosen: all of them."))


def _remove_fields(account: Account) -> tuple[Field, ...]:
    driver: Any = driver_class(account.platform)
    words = gettext_noop("Nothing chosen: all of them. MP4 goes only together with, or after, the others.")
    return _fields(driver.definitions, driver.removable_formats, words)


def _transcode(driver: CanTranscodeAgain, publication: Publication, arguments: Arguments) -> None:
    driver.transcode_again(str(publication.remote_id), arguments["definitions"], arguments.get("formats", ()))


def _note_copies(driver: CanTranscodeAgain, publication: Publication, _arguments: Arguments) -> list[list[str]]:
    return sorted([copy.definition, copy.format] for copy in driver.copies(str(publication.remote_id)))


def _was_transcoded(driver: Driver, publication: Publication, arguments: Arguments) -> bool | None:
    """The platform is at it, or has made something that was not there before the call.

    Where all that was asked for had been there before, nothing of it tells whether it was made once more.
    """
    if arguments[NOTED] is None or not isinstance(driver, CanTranscodeAgain):
        return False
    remote_id = str(publication.remote_id)
    if any(remote.state == State.PROCESSING for remote in driver.look([remote_id])):
        return True
    before = {Copy(*copy) for copy in arguments[NOTED]}
    if driver.copies(remote_id) - before:
        return True
    formats = arguments.get("formats") or [choice.value for choice in driver.formats]
    wanted = {Copy(definition, one) for definition in arguments["definitions"] for one in formats}
    return None if wanted <= before else False


def _remove(driver: CanRemoveDefinitions, publication: Publication, arguments: Arguments) -> Sentence | None:
    """What is not there any more is refused: that is success."""
    remote_id, formats = str(publication.remote_id), arguments.get("formats", ())
    try:
        driver.remove_definitions(remote_id, arguments["definitions"], formats)
    except Refused as refusal:
        if _is_left(driver, remote_id, arguments["definitions"], formats):
            raise refusal from None
        return say(REMOVED_BEFORE)
    return None


def _is_left(driver: CanRemoveDefinitions, remote_id: str, definitions: Sequence[str], formats: Sequence[str]) -> bool:
    try:
        copies = driver.copies(remote_id)
    except PlatformError:
        return True  # the refusal says more than this
    return any(copy.definition in definitions and copy.format in (formats or copy.format) for copy in copies)


def _delete_source(driver: CanDeleteSources, publication: Publication, arguments: Arguments) -> None:
    _delete_sources(driver, [publication], arguments)


def _delete_sources(driver: CanDeleteSources, publications: Sequence[Publication], _arguments: Arguments) -> None:
    driver.delete_sources([str(publication.remote_id) for publication in publications])


TRANSCODE = Kind(
    "transcode",
    gettext_noop("Transcode again"),
    CanTranscodeAgain,
    gettext_noop("%(platform)s does not let videos be transcoded again."),
    _transcode,
    gettext_noop("The platform was told to transcode the video again."),
    states=FINISHED,
    is_repeatable=False,
    note=_note_copies,
    was_done=_was_transcoded,
    fields=_transcode_fields,
)
REMOVE_DEFINITIONS = Kind(
    "remove_definitions",
    gettext_noop("Remove definitions"),
    CanRemoveDefinitions,
    gettext_noop("%(platform)s does not let definitions be removed."),
    _remove,
    gettext_noop("The platform has removed the files of the definitions that were chosen."),
    states=FINISHED - {State.FAILED},
    fields=_remove_fields,
    is_destructive=True,
)
DELETE_SOURCES = Kind(
    "delete_sources",
    gettext_noop("Delete source file"),
    CanDeleteSources,
    gettext_noop("%(platform)s does not let source files be deleted."),
    _delete_source,
    gettext_noop("The platform has deleted the source file."),
    # While it is transcoded the platform needs it.
    states=THERE - {State.PROCESSING},
    looks_after=False,
    is_destructive=True,
    run_together=_delete_sources,
)
