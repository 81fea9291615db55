"""Youku's codes and words, as data: errors, states of a video, choices of the forms, categories, OSS errors."""

from __future__ import annotations

from platforms.errors import (
    BadAnswer,
    Corrupted,
    Duplicate,
    Gone,
    LoginExpired,
    QuotaReached,
    Refused,
    SessionLost,
    Temporary,
)
from platforms.transport.meanings import Meaning
from platforms.values import Choice, State, gettext_noop

UNKNOWN = Meaning(Refused, gettext_noop("Youku refuses the call %(call)s (code %(code)s): %(words)s"))
UNKNOWN_FAULT = Meaning(Temporary, gettext_noop("Youku reports a fault for %(call)s (code %(code)s): %(words)s"))

BUSY = gettext_noop("Youku has a fault of its own at the moment (code %(code)s): %(words)s")
FORM = gettext_noop("Youku does not take the call %(call)s in this form (code %(code)s): %(words)s")
UPLOAD_GONE = gettext_noop("Youku no longer knows this upload (%(words)s); it starts again from the beginning.")
ARRIVED_DAMAGED = gettext_noop("A part of the file arrived damaged at Youku.")
DUPLICATE = gettext_noop("This Youku account has already uploaded this very file.")
TITLE_FORBIDDEN = gettext_noop("Youku does not allow words of the title: %(words)s")
TAGS_FORBIDDEN = gettext_noop("Youku does not allow words of the tags: %(words)s")
DESCRIPTION_FORBIDDEN = gettext_noop("Youku does not allow words of the description: %(words)s")
RECONNECT = gettext_noop("Youku no longer accepts the refresh token: a person has to connect the account again.")
NO_REFRESH_TOKEN = gettext_noop("The Youku account has no refresh token: a person has to connect the account again.")
NO_CLIENT_SECRET = gettext_noop(
    "Youku exchanges the code only for an application that names its client_secret: enter it."
)
NO_LOGIN = gettext_noop("Enter an access token, or the client_secret to connect the account on Youku's own page.")
RENEWED_MEANWHILE = gettext_noop("Other processes keep renewing the account's token; the code has not been used.")

LOST_CREATE = gettext_noop(
    "Youku's answer to creating this upload was lost, and the account shows an unfinished video of this title "
    "(%(ids)s). If it is the empty one of this upload, delete it on Youku; then retry."
)
DUPLICATE_OR_OWN = gettext_noop(
    "Youku says that the account has already uploaded this file. That may be this publication itself: an earlier "
    "answer was lost. Look at the account's videos on Youku before you retry."
)
BAD_SERVER = gettext_noop("Youku named an upload server that is no address: %(uri)s")
BAD_SLICE = gettext_noop(
    "Youku's upload server asks for %(length)s bytes from %(offset)s, which the file does not have."
)
NOT_EXPECTED_NOW = gettext_noop("Youku's upload server no longer expects this part of the file.")
STILL_WRITING = gettext_noop("Youku's upload server has not yet confirmed the whole file; it is asked again.")

EMPTY_TOKEN, INVALID_TOKEN, EXPIRED_TOKEN = 1007, 1008, 1009
DUPLICATED_TOKEN, INVALID_TASK, EXPIRED_TASK, DUPLICATED_OPERATION = 120010216, 120010207, 120010208, 120010221

# What a second commit of an upload that is already committed may answer.
USED_UP = frozenset({"120010005", "120010151", "120010205", "120010206", "120010216", "120010221", "120010223"})

