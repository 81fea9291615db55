"""Who may do what in a bucket."""

from dataclasses import dataclass

NEVER = 2.0**53


@dataclass(frozen=True)
class Sts:
    """Temporary credentials for one object; ``expires`` in unix seconds of the simulator's clock.

    With an empty ``key`` and ``security_token`` it is the lasting key of the whole bucket.
    """

    access_key_id: str
    access_key_secret: str
    security_token: str
    bucket: str
    key: str
    expires: float
