"""What the tests share that run a few things of the fault matrix (`script/faults` runs them all)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from script.fault_matrix import report
from script.fault_matrix.lab import OK, TOLD, Lab, Result
from tests.installed import Installed

SEED = 20


@contextmanager
def installed_lab(installed: Installed) -> Iterator[Lab]:
    """A lab whose database need not be made."""
    lab = Lab(random.Random(SEED))
    installed.copy_database(lab.folder / "hub.sqlite3")
    with lab:
        yield lab


def expect_arrived(results: Iterable[Result], count: int, *, or_told: bool = False) -> None:
    """Every one of `count` uploads has arrived once, undamaged and within its bound; or, if so said, told why not."""
    found = list(results)
    good = (OK, TOLD) if or_told else (OK,)
    bad = ["\n".join([report.line(result), *result.history]) for result in found if result.outcome not in good]
    assert not bad, "\n\n".join(bad)
    assert len(found) == count
