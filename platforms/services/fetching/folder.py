"""The ingest folder: what staff may see of it, and opening its files. Nothing outside it is ever opened.

A path is followed one component at a time, each opened below the one before and never through a link, so that it
does not help to swap a folder for a link between a look and the opening. Links are read and followed here, as far as
they stay inside.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from platforms.services.fetching.names import is_film
from platforms.services.fetching.troubles import Passing, Refused
from platforms.values import Sentence, gettext_noop, say

SHOWN_MOST = 2000
MOST_LINKS = 40
LONGEST_PATH = 4000
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A named pipe that is opened without O_NONBLOCK waits for its writer.
FILE_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC

OUTSIDE = gettext_noop("“%(path)s” does not lie in the ingest folder.")
NOT_THERE = gettext_noop("“%(path)s” is not there.")
NOT_A_FILE = gettext_noop("“%(path)s” is not a file.")
NOT_A_FOLDER = gettext_noop("“%(path)s” is not a folder.")
UNREADABLE = gettext_noop("“%(path)s” cannot be read: %(reason)s.")
ROOT_UNREADABLE = gettext_noop("The ingest folder cannot be read: %(reason)s.")
CAPPED = gettext_noop("Only %(shown)s of %(total)s entries are shown; look for the others by a part of their name.")
SOME_UNREADABLE = gettext_noop("Not shown, as they cannot be read (%(number)s): %(names)s")
SOME_OUTSIDE = gettext_noop("Not shown, as they lead out of the ingest folder (%(number)s): %(names)s")
_escaped = re.compile(r"\\(\\|x[0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder: `name` as it is shown, `path` as it is asked for, `size` in bytes."""

    name: str
    path: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class View:
    """One folder as it is shown. `parent` is None at the top. `notes` say what is not shown, and why."""

    path: str
    parent: str | None
    folders: list[Entry]
    files: list[Entry]
    notes: list[Sentence]


@dataclass(slots=True)
class _Found:
    """What a look has met so far; `unreadable` and `outside` are names."""

    folders: list[Entry] = field(default_factory=list)
    files: list[Entry] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


