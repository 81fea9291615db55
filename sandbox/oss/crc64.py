"""CRC-64/XZ (ECMA-182 reflected), the checksum that Aliyun OSS answers for every part and object."""

from typing import Any

import crcmod

WIDTH = 64
REFLECTED_POLYNOMIAL = 0xC96C5795D7870F42

_compute: Any = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, rev=True, xorOut=0xFFFFFFFFFFFFFFFF)

Matrix = list[int]


class Crc64:
    """A running checksum; ``value`` is the number so far."""

    def __init__(self) -> None:
        self.value = 0

    def update(self, data: bytes) -> None:
        self.value = int(_compute(data, self.value))


def combine(first: int, second: int, second_length: int) -> int:
    """The checksum of two byte strings put together, from theirs and the second one's length.

    Appending N zero bytes is a linear map over GF(2); repeated squaring applies it in log N steps.
    """
    operator = _square(_square(_square(_one_zero_bit())))
    while second_length:
        if second_length & 1:
            first = _times(operator, first)
        second_length >>= 1
        if second_length:
            operator = _square(operator)
    return first ^ second


def _one_zero_bit() -> Matrix:
    return [REFLECTED_POLYNOMIAL, *(1 << bit for bit in range(WIDTH - 1))]


def _times(matrix: Matrix, vector: int) -> int:
    total, row = 0, 0
    while vector:
        if vector & 1:
            total ^= matrix[row]
        vector >>= 1
        row += 1
    return total


def _square(matrix: Matrix) -> Matrix:
    return [_times(matrix, column) for column in matrix]
