"""The lists of packages."""

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from script.make_env import ROOT

FILES = ("requirements.txt", "requirements-s3.txt", "requirements-dev.txt")


def lines(name: str) -> list[str]:
    return [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r"))]


def pinned(name: str) -> dict[str, Requirement]:
    found = [Requirement(line.split("#")[0]) for line in lines(name)]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def everything() -> dict[str, Requirement]:
    return {name: requirement for file in FILES for name, requirement in pinned(file).items()}


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_pinned_exactly_and_named_once(name):
    requirements = [Requirement(line.split("#")[0]) for line in lines(name)]
    names = [canonicalize_name(requirement.name) for requirement in requirements]
    assert len(names) == len(set(names))
    for requirement in requirements:
        assert re.fullmatch(r"==[0-9][0-9a-z.]*", str(requirement.specifier)), requirement


@pytest.mark.parametrize("name", FILES)
def test_every_chosen_package_says_its_licence_and_reason(name):
    chosen, _brought = (ROOT / name).read_text().split("# Brought along by the above")
    for line in chosen.splitlines():
        if "==" in line:
            assert re.search(r"# [A-Z][\w.-]+( or [\w.-]+)?: \w", line), line


def test_everything_that_they_bring_along_is_pinned_too():
    known = everything()
    for requirement in known.values():
        if requirement.marker and not requirement.marker.evaluate():
            continue
        for text in metadata.requires(requirement.name) or []:
            needed = Requirement(text)
            wanted = not needed.marker or any(
                needed.marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)
            )
            assert not wanted or canonicalize_name(needed.name) in known, f"{requirement.name} brings {needed.name}"


def test_what_is_pinned_is_what_is_installed():
    for requirement in everything().values():
        if not requirement.marker or requirement.marker.evaluate():
            assert metadata.version(requirement.name) in requirement.specifier
