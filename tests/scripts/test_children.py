"""The demonstration's children: all of them end, whatever they do."""

import os
import sys
import time

import psutil
import pytest

from script.children import Child, Children
from tests.hub import PATIENCE_SECONDS
from tests.services.test_supervising import lives

STUBBORN = """
import signal, subprocess, sys, time
import setproctitle
setproctitle.setproctitle("a title that is long enough to reach into the environment behind the command line")
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(grandchild.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def children(tmp_path):
    started = Children(tmp_path)
    yield started
    started.end(0, hurry=lambda: True)


def start(children, name, code):
    return children.start(name, [sys.executable, "-c", code], os.environ)


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def start_stubborn(children):
    """A child that ignores SIGTERM, and the process it started in a session of its own."""
    child = start(children, "stubborn", STUBBORN)
    wait_for(lambda: child.log.read_text().endswith("\n"))
    return child, psutil.Process(int(child.log.read_text()))


def test_a_child_that_ignores_the_request_is_killed_with_what_it_started(children):
    child, grandchild = start_stubborn(children)
    children.end(0.2, hurry=lambda: False)
    assert child.ended
    wait_for(lambda: not lives(grandchild))


def test_a_second_interrupt_ends_the_waiting(children):
    child, _grandchild = start_stubborn(children)
    before = time.monotonic()
    children.end(600, hurry=lambda: True)
    assert child.ended
    assert time.monotonic() - before < PATIENCE_SECONDS


def test_a_child_may_finish_its_work_when_it_is_asked_to_leave(children):
    code = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('saved'), sys.exit()))\n"
        "print('ready', flush=True)\n"
        "signal.pause()"
    )
    child = start(children, "tidy", code)
    wait_for(lambda: "ready" in child.log.read_text())
    children.end(PATIENCE_SECONDS, hurry=lambda: False)
    assert child.process.returncode == 0
    assert "saved" in child.log.read_text()


def test_a_child_that_ends_by_itself_is_noticed_and_its_last_words_are_kept(children):
    start(children, "steady", "import time; time.sleep(600)")
    dead = start(children, "dead", "import sys; print('reason', file=sys.stderr); sys.exit(3)")
    wait_for(lambda: dead.ended)
    assert children.first_ended() is dead
    assert dead.tail() == "reason"


def test_what_a_killed_demonstration_left_behind_is_ended_by_the_next_one(children, tmp_path):
    child, grandchild = start_stubborn(children)
    assert Children(tmp_path).end_leftovers() == 2
    wait_for(lambda: child.ended)
    wait_for(lambda: not lives(grandchild))


def test_another_folders_children_are_left_alone(children, tmp_path):
    child = start(children, "steady", "import time; time.sleep(600)")
    assert Children(tmp_path / "other").end_leftovers() == 0
    assert not child.ended


def test_what_is_started_while_leftovers_are_looked_for_is_ended_too(children, tmp_path, monkeypatch):
    late: list[Child] = []
    first = start(children, "first", "import time; time.sleep(600)")
    other = Children(tmp_path)
    marked = other._marked

    def slowly():
        yield from marked()
        if not late:
            late.append(start(children, "late", "import time; time.sleep(600)"))

    monkeypatch.setattr(other, "_marked", slowly)
    assert other.end_leftovers() == 2
    wait_for(lambda: first.ended and late[0].ended)
