"""The hub's rows of the films, made in a process of its own: `python -m bench.polling.rows FOLDER`.

`FOLDER/accounts.json` has the credentials by platform and the calls an hour that each account may make (null: any
number), `FOLDER/films.jsonl` a line for each film with its `remote_id`.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

AT_ONCE = 1000


def main() -> None:
    folder = Path(sys.argv[1])
    django.setup()
    given = json.loads((folder / "accounts.json").read_text())
    with (folder / "films.jsonl").open() as lines:
        make(given["credentials"], given["calls_per_hour"], map(json.loads, lines))


def make(
    credentials: Mapping[str, Mapping[str, str]], limits: Mapping[str, int | None], films: Iterator[dict[str, Any]]
) -> None:
    """An account a platform; a video and its publication a film, which the follower takes as sent when it is time."""
    # Models can be imported only now that the settings are known.
    from platforms.models import Publication, Video  # noqa: PLC0415

    accounts = {platform: _account(platform, own, limits.get(platform)) for platform, own in credentials.items()}
    while batch := list(itertools.islice(films, AT_ONCE)):
        videos = Video.objects.bulk_create(
            [Video(title=each["title"], duration=each["duration"], size=1) for each in batch]
        )
        Publication.objects.bulk_create(_publications(Publication, accounts, zip(batch, videos, strict=True)))


def _account(platform: str, credentials: Mapping[str, str], limit: int | None) -> Any:
    from platforms.services import accounts  # noqa: PLC0415

    account, _new = accounts.save_account(platform, platform, credentials, {}, actor="bench")
    account.calls_per_hour = limit
    account.save(update_fields=["calls_per_hour"])
    return account


def _publications(model: Any, accounts: dict[str, Any], films: Iterable[tuple[dict[str, Any], Any]]) -> list[Any]:
    from platforms.services import looking  # noqa: PLC0415

    made = []
    for film, video in films:
        uploaded = datetime.fromtimestamp(film["uploaded"], UTC)
        row = model(
            video=video, account=accounts[film["platform"]], remote_id=film["remote_id"], state="uploading",
            state_source="bench", state_at=uploaded, uploaded_at=uploaded, followed_since=uploaded, bytes_total=1,
            bytes_sent=1,
        )  # fmt: skip
        row.next_run_at = looking.next_time(row, uploaded, looks=0)  # as an upload leaves it
        made.append(row)
    return made


if __name__ == "__main__":
    main()
