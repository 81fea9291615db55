"""What the document lists: definitions, containers, extensions, statuses."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """``code`` as in API-2, ``info`` as in API-6, ``play`` as in API-23; ``height`` in pixels.

    The document gives three lists of five names in ascending quality and never relates them: they are paired in order.
    """

    code: str
    info: str
    play: str
    height: int


LADDER = (
    Definition("16", "low", "low", 180),
    Definition("1", "std", "high", 360),
    Definition("2", "high", "superHD", 540),
    Definition("4", "super", "720p", 720),
    Definition("8", "1080p", "1080p", 1080),
)
DEFINITIONS = {definition.code: definition for definition in LADDER}
RANKS = {definition.code: rank for rank, definition in enumerate(LADDER)}

MP4, ENCRYPTED = "1", "8"
FORMATS = {"1": "mp4", "2": "flv", "4": "m3u8"}
TYPES = {**FORMATS, ENCRYPTED: "encrypt"}

# API-3, in its spelling; "ram" and "mod" are in both of its lists.
# fmt: off
VIDEO_EXTENSIONS = frozenset([
    "wmv", "avi", "dat", "asf", "rm", "rmvb", "ram", "mpg", "mpeg", "3gp", "mov", "mp4", "m4v", "dvix", "dv", "mkv",
    "flv", "vob", "qt", "divx", "cpk", "fli", "flc", "mod",
])
AUDIO_EXTENSIONS = frozenset(["mp3", "wma", "wav", "mid", "midd", "kar", "ogg", "m4a", "ra", "ram", "mod"])
# fmt: on

UPLOADING, TRANSCODING, FAILED, TRANSCODE_TIMEOUT, UPLOAD_TIMEOUT, DONE = 10, 20, 30, 31, 32, 100
STATUSES = {
    UPLOADING: "上传中",
    TRANSCODING: "转码中",
    FAILED: "转码失败",
    TRANSCODE_TIMEOUT: "转码超时",
    UPLOAD_TIMEOUT: "上传超时",
    DONE: "转码成功",
}

UNREVIEWED, APPROVED, REFUSED = 0, 1, 2
PUBLISHED, HIDDEN = 1, 2


def definition_of(height: int) -> Definition:
    """The best definition that a picture of this height fills; 720p when the height is unknown (0)."""
    wanted = height or 720
    return max((step for step in LADDER if step.height <= wanted), key=lambda step: step.height, default=LADDER[0])


def reached(wanted: list[str], source: Definition) -> list[str]:
    """Which of the wanted definitions come out (API-2, notes): those within the source, or else the source's own."""
    return [code for code in wanted if RANKS[code] <= RANKS[source.code]] or [source.code]
