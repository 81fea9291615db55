"""What the hub lends a driver: access to an account, the file, and the upload it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from platforms.values import Draft, Sentence

Credentials = Mapping[str, str]


class Access(Protocol):
    """What a driver may know of its account. Credentials are plain text here and nowhere else."""

    @property
    def name(self) -> str:
        """The account's name."""

    @property
    def options(self) -> Mapping[str, str]:
        """The account's options by name."""

    @property
    def credentials(self) -> Credentials:
        """The stored credentials as they are now; read again at each use, another process may have renewed them."""

    @property
    def learned(self) -> Mapping[str, str]:
        """What drivers have learned about the account and kept by `learn`."""

    def learn(self, name: str, value: str) -> None:
        """Keep something about the account for the drivers that come after this one."""

    def address(self, name: str) -> str:
        """The base address of a setting such as `YOUKU_API_URL`, without a trailing slash."""

    def renew(
        self,
        stale: str,
        fetch: Callable[[Credentials], Mapping[str, str | int]],
        credential: str = "access_token",
    ) -> Credentials:
        """Replace the value `stale` of a credential that the platform hands out, one process at a time for the account.

        When another value is stored already, the stored credentials are returned and `fetch` is not called. Otherwise
        `fetch` gets them and answers the changed ones (and `expires_in`, seconds), which are stored before anything
        else happens.
        """


class Source(Protocol):
    """The file of a video. Reads are positioned, so that threads share it."""

    name: str
    size: int
    md5: str
    extension: str

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`; raises `SourceChanged` when the file no longer has them.

        A file that lies elsewhere may be away for the moment: then this raises `SourceAway`.
        """


@runtime_checkable
class ReadsAhead(Protocol):
    """A source whose bytes come from far: told what will be read next, it can ask for all of that at once."""

    def expect(self, offset: int, length: int) -> None:
        """`length` bytes from `offset` are about to be read in their order, block by block."""


class SourceChanged(Exception):
    """The file is gone or no longer what it was at intake."""


class SourceAway(Exception):
    """The file cannot be read at the moment: the upload waits and goes on. `sentence` says why.

    `passing`: it may be over in seconds, so that asking again is worth it.
    """

    def __init__(self, sentence: Sentence, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.sentence, self.passing = sentence, passing


class Interrupted(Exception):
    """The upload must stop sending now: its lease is lost, its time slice is over, or a person stopped it."""


class Lane(Protocol):
    """What an upload may use of the hub's line. Threads share it."""

    @property
    def share(self) -> int:
        """How many connections this upload may use now."""

    @property
    def block(self) -> int:
        """How many bytes a thread is best to `spend` at once."""

    def take(self) -> bool:
        """Take a connection for one more part; False while this upload has its share."""

    def give_back(self) -> None:
        """Leave a connection that was taken to others."""

    def spend(self, count: int) -> None:
        """Count bytes that are about to be sent and wait until they may be. Raises `Interrupted` when it must stop."""

    def close(self) -> None:
        """Stop whoever waits or wants to send."""


class UploadJob(Protocol):
    """One publication's upload as its driver sees it. Only the caller's thread may call these methods."""

    @property
    def lane(self) -> Lane:
        """What this upload may use of the line; for the threads that send."""

    @property
    def draft(self) -> Draft:
        """What is to be published."""

    @property
    def source(self) -> Source:
        """The file, open for reading."""

    @property
    def token(self) -> dict[str, Any]:
        """The resume state that this driver checkpointed last, as a fresh copy; empty at the first start."""

    def checkpoint(self, token: Mapping[str, Any], bytes_done: int) -> None:
        """Make `token` (JSON) and the progress durable. Raises `Interrupted` when the lease is no longer ours."""

    def announce(self, remote_id: str) -> None:
        """Write an id the platform answered to the event log and the publication, at once."""

    def pulse(self, bytes_done: int) -> None:
        """Say that the upload lives; cheap, call often. Raises `Interrupted` when it must stop."""
