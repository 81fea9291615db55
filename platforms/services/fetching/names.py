"""What a downloaded file is called, and whether what a server sends can be a film at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import Message
from pathlib import PurePath
from urllib.parse import unquote

from platforms.services.fetching.reach import Address
from platforms.services.fetching.troubles import Refused
from platforms.values import gettext_noop, say

LONGEST_NAME = 200
VIDEO_EXTENSIONS = frozenset(
    {"3g2", "3gp", "asf", "avi", "dv", "f4v", "flv", "m2t", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts",
     "mxf", "ogv", "qt", "rm", "rmvb", "ts", "vob", "webm", "wmv"}
)  # fmt: skip
# Of a name without such an extension, which platforms ask for.
EXTENSIONS: Mapping[str, str] = {
    "video/mp4": ".mp4", "video/quicktime": ".mov", "video/x-matroska": ".mkv", "video/matroska": ".mkv",
    "video/webm": ".webm", "video/mpeg": ".mpg", "video/mp2t": ".ts", "video/x-msvideo": ".avi",
    "video/x-flv": ".flv", "video/x-ms-wmv": ".wmv", "video/3gpp": ".3gp", "video/ogg": ".ogv",
    "video/x-m4v": ".m4v", "application/mxf": ".mxf",
}  # fmt: skip
PAGES = frozenset({"text/html", "application/xhtml+xml"})
PLAYLISTS = frozenset(
    {"application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl",
     "application/dash+xml", "application/vnd.ms-sstr+xml"}
)  # fmt: skip

A_PAGE = gettext_noop("“%(host)s” answers with a web page, not with a video: give the address of the file itself.")
A_PLAYLIST = gettext_noop("“%(host)s” answers with a playlist, not with a video: give the address of the file itself.")
_unwanted = re.compile(r'[\x00-\x1f\x7f<>:"|?*�]')


def refuse_what_is_no_file(kind: str, host: str) -> None:
    """Raise `Refused` when a Content-Type says that a page or a playlist follows."""
    kind = _bare_kind(kind)
    if kind in PAGES:
        raise Refused(say(A_PAGE, host=host))
    if kind in PLAYLISTS:
        raise Refused(say(A_PLAYLIST, host=host))


def name_for(address: Address, disposition: str = "", kind: str = "") -> str:
    """What the server calls the file (RFC 6266), else the last part of the path, else the host; with an extension.

    `disposition` and `kind` are the headers Content-Disposition and Content-Type.
    """
    name = _safe(_disposed(disposition)) or _safe(address.last_part) or _safe(address.host)
    if not is_film(name) or name == _safe(address.host):
        name += EXTENSIONS.get(_bare_kind(kind), "")
    stem, suffix = name[: len(name) - len(PurePath(name).suffix)], PurePath(name).suffix
    return stem[: LONGEST_NAME - len(suffix)] + suffix


def is_film(name: str) -> bool:
    """Whether a file is called as films are."""
    return PurePath(name).suffix.lstrip(".").lower() in VIDEO_EXTENSIONS


def _bare_kind(kind: str) -> str:
    return kind.split(";", 1)[0].strip().lower()


def _disposed(disposition: str) -> str:
    """The name in a Content-Disposition header; `filename*` wins. Many servers send UTF-8 or percents in `filename`."""
    if not disposition:
        return ""
    message = Message()
    message["Content-Disposition"] = disposition.replace("\r", " ").replace("\n", " ")
    # An extended value is a tuple of charset, language and text.
    params: list[tuple[str, str | tuple[str, str, str]]] = message.get_params([], "content-disposition")  # type: ignore[assignment]
    given = [value for name, value in params if name.lower() == "filename"]
    extended = next((value for value in given if isinstance(value, tuple)), None)
    plain = next((value for value in given if isinstance(value, str)), "")
    return _decoded(extended[2], extended[0] or "utf-8") if extended else unquote(_decoded(plain, "utf-8"))


def _decoded(text: str, charset: str) -> str:
    """`text` was read as Latin-1; these are its bytes in the charset named, in UTF-8, or in the one of China."""
    for guess in (charset, "utf-8", "gb18030"):
        try:
            return text.encode("latin-1").decode(guess)
        except (UnicodeError, LookupError):
            continue
    return text


def _safe(name: str) -> str:
    """A bare file name: no folder, nothing unprintable, no leading dots."""
    name = _unwanted.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1])
    return "".join(letter for letter in name if letter.isprintable()).strip().lstrip(".").strip()