# youku-oss-upload.txt "Error Definition" and the codes under each call. 102210123 and 12001010225 are misprints of
# the document for 120010123 and 120010225; both ways of writing them are understood.
ERRORS: dict[int, Meaning] = {
    1001: Meaning(Temporary, BUSY),
    1002: Meaning(Temporary, BUSY),
    1003: Meaning(QuotaReached, gettext_noop("Youku limits the calls from this network address: %(words)s")),
    1004: Meaning(Refused, gettext_noop("The Youku account has no client_id."), "client_id"),
    1005: Meaning(Refused, gettext_noop("Youku does not know the account's client_id."), "client_id"),
    1006: Meaning(Refused, gettext_noop("Youku does not permit this application the call %(call)s.")),
    EMPTY_TOKEN: Meaning(LoginExpired, gettext_noop("The Youku account has no access token."), "access_token"),
    INVALID_TOKEN: Meaning(LoginExpired, gettext_noop("Youku does not accept the access token."), "access_token"),
    EXPIRED_TOKEN: Meaning(LoginExpired, gettext_noop("The Youku access token has expired."), "access_token"),
    1010: Meaning(Refused, FORM),
    1011: Meaning(Refused, FORM),
    1012: Meaning(Refused, FORM),
    1013: Meaning(Refused, FORM),
    120010001: Meaning(Temporary, BUSY),
    120010004: Meaning(LoginExpired, gettext_noop("Youku does not take the account as logged in."), "access_token"),
    120010005: Meaning(SessionLost, UPLOAD_GONE),
    120010101: Meaning(Refused, gettext_noop("Youku needs a title."), "title"),
    120010102: Meaning(Refused, gettext_noop("The title is too long for Youku: %(words)s"), "title"),
    120010104: Meaning(Refused, TITLE_FORBIDDEN, "title"),
    120010105: Meaning(Refused, TITLE_FORBIDDEN, "title"),
    120010106: Meaning(Refused, TAGS_FORBIDDEN, "tags"),
    120010108: Meaning(Refused, DESCRIPTION_FORBIDDEN, "description"),
    120010111: Meaning(Duplicate, DUPLICATE, "file"),
    120010113: Meaning(Refused, gettext_noop("The file is too large for Youku: %(words)s"), "file"),
    120010121: Meaning(Refused, gettext_noop("Youku needs at least one tag."), "tags"),
    120010122: Meaning(Refused, gettext_noop("Youku takes at most 10 tags."), "tags"),
    120010123: Meaning(Refused, TAGS_FORBIDDEN, "tags"),
    102210123: Meaning(Refused, TAGS_FORBIDDEN, "tags"),
    120010124: Meaning(Refused, gettext_noop("A tag is too short for Youku: %(words)s"), "tags"),
    120010125: Meaning(Refused, gettext_noop("A tag is too long for Youku: %(words)s"), "tags"),
    120010141: Meaning(Refused, DESCRIPTION_FORBIDDEN, "description"),
    120010142: Meaning(Refused, gettext_noop("The description is too long for Youku: %(words)s"), "description"),
    120010145: Meaning(Refused, gettext_noop("Youku does not take this password: %(words)s"), "watch_password"),
    120010151: Meaning(SessionLost, UPLOAD_GONE),
    120010152: Meaning(Temporary, gettext_noop("Youku could not store the video's details; it is asked again.")),
    120010205: Meaning(SessionLost, UPLOAD_GONE),
    120010206: Meaning(SessionLost, UPLOAD_GONE),
    INVALID_TASK: Meaning(Temporary, NOT_EXPECTED_NOW),
    EXPIRED_TASK: Meaning(Temporary, NOT_EXPECTED_NOW),
    120010210: Meaning(QuotaReached, gettext_noop("The Youku account has too many uploads under way.")),
    120010211: Meaning(Temporary, BUSY),
    120010212: Meaning(Temporary, BUSY),
    120010213: Meaning(Temporary, BUSY),
    120010215: Meaning(Temporary, gettext_noop("Youku's upload server has too many connections at the moment.")),
    DUPLICATED_TOKEN: Meaning(SessionLost, UPLOAD_GONE),
    120010217: Meaning(Temporary, BUSY),
    120010218: Meaning(Corrupted, ARRIVED_DAMAGED),
    120010219: Meaning(Temporary, BUSY),
    120010220: Meaning(Temporary, gettext_noop("Youku is still busy with an earlier step of this upload.")),
    DUPLICATED_OPERATION: Meaning(Temporary, gettext_noop("Youku is already doing this step of the upload.")),
    120010222: Meaning(Temporary, BUSY),
    120010223: Meaning(SessionLost, UPLOAD_GONE),
    120010224: Meaning(Refused, FORM),
    120010225: Meaning(Corrupted, ARRIVED_DAMAGED),
    12001010225: Meaning(Corrupted, ARRIVED_DAMAGED),
    # The whole file is damaged on the server: no single part can be sent again for it.
    120010301: Meaning(SessionLost, gettext_noop("The file arrived damaged at Youku; the upload starts again.")),
    120020001: Meaning(Gone, gettext_noop("Youku has no such video.")),
    130011201: Meaning(Refused, FORM),
    130011202: Meaning(Refused, FORM),
    130011203: Meaning(Refused, FORM),
    130011204: Meaning(Temporary, BUSY),
    130011205: Meaning(Refused, gettext_noop("Youku does not let this client_id refresh tokens."), "client_id"),
    130011206: Meaning(Refused, gettext_noop("Youku denies this application access to the account."), "client_id"),
    130011207: Meaning(LoginExpired, RECONNECT, "refresh_token"),
    130011208: Meaning(Refused, gettext_noop("The refresh token belongs to another client_id."), "client_id"),
    130011209: Meaning(Refused, FORM),
}

# Where one call means something else by a code.
ERRORS_OF_CALLS: dict[tuple[str, int], Meaning] = {
    ("exchange_code", 130011207): Meaning(
        Refused,
        gettext_noop("Youku does not accept this code: it was used before, has expired or came for another address."),
    ),
    ("exchange_code", 130011208): Meaning(
        Refused, gettext_noop("Youku's client_id and client_secret do not fit each other."), "client_secret"
    ),
}

