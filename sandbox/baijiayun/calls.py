"""One verified call, and how its parameters are read."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sandbox.baijiayun.errors import Code, refuse
from sandbox.core import BEIJING
from sandbox.store import Document


@dataclass(frozen=True)
class Call:
    """``values`` are the parameters of a call whose sign was right; an empty one counts as not sent.

    The readers refuse with MISSING_PARAMETER when there is no value and no ``default``, else with BAD_PARAMETER.
    """

    account: Document
    values: dict[str, str]

    @property
    def partner_id(self) -> str:
        return str(self.account["partner_id"])

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name, "") or default
        if value is None:
            raise refuse(Code.MISSING_PARAMETER, name)
        return value

    def number(self, name: str, default: int | None = None, least: int = 0, most: int = 2**63 - 1) -> int:
        text = self.text(name, None if default is None else str(default))
        if not re.fullmatch(r"[0-9]{1,19}", text) or not least <= int(text) <= most:
            raise refuse(Code.BAD_PARAMETER, name)
        return int(text)

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise refuse(Code.BAD_PARAMETER, name)
        return value

    def choices(self, name: str, allowed: Collection[str], default: str | None = None) -> list[str]:
        """A comma-separated list without repetitions."""
        values = self.text(name, default).split(",")
        if any(value not in allowed for value in values) or len(set(values)) != len(values):
            raise refuse(Code.BAD_PARAMETER, name)
        return values

    def ids(self, name: str) -> list[int]:
        """Comma-separated numbers."""
        texts = self.text(name).split(",")
        if not all(re.fullmatch(r"[0-9]{1,18}", text) for text in texts):
            raise refuse(Code.BAD_PARAMETER, name)
        return [int(text) for text in texts]

    def page(self, size: int, largest: int) -> tuple[int, int]:
        """``page`` and ``page_size``."""
        return self.number("page", 1, least=1), self.number("page_size", size, least=1, most=largest)

    def day(self, name: str) -> date:
        """``2017-08-01``."""
        return self._parsed(name, "%Y-%m-%d").date()

    def days(self) -> tuple[date, date]:
        """``start_date`` and ``end_date``, in this order in time."""
        first, last = self.day("start_date"), self.day("end_date")
        if first > last:
            raise refuse(Code.BAD_PARAMETER, "end_date 早于 start_date")
        return first, last

    def moment(self, name: str) -> datetime:
        """``2017-09-08 00:30:00`` in Beijing time."""
        return self._parsed(name, "%Y-%m-%d %H:%M:%S")

    def _parsed(self, name: str, form: str) -> datetime:
        text = self.text(name)
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=BEIJING)
        except ValueError:
            raise refuse(Code.BAD_PARAMETER, name) from None
        if moment.strftime(form) != text:
            raise refuse(Code.BAD_PARAMETER, name)
        return moment
