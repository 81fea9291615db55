"""One call, made by a foreign client and by ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from platforms.contract import Driver
from platforms.errors import PlatformError
from tests.agreement.wire import Difference, Sent, Wire

WorldT = TypeVar("WorldT")


@dataclass(frozen=True)
class Case(Generic[WorldT]):
    """`name` is the foreign client's method, `method` ours, `given` our parameters by the document's names.

    `refused`: the platform does not take their request, for a reason that is among the differences. `once`: a second
    one of the kind is refused, as it must be.
    """

    name: str
    theirs: Callable[[WorldT], object]
    method: str
    given: Callable[[WorldT], Mapping[str, str]]
    different: tuple[Difference, ...] = ()
    refused: bool = False
    once: bool = False

    def send(self, wire: Wire, world: WorldT, driver: Driver) -> tuple[Sent, Sent]:
        """Their request, then ours."""
        theirs = wire.last(lambda: self._foreign(world))
        given = self.given(world)
        ours = wire.last(lambda: self._own(driver, given))
        return theirs, ours

    def _foreign(self, world: WorldT) -> None:
        if not self.refused:
            self.theirs(world)
            return
        try:
            self.theirs(world)
        except Exception:
            return
        raise AssertionError(f"{self.name} was expected to be refused")

    def _own(self, driver: Driver, given: Mapping[str, str]) -> None:
        if self.once:
            with suppress(PlatformError):
                call(driver, self.method, given)
        else:
            call(driver, self.method, given)


def call(driver: Driver, method: str, given: Mapping[str, str]) -> Any:
    """The platform's answer to one documented call, its parameters given as texts under the document's names."""
    return driver.call(method, driver.arguments(method, given))


def facts(different: tuple[Difference, ...]) -> set[tuple[str, str | None, str | None]]:
    return {difference.facts() for difference in different}


def public_methods(kind: type) -> set[str]:
    return {name for name, value in vars(kind).items() if callable(value) and not name.startswith("_")}
