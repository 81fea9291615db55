"""What lies in `deploy/` fits the hub: its variables, paths and commands are the hub's."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from platforms.services import supervising

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("*.service"))
OF_THE_HUB = ("migrate", "web", "worker-default", "worker-uploads")
#: Read by the compose file itself.
OF_COMPOSE = {"POSTGRES_PASSWORD", "HUB_NAME", "CERTIFICATES"}


def unit(name: str) -> configparser.SectionProxy:
    """The [Service] part of a unit; of what is there several times, the last."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return parser["Service"]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, in order."""
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _space, rest in (line.partition(" ") for line in lines)]


def variables() -> set[str]:
    """What the example of `.env` explains."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"(?m)^#?([A-Z][A-Z0-9_]+)=", example))


def is_command(path: str) -> bool:
    """Whether the project has this program, or its virtual environment will."""
    return path.startswith(".venv/bin/") or os.access(ROOT / path, os.X_OK)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_script_of_the_project_and_stops_its_leader_only(name):
    service = unit(name)
    program = shlex.split(service["ExecStart"])[0]
    assert is_command(program.removeprefix(f"{service['WorkingDirectory']}/"))
    assert (service["KillMode"], service["KillSignal"]) == ("mixed", "SIGTERM")
    assert service["Restart"] == "always"
    assert int(service["TimeoutStopSec"]) > supervising.STOP_SECONDS


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_a_unit_and_finds_it_well_protected(name, tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # a system without it: what can be read without it is tested above
    here = tmp_path / name
    # The programs are where the unit says on the hub's machine, not here.
    here.write_text((DEPLOY / name).read_text(encoding="utf-8").replace("/srv/mediahub", str(ROOT)), encoding="utf-8")
    verified = subprocess.run([analyze, "verify", str(here)], capture_output=True, text=True, check=False)
    about_it = [line for line in verified.stderr.splitlines() if name in line]
    assert about_it == []
    judged = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=25", str(here)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout[-400:]


def test_the_worker_unit_serves_every_queue_there_is():
    assert unit("mediahub-worker.service")["Environment"] == f"QUEUES={','.join(settings.QUEUES)}"
    assert "--queues ${QUEUES}" in unit("mediahub-worker.service")["ExecStart"]


def test_every_queue_has_a_container():
    commands = {name: compose()["services"][name]["command"] for name in OF_THE_HUB}
    served = {command[2] for command in commands.values() if command[0] == "script/worker"}
    assert served == set(settings.QUEUES)
    assert all(is_command(command[0]) for command in commands.values())


def test_containers_get_variables_that_the_hub_reads():
    for name in OF_THE_HUB:
        given = compose()["services"][name]["environment"]
        assert set(given) <= variables(), name
        assert {"SECRET_KEY", "CREDENTIALS_KEY", "PUBLIC_URL", "DATABASE_URL", "REDIS_URL"} <= set(given)
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    assert asked - variables() == OF_COMPOSE


def test_a_containers_variables_make_settings(tmp_path):
    given = compose()["services"]["worker-uploads"]["environment"]
    chosen = {"SECRET_KEY": "x" * 50, "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
              "PUBLIC_URL": "https://hub.example.com", "POSTGRES_PASSWORD": "abc"}  # fmt: skip
    filled = {name: _filled(str(value), chosen) for name, value in given.items()}
    done = subprocess.run(
        [sys.executable, "-m", "script.check_settings"], cwd=ROOT, env={**filled, "ENV_FILE": ""}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def _filled(value: str, chosen: dict[str, str]) -> str:
    """As docker compose fills in `${NAME:-default}` and `${NAME:?why}`."""

    def fill(found: re.Match[str]) -> str:
        name, sign, rest = found.groups()
        return chosen[name] if sign == ":?" else chosen.get(name, rest)

    return re.sub(r"\$\{([A-Z_]+)(:[-?])([^}]*)\}", fill, value)


def test_containers_share_files_and_are_given_time_to_stop():
    services = compose()["services"]
    assert all("media:/var/lib/mediahub" in services[name]["volumes"] for name in OF_THE_HUB)
    for name in OF_THE_HUB[1:]:
        assert int(services[name]["stop_grace_period"].removesuffix("s")) > supervising.STOP_SECONDS
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        # Their names would be the same on every machine, and for each of several on one.
        assert "hostname" not in services[name]
        assert "container_name" not in services[name]


def test_the_image_has_what_it_copies_and_starts(tmp_path):
    home = next(rest for name, rest in instructions() if name == "WORKDIR")
    for name, rest in instructions():
        if name == "COPY":
            source, _target = rest.split()
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, tmp_path / source)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (collect,) = [rest for name, rest in instructions() if name == "RUN" and "collectstatic" in rest]
    line = collect.partition(" && ")[0].replace(home, str(tmp_path))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run(["bash", "-ec", line], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "staticfiles" / "staticfiles.json").is_file()
    (command,) = [yaml.safe_load(rest) for name, rest in instructions() if name == "CMD"]
    assert all(os.access(tmp_path / program, os.X_OK) for program in (*command, "script/worker"))
    keys = {"SECRET_KEY": "x" * 50, "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
    command = [".venv/bin/python", "manage.py", "check"]
    checked = subprocess.run(command, cwd=tmp_path, env=environment | keys, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
