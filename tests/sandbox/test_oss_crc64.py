"""The CRC-64 that OSS answers."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.oss.crc64 import Crc64, combine


def crc64(data: bytes) -> int:
    checksum = Crc64()
    checksum.update(data)
    return checksum.value


def test_it_is_crc64_xz():
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_checksums_of_pieces_combine_to_that_of_the_whole(first: bytes, second: bytes):
    assert combine(crc64(first), crc64(second), len(second)) == crc64(first + second)


def test_it_can_be_computed_block_by_block():
    checksum = Crc64()
    for block in (b"123", b"", b"456789"):
        checksum.update(block)
    assert checksum.value == crc64(b"123456789")
