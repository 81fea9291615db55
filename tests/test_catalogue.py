"""Every sentence that a person sees is there in Chinese and in English."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import django
import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PLACE = re.compile(r"%\((\w+)\)[sd]|\{\w*\}|%[sd]")
OF_DJANGO = "platforms/admin/common/django_words.py"
READ = ("platforms", "mediahub", "templates", "static", "locale", "manage.py")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def test_nothing_is_untranslated_or_fuzzy(catalogue):
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_translations_keep_every_place_of_the_sentence(catalogue):
    broken = [
        entry.msgid
        for entry in catalogue
        for text in entry.msgstr_plural.values() or [entry.msgstr]
        if set(PLACE.findall(text)) != set(PLACE.findall(entry.msgid_plural or entry.msgid))
    ]
    assert broken == []


def test_the_compiled_catalogue_is_the_written_one(catalogue):
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert {(e.msgid, e.msgstr) for e in compiled} == {(e.msgid, e.msgstr) for e in catalogue}


def test_the_catalogue_holds_what_the_sources_say(catalogue, tmp_path):
    for name in READ:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / "sandbox").symlink_to(ROOT / "sandbox")
    command = [sys.executable, "manage.py", "makemessages", "-l", "zh_Hans", "--no-obsolete", "-v0", "-i", "sandbox"]
    environment = {"PATH": _path(), "DEBUG": "1", "ENV_FILE": ""}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    fresh = polib.pofile(str(tmp_path / CATALOGUE.relative_to(ROOT)))
    missing = {e.msgid for e in fresh} - {e.msgid for e in catalogue}
    dead = {e.msgid for e in catalogue} - {e.msgid for e in fresh}
    assert (sorted(missing), sorted(dead)) == ([], []), "run script/messages and translate what is new"


def test_the_words_of_django_that_are_said_anew_are_still_its_own(catalogue):
    ours = {entry.msgid for entry in catalogue if {place for place, _line in entry.occurrences} == {OF_DJANGO}}
    english = Path(django.__file__).parent.glob("**/locale/en/LC_MESSAGES/django.po")
    assert ours
    assert ours - {entry.msgid for file in english for entry in polib.pofile(str(file))} == set()


def _path() -> str:
    return f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