# WIRE of the platform: `state` of videos/show. A state without words needs none.
STATES: dict[str, tuple[State, str]] = {
    "normal": (State.PUBLISHED, ""),
    "encoding": (State.PROCESSING, gettext_noop("Youku is transcoding the video.")),
    "in_review": (State.REVIEWING, gettext_noop("Youku is reviewing the video.")),
    "fail": (State.FAILED, gettext_noop("Youku could not transcode the video.")),
    "limited": (State.BLOCKED, gettext_noop("Youku limits who may watch the video.")),
    "blocked": (State.BLOCKED, gettext_noop("Youku has blocked the video.")),
}

# Error codes of Aliyun OSS that an upload can meet. Any other is told by its HTTP status.
OSS_DAMAGED = gettext_noop("A part of the file arrived damaged at Youku's storage.")
OSS_OTHER_BYTES = gettext_noop("Youku's storage has other bytes than were sent; the upload starts again.")
OSS_INCOMPLETE = gettext_noop("Youku's storage misses parts of the file; they are sent again.")
OSS_REFUSES = gettext_noop("Youku's storage refuses the upload (%(code)s).")
OSS_FAULT = gettext_noop("Youku's storage has a fault of its own at the moment (%(code)s).")
OSS_GONE = gettext_noop("Youku's storage no longer knows this upload; it starts again from the beginning.")
OSS_UNREADABLE = gettext_noop("The answer of Youku's storage to %(call)s cannot be read.")
OSS_EXPIRED = gettext_noop("Youku's storage no longer accepts the temporary access to it.")
OSS_CLOCK = gettext_noop("Youku's storage refuses the upload because this machine's clock is wrong.")
OSS_EXPIRED_CODES = frozenset({"SecurityTokenExpired", "InvalidSecurityToken", "InvalidAccessKeyId"})
OSS_ERRORS: dict[str, Meaning] = {
    "NoSuchUpload": Meaning(SessionLost, OSS_GONE),
    "BadDigest": Meaning(Corrupted, OSS_DAMAGED),
    "InvalidDigest": Meaning(Corrupted, OSS_DAMAGED),
    # What the storage holds is listed again before the next attempt, and what is missing is sent.
    "InvalidPart": Meaning(Temporary, OSS_INCOMPLETE),
    "NoSuchKey": Meaning(Gone, OSS_GONE),
    "RequestTimeout": Meaning(Temporary, OSS_FAULT),
    "RequestTimeTooSkewed": Meaning(Refused, OSS_CLOCK),
    "InvalidArgument": Meaning(BadAnswer, OSS_REFUSES),
}

COPYRIGHT_TYPES = (
    Choice("original", gettext_noop("Original")),
    Choice("reproduced", gettext_noop("Reposted")),
)
PUBLIC_TYPES = (
    Choice("all", gettext_noop("Public")),
    Choice("friend", gettext_noop("Friends only")),
    Choice("password", gettext_noop("With a password")),
)
UPLOAD_METHODS = (
    Choice("oss", gettext_noop("Object storage (OSS)")),
    Choice("slices", gettext_noop("Slices to Youku's upload server")),
)

# The names of Youku's own category list (schemas/video/category), as videos/show answers them.
CATEGORIES: tuple[tuple[str, str], ...] = (
    ("资讯", gettext_noop("News")),
    ("原创", gettext_noop("Original works")),
    ("电视剧", gettext_noop("TV series")),
    ("电影", gettext_noop("Films")),
    ("综艺", gettext_noop("Variety shows")),
    ("娱乐", gettext_noop("Entertainment")),
    ("音乐", gettext_noop("Music")),
    ("动漫", gettext_noop("Animation")),
    ("体育", gettext_noop("Sports")),
    ("游戏", gettext_noop("Games")),
    ("搞笑", gettext_noop("Comedy")),
    ("纪录片", gettext_noop("Documentaries")),
    ("教育", gettext_noop("Education")),
    ("科技", gettext_noop("Technology")),
    ("汽车", gettext_noop("Cars")),
    ("旅游", gettext_noop("Travel")),
    ("时尚", gettext_noop("Fashion")),
    ("亲子", gettext_noop("Parenting")),
    ("生活", gettext_noop("Lifestyle")),
    ("其他", gettext_noop("Other")),
)

# The formats that Youku's public upload help lists; the documents themselves name none.
EXTENSIONS = frozenset(
    {
        *("3gp", "asf", "avi", "cpk", "dat", "divx", "dv", "flc", "fli", "flv", "m4v", "mkv", "mod", "mov", "mp4"),
        *("mpeg", "mpg", "qt", "ram", "rm", "rmvb", "vob", "wmv"),
    }
)
