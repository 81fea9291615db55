"""Answers that a test puts in a platform's way, call by call and word by word; ``sandbox/faults.py`` has ready ones."""

import threading
from dataclasses import dataclass, field

from sandbox.messages import Request


@dataclass(frozen=True)
class Answer:
    """What a blocked path answers instead of the platform.

    ``delay``: seconds before it. ``close``: the connection ends without any answer. ``length``: the Content-Length
    announced, when it shall differ from the body's (the connection ends after the body). ``after_work``: the platform
    does its work first and only its answer is replaced.
    """

    status: int = 503
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    close: bool = False
    length: int | None = None
    after_work: bool = False


@dataclass
class _Block:
    prefix: str
    answer: Answer
    method: str | None
    left: int


class Blocks:
    """The blocks that stand, in the order in which they were added."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        #: How many calls have got such an answer, or are kept waiting for it.
        self.taken = 0
        self._lock = threading.Lock()

    def add(self, prefix: str, answer: Answer, times: int, method: str | None) -> None:
        with self._lock:
            self._blocks.append(_Block(prefix, answer, method, times))

    def clear(self) -> None:
        with self._lock:
            self._blocks.clear()

    def take(self, request: Request) -> Answer | None:
        """The answer that stands in the way of this request; used up by asking."""
        with self._lock:
            for block in self._blocks:
                if block.left and request.path.startswith(block.prefix) and block.method in (None, request.method):
                    block.left -= 1
                    self.taken += 1
                    return block.answer
        return None
