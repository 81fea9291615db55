"""The one list of what people can do with videos on platforms."""

from __future__ import annotations

from platforms.services.operations.copies import DELETE_SOURCES, REMOVE_DEFINITIONS, TRANSCODE
from platforms.services.operations.deleting import DELETE
from platforms.services.operations.editing import EDIT
from platforms.services.operations.kind import Kind
from platforms.services.operations.moving import MOVE
from platforms.services.operations.showing import BLOCK, UNBLOCK
from platforms.services.scheduling.kinds import BLOCK_THEN, HOLD, PUBLISH_THEN
from platforms.services.subtitles import pushing, syncing

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        BLOCK,
        UNBLOCK,
        TRANSCODE,
        MOVE,
        REMOVE_DEFINITIONS,
        DELETE_SOURCES,
        DELETE,
        EDIT,
        pushing.KIND,
        syncing.KIND,
        HOLD,
        PUBLISH_THEN,
        BLOCK_THEN,
    )
}
