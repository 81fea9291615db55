"""A hub as its installation leaves it: made once in a run of the tests, and copied by each test that starts a hub."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
USER, PASSWORD = "li", "a long pass phrase"


class Installed:
    """`static`: the collected files, which every hub may serve. In its database is one person, `USER`."""

    def __init__(self, folder: Path) -> None:
        self._database = folder / "hub.sqlite3"
        self.static = folder / "static"
        folder.mkdir(exist_ok=True)
        # The first worker of the run that needs it makes it, the others wait.
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._database.exists():
                self._make(folder / "unfinished.sqlite3").rename(self._database)

    def copy_database(self, to: Path) -> None:
        shutil.copy(self._database, to)

    def _make(self, database: Path) -> Path:
        """Do what whoever installs a hub does; answers the database."""
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mediahub.settings",
            "ENV_FILE": "",
            "DEBUG": "0",
            "SECRET_KEY": "only the tests' own, and long enough to be one, surely it is",
            "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "DATABASE_URL": f"sqlite:///{database}",
            "STATIC_ROOT": str(self.static),
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        }
        for command in (
            ["migrate", "-v0"],
            ["collectstatic", "--no-input", "-v0"],
            ["createsuperuser", "-v0", "--no-input", "--username", USER, "--email", ""],
        ):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
        return database
