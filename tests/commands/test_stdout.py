"""Stdout is the document's alone."""

from __future__ import annotations

import json

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.db import connections

from platforms.management.commands.publications import Command

pytestmark = pytest.mark.django_db


@pytest.fixture
def argv(monkeypatch):
    """Run the command `publications` as from a shell: exit code."""
    # The test's own connection has to outlive the command.
    monkeypatch.setattr(connections, "close_all", lambda: None)

    def run(*arguments: str) -> int:
        try:
            Command().run_from_argv(["manage.py", "publications", *arguments])
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return run


def test_wrong_usage_is_one_document_and_exits_with_2(argv, capsys):
    assert argv("--json", "--state", "no such") == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["error"]["kind"] == "BadInput"
    assert "no such" in json.loads(out)["error"]["message"]
    assert "usage:" in err


def test_wrong_usage_without_json_leaves_stdout_empty(argv, capsys):
    assert argv("--no-such-option") == 2
    assert capsys.readouterr().out == ""


def test_a_notice_about_migrations_goes_to_stderr(argv, capsys, monkeypatch):
    def told(command):
        command.stdout.write("You have 1 unapplied migration(s).")

    monkeypatch.setattr(BaseCommand, "check_migrations", told)
    assert argv("--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == []
    assert "unapplied" in err


def test_bad_input_is_one_document_on_stdout_and_a_sentence_on_stderr(argv, capsys):
    assert argv("--json", "--account", "nobody") == 2
    out, err = capsys.readouterr()
    message = json.loads(out)["error"]["message"]
    assert message in err
    assert "Traceback" not in err


def test_ctrl_c_is_one_document_and_no_traceback(argv, capsys, monkeypatch):
    def interrupted(command, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Command, "work", interrupted)
    assert argv("--json") == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["error"]["kind"] == "Cancelled"
    assert json.loads(out)["error"]["message"] in err
    assert "Traceback" not in err


def test_every_command_of_the_hub_answers_in_json():
    own = [name for name, app in get_commands().items() if app in ("platforms", "sandbox")]
    assert len(own) > 20
    for name in own:
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        assert "--json" in parser.format_help(), name
