"""An md5 that can stop at any byte and go on in another process.

`hashlib` cannot save a running hash. OpenSSL's own md5 keeps it in a public structure (`MD5_CTX` of <openssl/md5.h>,
unchanged for decades), of which the four state words after a whole number of blocks are all that has to be remembered.
It is as fast as `hashlib`, which calls the same code, and like it leaves other threads alone while it works.
"""

from __future__ import annotations

import _hashlib
import ctypes
import ctypes.util
import hashlib
import struct
from dataclasses import dataclass
from typing import Any

BLOCK = 64
START = struct.pack("<4I", 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)


@dataclass(frozen=True, slots=True)
class Mark:
    """The md5 of the first `offset` bytes, as far as it is one: a multiple of 64, and the four words after it."""

    offset: int = 0
    words: bytes = START


FROM_START = Mark()


class _Context(ctypes.Structure):
    """`MD5_CTX`."""

    _fields_ = [
        ("words", ctypes.c_uint32 * 4),
        ("bits", ctypes.c_uint32 * 2),
        ("block", ctypes.c_uint32 * 16),
        ("held", ctypes.c_uint32),
    ]


def _library() -> ctypes.CDLL | None:
    """The library with OpenSSL's md5, checked against `hashlib`: Python's own, else the system's; None without one."""
    for name in (getattr(_hashlib, "__file__", None), ctypes.util.find_library("crypto")):
        try:
            found = ctypes.CDLL(name) if name else None
            if found and _is_right(found):
                return found
        except (OSError, AttributeError):
            continue
    return None


def _is_right(library: ctypes.CDLL) -> bool:
    library.MD5_Update.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
    library.MD5_Final.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    sample = bytes(range(200))
    first = RunningMd5(FROM_START, library)
    first.update(sample[:150])
    second = RunningMd5(first.mark(), library)
    second.update(sample[second.offset :])
    return second.hexdigest() == hashlib.md5(sample).hexdigest()


class RunningMd5:
    """Goes on from a mark. `offset` bytes are in it."""

    def __init__(self, mark: Mark = FROM_START, library: ctypes.CDLL | None = None) -> None:
        # None only where `AVAILABLE` is False, and nobody asks then.
        self._library: Any = library or LIBRARY
        self._context = _Context()
        self._context.words[:] = struct.unpack("<4I", mark.words)
        bits = mark.offset * 8
        self._context.bits[:] = (bits & 0xFFFFFFFF, bits >> 32 & 0xFFFFFFFF)
        self.offset = mark.offset

    def update(self, block: bytes) -> None:
        self._library.MD5_Update(ctypes.byref(self._context), block, len(block))
        self.offset += len(block)

    def mark(self) -> Mark:
        """Where another one can go on; at most 63 bytes behind."""
        return Mark(self.offset // BLOCK * BLOCK, struct.pack("<4I", *self._context.words))

    def hexdigest(self) -> str:
        """Of what is in it; it can go on afterwards."""
        copy, out = _Context.from_buffer_copy(self._context), ctypes.create_string_buffer(16)
        self._library.MD5_Final(out, ctypes.byref(copy))
        return out.raw.hex()


LIBRARY = _library()
#: False where Python has OpenSSL built into it and the system has none: a file is then hashed once it is complete.
AVAILABLE = LIBRARY is not None
