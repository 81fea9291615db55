"""iQiyi's codes, states and tables as data: iqiyi-video-cloud.txt and the token codes of its public SDK."""

from __future__ import annotations

from platforms.errors import LoginExpired, QuotaReached, Refused, SessionLost, Temporary
from platforms.transport.meanings import Meaning
from platforms.values import State, gettext_noop

# The documents print both; the short one is a misprint that is accepted.
SUCCESS = frozenset({"A00000", "A0000"})
# Answered for an access token that a new one replaces.
STALE_TOKEN = frozenset({"A21332", "A21327"})

_RECONNECT = gettext_noop("iQiyi does not accept the access token any more (%(code)s): connect the account again.")
_BAD_CLIENT = gettext_noop("iQiyi does not know this client id and client secret (%(code)s): check both.")
_BAD_REQUEST = gettext_noop("iQiyi cannot read the request %(call)s (%(code)s): %(words)s")
_DENIED = gettext_noop("iQiyi does not let this application in (%(code)s): %(words)s")
_BUSY = gettext_noop("iQiyi is temporarily unavailable for %(call)s (%(code)s).")
_FAILED = gettext_noop("iQiyi refused %(call)s (%(code)s): %(words)s")
_UPLOAD_GONE = gettext_noop("iQiyi no longer knows this upload; it starts again.")
_NO_SUCH_UPLOAD = gettext_noop("iQiyi has no such upload (%(code)s): %(words)s")

UNKNOWN = Meaning(Refused, gettext_noop("iQiyi refused %(call)s with an unknown code %(code)s: %(words)s"))

# The same code means something else in each call: a row for the call comes before the one for all calls ("").
ERRORS: dict[tuple[str, str], Meaning] = {
    ("", "A21332"): Meaning(LoginExpired, _RECONNECT, "access_token"),
    ("", "A21327"): Meaning(LoginExpired, _RECONNECT, "access_token"),
    ("", "A21322"): Meaning(Refused, _BAD_REQUEST),
    ("", "A21323"): Meaning(Refused, _BAD_REQUEST),
    ("", "A21324"): Meaning(LoginExpired, _BAD_CLIENT, "client_secret"),
    ("", "A21325"): Meaning(LoginExpired, _RECONNECT, "refresh_token"),
    ("", "A21326"): Meaning(LoginExpired, _DENIED, "client_id"),
    ("", "A21328"): Meaning(Refused, _BAD_REQUEST),
    ("", "A21329"): Meaning(Refused, _BAD_REQUEST),
    ("", "A21330"): Meaning(LoginExpired, _DENIED, "client_id"),
    ("", "A21331"): Meaning(Temporary, _BUSY),
    ("", "Q00001"): Meaning(Refused, _FAILED),
    ("", "A00010"): Meaning(Refused, _BAD_REQUEST),
    # One code for everything that can be wrong with the metadata; mostly it is a word of the title.
    ("set_info", "Q00001"): Meaning(
        Refused, gettext_noop("iQiyi refused the title, description, tags or category (%(code)s): %(words)s"), "title"
    ),
    ("authorize", "A00007"): Meaning(Temporary, _BUSY),
    # The state of the application concerns all of the account's work, and only a person can change it.
    ("open_upload", "A00005"): Meaning(
        LoginExpired, gettext_noop("iQiyi has not approved this application yet (%(code)s)."), "client_id"
    ),
    ("open_upload", "A00007"): Meaning(
        LoginExpired, gettext_noop("iQiyi has turned this application down (%(code)s)."), "client_id"
    ),
    ("open_upload", "A00008"): Meaning(
        LoginExpired, gettext_noop("iQiyi has frozen this application (%(code)s)."), "client_id"
    ),
    ("open_upload", "A00009"): Meaning(
        LoginExpired, gettext_noop("This application has been deleted at iQiyi (%(code)s)."), "client_id"
    ),
    ("open_upload", "A00010"): Meaning(
        Refused, gettext_noop("iQiyi does not take this file (%(code)s): %(words)s"), "file"
    ),
    ("open_upload", "A00018"): Meaning(
        QuotaReached, gettext_noop("This application has used up its quota at iQiyi (%(code)s).")
    ),
    ("upload_range", "A00005"): Meaning(SessionLost, _UPLOAD_GONE),
    ("finish_upload", "A00005"): Meaning(SessionLost, _UPLOAD_GONE),
    ("cancel_upload", "A00005"): Meaning(Refused, _NO_SUCH_UPLOAD),
}

