"""What the cells of a row mean: paths, accounts, categories, times."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError

from platforms.models import Account
from platforms.models.wording import joined
from platforms.services import zones
from platforms.services.categories.choosing import Chooser
from platforms.services.fetching import folder
from platforms.values import Sentence, gettext_noop, say

NO_ACCOUNT = gettext_noop("There is no account “%(name)s”.")
NONE_CHOSEN = gettext_noop("No account is named here, and none is ticked.")
WRONG_TIME = gettext_noop("“%(time)s” is not a time. Write it as 2026-12-01 08:00.")
NOT_CHOSEN = gettext_noop("“%(name)s” is not an account of this row.")
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H:%M", "%Y年%m月%d日",
)  # fmt: skip
MINUTES = "%Y-%m-%dT%H:%M"


class Wrong(Exception):
    """A cell that cannot be used, and why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def parts(text: str) -> list[str]:
    """What a cell lists, separated by commas or semicolons of either width, or by lines; without repeats."""
    return list(dict.fromkeys(part.strip() for part in re.split("[,，、;；\n]", text) if part.strip()))


def path_below(base: str, text: str) -> str:
    """A path as people write it, below the folder `base` of the ingest folder, spelled as the hub asks for it.

    Backslashes are taken for slashes, and an absolute path of the ingest folder for what it means.
    """
    path = re.sub(r"(?<=/)(\.?/)+|^(\./+)+", "", text.strip().replace("\\", "/"))
    root = str(settings.INGEST_ROOT or "")
    for top in {root.rstrip("/"), os.path.realpath(root)} if root and path.startswith("/") else ():
        if path.startswith(f"{top}/"):
            return folder.spelled(path[len(top) + 1 :])
    # One that is absolute otherwise stays so, and is refused when it is opened.
    return folder.spelled(path) if path.startswith("/") or not base else f"{base.rstrip('/')}/{folder.spelled(path)}"


def stem(path: str) -> str:
    """What the file at a spelled path is called, without its folder and extension."""
    return Path(folder.name_of(path)).stem


def accounts_of(text: str, known: Mapping[str, Account]) -> list[Account]:
    """The accounts that a cell names, by their names in any case; raises `Wrong` with the first that is unknown."""
    names = [text.strip()] if text.strip().casefold() in known else parts(text)
    found = [(name, known.get(name.casefold())) for name in names]
    if unknown := [name for name, account in found if account is None]:
        raise Wrong(say(NO_ACCOUNT, name=unknown[0]))
    return list({account.pk: account for _name, account in found if account}.values())


class Categories:
    """What people call categories, by account: the same words are looked up once."""

    def __init__(self, chooser: Chooser) -> None:
        self._chooser = chooser
        self._found: dict[tuple[int, str], str | ValidationError] = {}

    def of(self, text: str, accounts: Sequence[Account]) -> dict[int, str]:
        """What a cell says, by account id: one name for all, or “account=category” pairs. Raises `Wrong`."""
        said = self._pairs(text, accounts) if "=" in text else [(account, text) for account in accounts]
        return {account.pk: self._one(account, wanted.strip()) for account, wanted in said}

    def _pairs(self, text: str, accounts: Sequence[Account]) -> list[tuple[Account, str]]:
        known, found = {account.name.casefold(): account for account in accounts}, []
        for part in (part for part in re.split("[;；\n]", text) if part.strip()):
            name, _equals, wanted = part.partition("=")
            if name.strip().casefold() not in known:
                raise Wrong(say(NOT_CHOSEN, name=name.strip()))
            found.append((known[name.strip().casefold()], wanted))
        return found

    def _one(self, account: Account, wanted: str) -> str:
        key = account.pk, wanted
        if key not in self._found:
            try:
                self._found[key] = self._chooser.categories_for([account], wanted)[account.pk]
            except ValidationError as error:
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, ValidationError):
            raise Wrong(Sentence(joined(found.messages)))
        return found


def local_time(text: str) -> str:
    """A time as “2026-12-01T08:00”, for whatever account it is, or with its offset; empty for empty. Raises `Wrong`."""
    tidy = " ".join(unicodedata.normalize("NFKC", text).split())
    if not tidy or zones.WRITTEN.fullmatch(tidy):
        return tidy
    for pattern in TIME_FORMATS:
        try:
            return datetime.strptime(tidy, pattern).strftime(MINUTES)  # noqa: DTZ007 (each account has its own zone)
        except ValueError:
            continue
    raise Wrong(say(WRONG_TIME, time=text.strip()[:50]))


def moment(text: str, account: Account) -> datetime | None:
    """The moment that a stored local time is for an account; None for empty. Raises `Wrong`."""
    try:
        return zones.read(text, account) if text else None
    except zones.BadTime as error:
        raise Wrong(Sentence(str(error))) from None


class Moments:
    """`moment`, of many rows: what it answers or raises is worked out once for the same time and account."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], datetime | Wrong | None] = {}

    def of(self, text: str, account: Account) -> datetime | None:
        key = (account.pk, text)
        if key not in self._found:
            try:
                self._found[key] = moment(text, account)
            except Wrong as wrong:
                self._found[key] = wrong
        found = self._found[key]
        if isinstance(found, Wrong):
            raise found
        return found
