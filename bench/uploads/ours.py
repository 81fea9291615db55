"""The hub's own upload: its rows on SQLite, its services, the real drivers; only the platforms are the sink.

Measured is what a worker does with a queued publication: claim, lease, upload session, checkpoints, events, outcome.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import django

from bench.common import hub
from bench.common.measure import Cost, cost_of
from bench.uploads.baijiayun import DOMAIN

DATABASE = "hub.sqlite3"
#: The platform of each protocol, and the account's options that choose it.
PROTOCOLS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "slices": ("youku", {"upload_method": "slices"}),
    "oss": ("youku", {}),
    "ranges": ("iqiyi", {}),
    "chunks": ("baijiayun", {}),
}
_TOKENS = {"client_id": "id", "client_secret": "secret", "access_token": "token", "refresh_token": "token"}
CREDENTIALS = {
    "youku": _TOKENS,
    "iqiyi": _TOKENS,
    "baijiayun": {"private_domain": DOMAIN, "partner_id": "1", "partner_key": "key"},
}


def environment(folder: Path, url: str) -> dict[str, str]:
    """The hub's settings for a run in `folder` against the sink."""
    return hub.environment(
        folder,
        YOUKU_API_URL=f"{url}/youku",
        YOUKU_OPENAPI_URL=f"{url}/youku/v2",
        IQIYI_API_URL=f"{url}/iqiyi",
        IQIYI_UPLOAD_URL=f"{url}/iqiyi-upload",
        BAIJIAYUN_API_URL=url + "/baijiayun/{private_domain}",
    )


def make_database(folder: Path) -> None:
    """An empty, migrated database in `folder`, to be copied for each run."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as draft:
        settings = environment(Path(draft), "http://127.0.0.1:1")
        hub.manage(settings, "migrate", "--skip-checks", "--verbosity", "0")
        Path(draft, DATABASE).replace(folder / DATABASE)


def upload(protocol: str, url: str, file: Path, md5: str, folder: Path) -> Cost:
    """Queue the file for a new account, and upload it; `folder` holds the empty database."""
    run = folder / f"run-{os.getpid()}"
    (run / "media").mkdir(parents=True)
    try:
        shutil.copy(folder / DATABASE, run / DATABASE)
        os.environ.update(environment(run, url))
        django.setup()
        return _upload(protocol, file, md5, run / "media")
    finally:
        shutil.rmtree(run)


def _upload(protocol: str, file: Path, md5: str, media: Path) -> Cost:
    # Models can be imported only now that the settings are known.
    from bench.uploads import hub as rows  # noqa: PLC0415

    platform, options = PROTOCOLS[protocol]
    publication = rows.queued(platform, options, CREDENTIALS[platform], file, md5, media)
    return cost_of(lambda: rows.run(publication))