# fullStatus (section 4) says the state in `code`.
FULL_STATES: dict[str, tuple[State, str]] = {
    "A00000": (State.PUBLISHED, gettext_noop("Published")),
    "A0000": (State.PUBLISHED, gettext_noop("Published")),
    "A00001": (State.PROCESSING, gettext_noop("Being published")),
    "A00002": (State.REJECTED, gettext_noop("Refused in review")),
    "A00003": (State.MISSING, gettext_noop("There is no such video")),
    "A00004": (State.PROCESSING, gettext_noop("Being uploaded")),
    # A video that we follow has been finished by us: somebody else has cancelled it there.
    "A00006": (State.FAILED, gettext_noop("The upload was cancelled")),
    "A00007": (State.FAILED, gettext_noop("Publishing failed")),
    "Q00001": (State.FAILED, gettext_noop("Failed")),
}
# After uploadfinish: the file has arrived, whatever became of it.
ARRIVED = frozenset({"A00000", "A0000", "A00001", "A00002", "A00007"})
NEVER_COMES = frozenset({"A00003", "A00006"})

# `fileStatus` of videoListForExternal (section 5).
FILE_STATES: dict[int, tuple[State, str]] = {
    1: (State.PROCESSING, gettext_noop("Being published")),
    2: (State.PUBLISHED, gettext_noop("Published")),
    3: (State.REJECTED, gettext_noop("Refused in review")),
    4: (State.MISSING, gettext_noop("There is no such video")),
    5: (State.PROCESSING, gettext_noop("Being uploaded")),
    6: (State.FAILED, gettext_noop("The upload was cancelled")),
}

# The keys of play addresses (sections 4 and 6).
DEFINITIONS: dict[str, str] = {
    "96": gettext_noop("Fastest"),
    "1": gettext_noop("Smooth"),
    "2": gettext_noop("High (HD)"),
    "3": gettext_noop("Super"),
    "4": "720p",
    "5": "1080p",
}

# `file_type` of section 1.5, every entry that its table prints.
CATEGORIES: tuple[tuple[str, str], ...] = (
    ("1", gettext_noop("Films")),
    ("2", gettext_noop("TV series")),
    ("3", gettext_noop("Documentaries")),
    ("4", gettext_noop("Animation")),
    ("5", gettext_noop("Music")),
    ("6", gettext_noop("Variety shows")),
    ("7", gettext_noop("Entertainment")),
    ("8", gettext_noop("Games")),
    ("9", gettext_noop("Travel")),
    ("10", gettext_noop("Trailers")),
    ("12", gettext_noop("Education")),
    ("13", gettext_noop("Fashion")),
    ("15", gettext_noop("Children")),
    ("16", gettext_noop("Short films")),
    ("17", gettext_noop("Sports")),
    ("20", gettext_noop("Advertising")),
    ("21", gettext_noop("Lifestyle")),
    ("22", gettext_noop("Comedy")),
    ("24", gettext_noop("Finance")),
    ("25", gettext_noop("News")),
    ("26", gettext_noop("Cars")),
    ("27", gettext_noop("Originals")),
    ("28", gettext_noop("Military")),
)

# Section 1.1 names mp4 and avi as examples and no full list: these are the containers in common use.
EXTENSIONS = frozenset(
    {"mp4", "m4v", "mov", "avi", "flv", "f4v", "wmv", "asf", "mkv", "webm", "mpg", "mpeg", "ts", "mts", "m2ts", "3gp",
     "rm", "rmvb", "vob"}
)  # fmt: skip
