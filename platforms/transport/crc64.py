"""CRC-64/XZ (ECMA-182, reflected): the checksum of Aliyun OSS, of parts and of what they make together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from fastcrc import crc64

POLYNOMIAL = 0xC96C5795D7870F42  # bits reversed, as everything here: the highest bit is x^0
ONE, X = 1 << 63, 1 << 62

Piece = tuple[int, int, int]  # first byte, end, checksum


class Crc64:
    """A running checksum; `value` is that of the bytes so far."""

    def __init__(self) -> None:
        self.value = 0

    def update(self, data: bytes, /) -> None:
        self.value = crc64.xz(data, self.value)

    def hexdigest(self) -> str:
        return f"{self.value:016x}"


def combine(first: int, second: int, second_length: int) -> int:
    """The checksum of two byte strings one after the other, from theirs and the second one's length."""
    return _times(_shift(second_length), first) ^ second


class Pieces:
    """The checksums of pieces of a file, joined wherever two touch, so that they stay few. `rows` is their JSON."""

    def __init__(self, rows: Sequence[Sequence[int | str]]) -> None:
        self._pieces: list[Piece] = [(int(first), int(end), int(str(crc), 16)) for first, end, crc in rows]

    @property
    def rows(self) -> list[list[int | str]]:
        return [[first, end, f"{crc:016x}"] for first, end, crc in self._pieces]

    def add(self, first: int, end: int, crc: int) -> None:
        """A piece that overlaps one that is known already is left out."""
        if any(first < other_end and other_first < end for other_first, other_end, _ in self._pieces):
            return
        joined: list[Piece] = []
        for piece in sorted([*self._pieces, (first, end, crc)]):
            if joined and joined[-1][1] == piece[0]:
                start, at, known = joined.pop()
                joined.append((start, piece[1], combine(known, piece[2], piece[1] - at)))
            else:
                joined.append(piece)
        self._pieces = joined

    def gaps(self, size: int) -> Iterator[tuple[int, int]]:
        """The spans (first, end) of a file of `size` bytes whose checksums are not known."""
        position = 0
        for first, end, _ in self._pieces:
            if position < first:
                yield position, first
            position = end
        if position < size:
            yield position, size

    def whole(self, size: int) -> int | None:
        """The checksum of the file; None while there are gaps."""
        if len(self._pieces) != 1 or self._pieces[0][:2] != (0, size):
            return None
        return self._pieces[0][2]


def _times(left: int, right: int) -> int:
    """The product of two polynomials modulo the checksum's."""
    product, bit = 0, ONE
    while left:
        if left & bit:
            product ^= right
            left ^= bit
        bit >>= 1
        right = right >> 1 ^ POLYNOMIAL if right & 1 else right >> 1
    return product


@lru_cache(maxsize=64)
def _shift(length: int) -> int:
    """x to the power of the bits of `length` bytes."""
    result, power, bits = ONE, X, 8 * length
    while bits:
        if bits & 1:
            result = _times(power, result)
        power = _times(power, power)
        bits >>= 1
    return result
