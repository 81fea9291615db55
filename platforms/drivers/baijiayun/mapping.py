"""Baijiayun's states, choices and file types as data (baijiayun-vod.txt).

The document lists not one error code: whatever is not success is a refusal that keeps the platform's own words.
"""

from __future__ import annotations

from platforms.errors import Refused
from platforms.transport.meanings import Meaning
from platforms.values import Choice, State, gettext_noop

SUCCESS = "0"
UPLOAD_SUCCESS = "1"  # on the upload address, and only there

UNKNOWN = Meaning(Refused, gettext_noop("Baijiayun refused %(call)s (code %(code)s): %(words)s"))
CHECK_CREDENTIALS = gettext_noop(
    "Baijiayun refuses the account: check partner_id, partner_key, secret_key and private_domain. It says: %(words)s"
)
CHECK_CLOCK = gettext_noop(
    "Baijiayun refuses the account, and its clock and this machine's are %(minutes)s minutes apart; it refuses what "
    "was signed at another time than its own. Set the clock of this machine, then check the account. It says: %(words)s"
)

UPLOADING, TRANSCODING, FAILED, TRANSCODE_TIMEOUT, UPLOAD_TIMEOUT, DONE = 10, 20, 30, 31, 32, 100
# `status` of API-5, API-6 and API-31. DONE goes on with the audit and the publish status below.
STATUSES: dict[int, tuple[State, str]] = {
    UPLOADING: (State.PROCESSING, gettext_noop("Being uploaded")),
    TRANSCODING: (State.PROCESSING, gettext_noop("Being transcoded")),
    FAILED: (State.FAILED, gettext_noop("Transcoding failed")),
    TRANSCODE_TIMEOUT: (State.FAILED, gettext_noop("Transcoding took too long")),
    UPLOAD_TIMEOUT: (State.FAILED, gettext_noop("The upload took too long")),
}
# `status` of a callback. What became of a video that is transcoded only a look can tell.
CALLBACK_STATUSES: dict[int, tuple[State | None, str]] = {
    TRANSCODING: STATUSES[TRANSCODING],
    FAILED: STATUSES[FAILED],
    DONE: (None, gettext_noop("Transcoding is done")),
}
# The whole file is there in these.
ARRIVED = frozenset({TRANSCODING, FAILED, TRANSCODE_TIMEOUT, DONE})

AUDIT_REFUSED = 2  # every other `audit_status` plays
PUBLISH, BLOCK = 1, 2  # what API-26 takes
PUBLISHED = 1  # every other `publish_status` is blocked: the documents disagree on which there are

REJECTED_WORDS = gettext_noop("Refused in review")
PUBLISHED_WORDS = gettext_noop("Published")
BLOCKED_WORDS = gettext_noop("Blocked")

# `status` of API-20, the state of the service; 1 runs.
SERVICE_STATES: dict[int, str] = {
    0: gettext_noop("Baijiayun says that video on demand is not activated for this account."),
    2: gettext_noop("Baijiayun says that video on demand is closed for this account."),
}

DEFINITIONS: tuple[Choice, ...] = (
    Choice("16", gettext_noop("Standard (SD)")),
    Choice("1", gettext_noop("High (HD)")),
    Choice("2", gettext_noop("Super")),
    Choice("4", "720p"),
    Choice("8", "1080p"),
)
FORMATS: tuple[Choice, ...] = (Choice("1", "MP4"), Choice("2", "FLV"), Choice("4", "M3U8"))
MP4 = "1"
REMOVABLE_FORMATS = (*FORMATS, Choice("8", gettext_noop("Encrypted")))  # `type` of API-8
# API-6 names definitions and formats where the other calls have codes. The documents never relate the two lists of five
# definitions: they are paired in order, each ascending in quality.
INFO_DEFINITIONS = {"low": "16", "std": "1", "high": "2", "super": "4", "1080p": "8"}
INFO_FORMATS = {"mp4": "1", "flv": "2", "m3u8": "4", "encrypt": "8"}
ENCRYPT: tuple[Choice, ...] = (Choice("1", gettext_noop("Encrypted")), Choice("2", gettext_noop("Not encrypted")))

# API-3, as it writes them.
VIDEO_EXTENSIONS = frozenset(
    {"wmv", "avi", "dat", "asf", "rm", "rmvb", "ram", "mpg", "mpeg", "3gp", "mov", "mp4", "m4v", "dvix", "dv", "mkv",
     "flv", "vob", "qt", "divx", "cpk", "fli", "flc", "mod"}
)  # fmt: skip
AUDIO_EXTENSIONS = frozenset({"mp3", "wma", "wav", "mid", "midd", "kar", "ogg", "m4a", "ra", "ram", "mod"})
SUBTITLE_EXTENSIONS = frozenset({"vtt", "srt"})  # API-32

CONTAINERS = ("mp4", "m3u8", "flv")  # `format` of API-23; encrypted files play in Baijiayun's own player alone
# The keys of `play_info` in API-23.
PLAY_DEFINITIONS: dict[str, str] = {
    "low": gettext_noop("Standard (SD)"),
    "high": gettext_noop("High (HD)"),
    "superHD": gettext_noop("Super"),
    "720p": "720p",
    "1080p": "1080p",
    "audio": gettext_noop("Sound"),
}

MONTHLY = 0  # `charge_type` of API-20
ALL_LINES = "total"  # the sum in API-39
# `client_type` of API-24 and API-25.
CLIENTS: dict[int, str] = {
    0: gettext_noop("Unknown"),
    1: "iPhone",
    2: "iPad",
    3: "Android",
    4: gettext_noop("Phone browser"),
    5: gettext_noop("Computer browser"),
}
