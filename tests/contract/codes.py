"""What the tables of codes are checked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from platforms.errors import PlatformError

Expected = tuple[type[PlatformError], str]


def expected_rows(groups: Mapping[Expected, str]) -> dict[str, Expected]:
    """Kind and form field by code, from lists of codes separated by blanks; no code may stand in two of them."""
    rows: dict[str, Expected] = {}
    for expected, codes in groups.items():
        for code in codes.split():
            assert code not in rows, code
            rows[code] = expected
    return rows


def raised(call: Callable[[], object]) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        call()
    return caught.value


def full_sentence(error: PlatformError) -> str:
    """The sentence for staff with its values in it; none may be missing."""
    sentence = error.sentence.text % error.sentence.params
    assert "%(" not in sentence
    assert sentence.strip()
    return sentence
