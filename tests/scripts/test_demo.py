"""The demonstration's ports, memory and environment."""

import contextlib
import os
import socket

import pytest

from script.demo import Demo, DemoFailed, Memory, free_port, hub_variables, only_demo_in, tell_port


@pytest.fixture
def taken_port():
    """Below the ports that the system gives to connections: the next ones stay free."""
    wanted = 23000
    while True:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", wanted)):
            yield wanted
            return
        wanted += 10


def test_a_free_port_is_taken_as_wanted(taken_port):
    port = free_port(taken_port + 1)
    assert free_port(port) == port


def test_a_port_in_use_gives_way_to_the_next_free_one(taken_port):
    found = free_port(taken_port)
    assert found != taken_port
    with socket.create_server(("127.0.0.1", found)):
        assert free_port(taken_port) not in (taken_port, found)


def test_another_port_than_the_usual_is_told(taken_port, capsys):
    port = tell_port(taken_port, "the web server")
    assert capsys.readouterr().out == f"Port {taken_port} is in use; the web server takes {port}.\n"


def test_the_usual_port_needs_no_word(taken_port, capsys):
    tell_port(free_port(taken_port), "the web server")
    assert capsys.readouterr().out == ""


def test_a_second_run_has_the_keys_and_the_password_of_the_first(tmp_path):
    path = tmp_path / "memory.json"
    assert Memory(path).values == Memory(path).values
    assert path.stat().st_mode & 0o777 == 0o600


def test_only_one_demonstration_works_in_a_folder(tmp_path):
    with only_demo_in(tmp_path), pytest.raises(DemoFailed, match="already runs"), only_demo_in(tmp_path):
        pass


def test_nothing_of_the_callers_configuration_leaks_in(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {"REDIS_URL": "redis://elsewhere", "DEBUG": "1", "PATH": "/bin"})
    Demo(tmp_path).enter_environment({"YOUKU_API_URL": "http://127.0.0.1:1/youku"})
    assert "REDIS_URL" not in os.environ
    assert "DEBUG" not in os.environ
    assert os.environ["PATH"] == "/bin"
    assert os.environ["ENV_FILE"] == ""
    assert os.environ["YOUKU_API_URL"] == "http://127.0.0.1:1/youku"
    assert str(tmp_path) in os.environ["DATABASE_URL"]


def test_the_variables_of_the_hub_are_those_of_the_example():
    assert hub_variables("# words\nA_KEY=\n#B_URL=x\n# C_D=no, this is prose\n") == {"A_KEY", "B_URL"}