def look(root: Path, path: str = "", find: str = "") -> View:
    """One folder below `root`: of its entries whose name holds `find`, the first `SHOWN_MOST`, films first.

    Raises `Refused` when the path leads outside or there is no such folder, `Passing` while the root is away.
    """
    parts = _parts(path)
    found, wanted = _Found(), find.casefold()
    with _opened(root, parts) as folder:
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            raise Refused(say(NOT_A_FOLDER, path=shown(path)))
        try:
            with os.scandir(folder) as entries:
                names = [(entry.name, _is_folder(entry)) for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            _refuse(shown(path), error)
        names = sorted((pair for pair in names if wanted in shown(pair[0]).casefold()), key=_order)
        for name, _folder in names[:SHOWN_MOST]:
            _sort_in(found, root, folder, parts, name)
    notes = [say(CAPPED, shown=SHOWN_MOST, total=len(names))] if len(names) > SHOWN_MOST else []
    notes += [_about(text, about) for text, about in ((SOME_UNREADABLE, found.unreadable),
                                                      (SOME_OUTSIDE, found.outside)) if about]  # fmt: skip
    parent = spelled("/".join(parts[:-1])) if parts else None
    return View(spelled("/".join(parts)), parent, found.folders, found.files, notes)


@contextlib.contextmanager
def opened(root: Path, path: str) -> Iterator[int]:
    """A descriptor of a regular file below `root`; raises `Refused`, and `Passing` while the root is away."""
    with _opened(root, _parts(path)) as file:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise Refused(say(NOT_A_FILE, path=shown(path)))
        yield file


@contextlib.contextmanager
def glancing(root: Path) -> Iterator[Callable[[str], os.stat_result]]:
    """What tells the facts of one regular file below `root` after another, raising what `opened` raises.

    A folder is opened once for the files of it that follow one another: finding the way to each file anew takes most of
    the time that a long list takes.
    """
    glance = _Glance(root)
    try:
        yield glance.at
    finally:
        glance.leave()


class _Glance:
    """`folder` is a descriptor of the folder of `parents`, in which the last file was."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parents: list[str] | None = None
        self._folder = -1

    def at(self, path: str) -> os.stat_result:
        *parents, name = _parts(path) or [""]
        if name and ".." not in (*parents, name) and self._enter(parents):
            try:
                return self._facts(name)
            except FileNotFoundError as error:
                _refuse(shown("/".join([*parents, name])), error)
            except OSError:
                pass  # A link, or something that `opened` refuses with its reason.
        with opened(self._root, path) as file:
            return os.fstat(file)

    def _enter(self, parents: list[str]) -> bool:
        """Whether the folder could be opened; if not, `opened` says why."""
        if parents != self._parents:
            self.leave()
            with contextlib.suppress(Passing, Refused), _opened(self._root, parents) as folder:
                self._folder, self._parents = os.dup(folder), parents
        return self._parents is not None

    def _facts(self, name: str) -> os.stat_result:
        # What is no file is not even opened: opening a device may do something.
        if not stat.S_ISREG(os.stat(name, dir_fd=self._folder, follow_symlinks=False).st_mode):
            raise OSError(errno.EINVAL, "no file")
        file = os.open(name, FILE_FLAGS, dir_fd=self._folder)
        with _left(file):
            facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "no file")
        return facts

    def leave(self) -> None:
        if self._parents is not None:
            os.close(self._folder)
        self._parents = None


def name_of(path: str) -> str:
    """The name of the file at `path`, as it is shown."""
    return shown(_bare(path).rsplit("/", 1)[-1])


def shown(name: str) -> str:
    """A name as text that any page and database takes: bytes that are no UTF-8, and control characters, as �."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def spelled(path: str) -> str:
    """A path of the disk as addresses and JSON carry it: bytes that are no UTF-8 as \\xNN, a backslash doubled."""
    return os.fsencode(path.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")


def _bare(path: str) -> str:
    """The path of the disk that is spelled so."""
    pieces = _escaped.split(path)
    for index in range(1, len(pieces), 2):
        code = pieces[index]
        pieces[index] = "\\" if code == "\\" else os.fsdecode(bytes([int(code[1:], 16)]))
    # Neighbouring bytes may be one letter only together.
    return os.fsdecode(os.fsencode("".join(pieces)))


def _parts(path: str) -> list[str]:
    try:
        bare = _bare(path)
    except UnicodeEncodeError:
        raise Refused(say(NOT_THERE, path=ascii(path))) from None
    parts = [part for part in bare.split("/") if part]
    hidden = any(part.startswith(".") for part in parts)
    if hidden or bare.startswith("/") or "\0" in bare or len(bare) > LONGEST_PATH:
        raise Refused(say(OUTSIDE, path=shown(path)))
    return parts


@contextlib.contextmanager
def _opened(root: Path, parts: list[str]) -> Iterator[int]:
    try:
        os.close(os.open(os.path.realpath(root), FOLDER_FLAGS))
    except OSError as error:
        raise Passing(say(ROOT_UNREADABLE, reason=os.strerror(error.errno or 0))) from None
    try:
        descriptor = _walk(root, parts)
    except OSError as error:
        _refuse(shown("/".join(parts)), error)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse(path: str, error: OSError) -> NoReturn:
    reason = os.strerror(error.errno or 0)
    if error.errno == errno.EXDEV:
        raise Refused(say(OUTSIDE, path=path)) from None
    if error.errno == errno.EINVAL:
        raise Refused(say(NOT_A_FILE, path=path)) from None
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        raise Refused(say(NOT_THERE, path=path)) from None
    raise Refused(say(UNREADABLE, path=path, reason=reason)) from None


def _walk(root: Path, parts: list[str]) -> int:
    """A descriptor of what lies there. Raises OSError, with EXDEV for what leads outside."""
    top, links = os.path.realpath(root), 0
    held = [os.open(top, FOLDER_FLAGS)]
    todo = deque(parts)
    try:
        while todo:
            name = todo.popleft()
            if name == "..":
                _leave(held)
            elif name not in ("", ".") and (target := _step(held, name)) is not None:
                links += 1
                if links > MOST_LINKS:
                    raise OSError(errno.ELOOP, "too many links")
                if target.startswith("/"):
                    target = _below(top, target)
                    while len(held) > 1:
                        _leave(held)
                todo.extendleft(reversed(target.split("/")))
        return held.pop()
    finally:
        for descriptor in held:
            os.close(descriptor)


def _step(held: list[int], name: str) -> str | None:
    """Open `name` below the last folder held; a link is not opened, and what it says is the answer."""
    mode = os.stat(name, dir_fd=held[-1], follow_symlinks=False).st_mode
    if stat.S_ISLNK(mode):
        return os.readlink(name, dir_fd=held[-1])
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "neither file nor folder")
    held.append(os.open(name, FOLDER_FLAGS if stat.S_ISDIR(mode) else FILE_FLAGS, dir_fd=held[-1]))
    return None


def _leave(held: list[int]) -> None:
    if len(held) == 1:
        raise OSError(errno.EXDEV, "outside")
    os.close(held.pop())


def _below(top: str, target: str) -> str:
    """The part of an absolute path that lies below `top`."""
    if target != top and not target.startswith(top.rstrip("/") + "/"):
        raise OSError(errno.EXDEV, "outside")
    return target[len(top) :]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    with contextlib.suppress(OSError):
        return entry.is_dir(follow_symlinks=False)
    return False


def _order(pair: tuple[str, bool]) -> tuple[int, str, str]:
    """Folders, then films, then the rest; each by name."""
    name, is_folder = pair
    return (0 if is_folder else 1 if is_film(name) else 2), name.casefold(), name


def _sort_in(found: _Found, root: Path, folder: int, parts: list[str], name: str) -> None:
    """Look at one entry and put it where it belongs; pipes, sockets and devices belong nowhere."""
    try:
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
        is_link = stat.S_ISLNK(facts.st_mode)
        if is_link:
            with _left(_walk(root, [*parts, name])) as target:
                facts = os.fstat(target)
    except OSError as error:
        (found.outside if error.errno == errno.EXDEV else found.unreadable).append(shown(name))
        return
    is_folder = stat.S_ISDIR(facts.st_mode)
    if not is_folder and not stat.S_ISREG(facts.st_mode):
        return
    needed = os.R_OK | os.X_OK if is_folder else os.R_OK
    if not is_link and not os.access(name, needed, dir_fd=folder, effective_ids=True):
        found.unreadable.append(shown(name))
        return
    modified = datetime.fromtimestamp(facts.st_mtime, UTC)
    entry = Entry(shown(name), spelled("/".join([*parts, name])), facts.st_size, modified)
    (found.folders if is_folder else found.files).append(entry)


@contextlib.contextmanager
def _left(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _about(text: str, names: list[str]) -> Sentence:
    few = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return say(text, number=len(names), names=few)
