"""An md5 goes on in another process from what little was remembered of it."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.services.files import running_md5
from platforms.services.files.running_md5 import Mark, RunningMd5

pytestmark = pytest.mark.skipif(not running_md5.AVAILABLE, reason="no OpenSSL whose md5 can be saved")


@given(content=st.binary(max_size=1000), cuts=st.lists(st.integers(0, 1000), max_size=8))
def test_it_goes_on_from_any_byte(content: bytes, cuts: list[int]):
    ends = sorted({0, len(content), *(min(cut, len(content)) for cut in cuts)})
    md5 = RunningMd5()
    for begin, end in pairwise(ends):
        md5.update(content[begin:end])
        mark = Mark(md5.mark().offset, bytes(md5.mark().words))
        md5 = RunningMd5(mark)
        md5.update(content[mark.offset : end])
    assert md5.offset == len(content)
    assert md5.hexdigest() == hashlib.md5(content).hexdigest()


@pytest.mark.parametrize("offset", [2**29, 2**32, 2**32 + 64, 2**40])
def test_it_counts_beyond_what_fits_into_32_bits(offset):
    """RFC 1321 appends the length in bits as 64 bits: a wrong upper half would change the digest."""
    md5 = RunningMd5(Mark(offset))
    md5.update(b"rest")
    told = RunningMd5(md5.mark())
    told.update(b"rest")
    assert told.hexdigest() == md5.hexdigest()
    assert len({RunningMd5(Mark(at)).hexdigest() for at in (offset, offset * 2, 64)}) == 3


def test_its_digest_does_not_end_it():
    md5 = RunningMd5()
    md5.update(b"a")
    assert md5.hexdigest() == hashlib.md5(b"a").hexdigest()
    md5.update(b"b")
    assert md5.hexdigest() == hashlib.md5(b"ab").hexdigest()
