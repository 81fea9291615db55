"""The ingest folder as staff browse it, and that nothing outside it is ever shown or opened."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from platforms.services.fetching import folder
from platforms.services.fetching.troubles import Passing, Refused, Trouble
from tests import hub

FILM = b"the bytes of a film"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with two films, a note, a folder with a film, a hidden file; and a secret beside it."""
    top = tmp_path / "ingest"
    (top / "课程").mkdir(parents=True)
    (top / "b.mp4").write_bytes(FILM)
    (top / "A.MOV").write_bytes(FILM * 2)
    (top / "a note.txt").write_text("a note")
    (top / ".hidden.mp4").write_bytes(FILM)
    (top / ".folder").mkdir()
    (top / "课程" / "第一课.mp4").write_bytes(FILM)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.mp4").write_bytes(b"secret")
    (tmp_path / "ingest-other").mkdir()
    (tmp_path / "ingest-other" / "key.mp4").write_bytes(b"secret")
    return top


def read(root: Path, path: str) -> bytes:
    with folder.opened(root, path) as file:
        return os.read(file, 1000)


def names(view: folder.View) -> list[str]:
    return [entry.name for entry in (*view.folders, *view.files)]


def test_it_shows_folders_then_films_then_other_files(root: Path) -> None:
    view = folder.look(root)
    assert (view.path, view.parent, view.notes) == ("", None, [])
    assert [(entry.name, entry.path) for entry in view.folders] == [("课程", "课程")]
    assert [(entry.name, entry.size) for entry in view.files] == [("A.MOV", 38), ("b.mp4", 19), ("a note.txt", 6)]
    assert view.files[0].modified.timestamp() == pytest.approx((root / "A.MOV").stat().st_mtime)


def test_a_folder_below_knows_the_way_back(root: Path) -> None:
    (root / "课程" / "上").mkdir()
    view = folder.look(root, "课程")
    assert (view.path, view.parent) == ("课程", "")
    assert [entry.path for entry in view.files] == ["课程/第一课.mp4"]
    assert folder.look(root, "课程/上").parent == "课程"
    assert read(root, "课程/第一课.mp4") == FILM


@pytest.mark.parametrize(
    "path",
    ["..", "../secret/key.mp4", "课程/../../secret/key.mp4", "课程/..", "/etc/passwd", "//etc/passwd", ".hidden.mp4",
     ".folder", "./b.mp4", "b.mp4\0", "\\x2e\\x2e/secret/key.mp4", "\\x2fetc/passwd", "x" * 5000],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_refused(root: Path, path: str) -> None:
    for use in (folder.look, read):
        with pytest.raises(Refused, match="does not lie in the ingest folder"):
            use(root, path)


@pytest.mark.parametrize("path", ["nothing.mp4", "nothing/film.mp4", "b.mp4/film.mp4", "\ud800", "课程\udcff"])
def test_what_is_not_there_is_told(root: Path, path: str) -> None:
    with pytest.raises(Refused, match="is not there"):
        read(root, path)


def test_a_folder_is_no_file_and_a_file_no_folder(root: Path) -> None:
    with pytest.raises(Refused, match="is not a file"):
        read(root, "课程")
    with pytest.raises(Refused, match="is not a folder"):
        folder.look(root, "b.mp4")


@pytest.mark.parametrize(
    "target",
    ["../secret", "{tmp}/secret", "..", "{tmp}", "课程/../../secret", "{tmp}/ingest/../secret", "{tmp}/ingest-other",
     "/", "/proc/self/root"],
)  # fmt: skip
def test_a_link_that_leads_outside_is_neither_shown_nor_followed(root: Path, tmp_path: Path, target: str) -> None:
    (root / "way out").symlink_to(target.format(tmp=tmp_path))
    view = folder.look(root)
    assert "way out" not in names(view)
    assert [note.params for note in view.notes] == [{"number": 1, "names": "way out"}]
    for path in ("way out", "way out/key.mp4", "way out/secret/key.mp4"):
        with pytest.raises(Refused, match="does not lie in the ingest folder"):
            read(root, path)


def test_a_link_to_a_file_outside_is_not_opened(root: Path, tmp_path: Path) -> None:
    (root / "film.mp4").symlink_to(tmp_path / "secret" / "key.mp4")
    assert "film.mp4" not in names(folder.look(root))
    with pytest.raises(Refused, match="does not lie in the ingest folder"):
        read(root, "film.mp4")


@pytest.mark.parametrize("target", ["课程", "{tmp}/ingest/课程", "课程/../课程", "./课程/."])
def test_a_link_that_stays_inside_is_followed(root: Path, tmp_path: Path, target: str) -> None:
    (root / "latest").symlink_to(target.format(tmp=tmp_path))
    (root / "newest.mp4").symlink_to("latest/第一课.mp4")
    view = folder.look(root)
    assert {entry.name for entry in view.folders} == {"latest", "课程"}
    assert "newest.mp4" in names(view)
    assert read(root, "latest/第一课.mp4") == read(root, "newest.mp4") == FILM


def test_the_ingest_folder_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mounted").symlink_to(root)
    (root / "latest").symlink_to(root / "课程")
    assert read(tmp_path / "mounted", "latest/第一课.mp4") == FILM


def test_links_that_break_or_never_end_are_told_as_unreadable(root: Path) -> None:
    (root / "broken.mp4").symlink_to("nothing.mp4")
    (root / "loop.mp4").symlink_to("loop.mp4")
    view = folder.look(root)
    assert [note.params for note in view.notes] == [{"number": 2, "names": "broken.mp4, loop.mp4"}]
    with pytest.raises(Refused, match="cannot be read"):
        read(root, "loop.mp4")


def test_what_may_not_be_read_is_told(root: Path) -> None:
    """As somebody else than root, who may read everything."""
    for parent in root.parents:
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    root.chmod(0o755)
    (root / "b.mp4").chmod(0)
    (root / "课程").chmod(0)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        view = folder.look(root)
        for use, path in ((read, "b.mp4"), (folder.look, "课程")):
            with pytest.raises(Refused, match="cannot be read: Permission denied"):
                use(root, path)
    finally:
        os.seteuid(was)
        (root / "课程").chmod(0o755)
    assert names(view) == ["A.MOV", "a note.txt"]
    assert [note.params for note in view.notes] == [{"number": 2, "names": "课程, b.mp4"}]


def test_pipes_sockets_and_devices_are_not_films(root: Path, monkeypatch) -> None:
    os.mkfifo(root / "pipe.mp4")
    (root / "to pipe.mp4").symlink_to("pipe.mp4")
    with socket.socket(socket.AF_UNIX) as unix:
        monkeypatch.chdir(root)
        unix.bind("socket.mp4")  # a long path is no address
    shown = names(folder.look(root))
    assert "pipe.mp4" not in shown
    assert "socket.mp4" not in shown
    for path in ("pipe.mp4", "to pipe.mp4", "socket.mp4"):
        with pytest.raises(Refused, match="is not a file"):
            read(root, path)


@pytest.mark.parametrize(
    "name", [b"\xff\xfe.mp4", b"a\\xff.mp4", b"back\\slash.mp4", b"line\nbreak.mp4", b"\xe8\xaf.mp4"]
)
def test_a_name_of_any_bytes_can_be_shown_and_asked_for(root: Path, name: bytes) -> None:
    (root / "odd").mkdir()
    Path(os.fsdecode(os.fsencode(root / "odd") + b"/" + name)).write_bytes(name)
    (entry,) = folder.look(root, "odd").files
    entry.name.encode("utf-8")
    entry.path.encode("utf-8")
    assert entry.name.isprintable()
    assert folder.name_of(entry.path) == entry.name
    assert read(root, entry.path) == name


def test_ten_thousand_entries_are_capped_told_and_searched(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = root / "many"
    many.mkdir()
    for number in range(10_000):
        os.close(os.open(many / f"lesson {number:05}.mp4", os.O_CREAT))
    looked_at: list[str] = []
    sort_in = folder._sort_in

    def count(*arguments: Any) -> None:
        looked_at.append(arguments[-1])
        sort_in(*arguments)

    monkeypatch.setattr(folder, "_sort_in", count)
    view = folder.look(root, "many")
    assert len(view.files) == len(looked_at) == folder.SHOWN_MOST
    (note,) = view.notes
    assert note.params == {"shown": folder.SHOWN_MOST, "total": 10_000}
    assert [entry.name for entry in folder.look(root, "many", "SON 09999").files] == ["lesson 09999.mp4"]


def test_a_root_that_is_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(Passing, match="The ingest folder cannot be read: No such file or directory"):
        folder.look(tmp_path / "not mounted")


@pytest.mark.parametrize("swapped", ["folder", "file"])
def test_swapping_something_for_a_link_never_opens_the_outside(root: Path, tmp_path: Path, swapped: str) -> None:
    """One thread swaps without end, the other opens: it gets what is inside or is refused."""
    place = root / "课程" if swapped == "folder" else root / "课程" / "key.mp4"
    (root / "课程" / "key.mp4").write_bytes(FILM)
    outside = tmp_path / "secret" if swapped == "folder" else tmp_path / "secret" / "key.mp4"
    stop = threading.Event()

    def swap() -> None:
        aside = root / "aside"
        while not stop.is_set():
            place.rename(aside)
            place.symlink_to(outside)
            place.unlink()
            aside.rename(place)
            time.sleep(0.0002)

    swapper = threading.Thread(target=swap)
    swapper.start()
    results: set[bytes] = set()
    try:
        until = time.monotonic() + hub.PATIENCE_SECONDS
        for number in range(1_000_000):
            if (number > 2000 and len(results) > 1) or time.monotonic() > until:
                break
            try:
                results.add(read(root, "课程/key.mp4"))
            except Refused:
                results.add(b"refused")
    finally:
        stop.set()
        swapper.join()
    assert results == {FILM, b"refused"}


def test_a_glance_says_of_each_of_many_files_what_opening_it_says(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.mp4").write_bytes(b"x")
    (root / "out.mp4").symlink_to(tmp_path / "secret.mp4")
    (root / "in.mp4").symlink_to("unit/a.mp4")
    (root / "away").symlink_to(tmp_path)
    (root / "unit").mkdir(exist_ok=True)
    for name in ("unit/a.mp4", "b.mp4"):
        (root / name).write_bytes(name.encode())
    os.mkfifo(root / "unit/pipe.mp4")
    paths = ["unit/a.mp4", "b.mp4", "unit/gone.mp4", "gone/a.mp4", "unit/a.mp4", "unit/pipe.mp4", "unit", "out.mp4"]
    paths += ["in.mp4", "away/secret.mp4", "unit/../b.mp4", "../secret.mp4", "b.mp4/a.mp4", "", ".hidden.mp4"]
    with folder.glancing(root) as facts_of:
        assert [told(facts_of, path) for path in paths] == [told(opened_facts(root), path) for path in paths]
        assert facts_of("in.mp4").st_size == len("unit/a.mp4")


def opened_facts(root: Path) -> Callable[[str], os.stat_result]:
    def facts(path: str) -> os.stat_result:
        with folder.opened(root, path) as file:
            return os.fstat(file)

    return facts


def told(facts_of: Callable[[str], os.stat_result], path: str) -> Any:
    """Which file it is, or the reason why it cannot be said."""
    try:
        found = facts_of(path)
    except Trouble as trouble:
        return type(trouble), trouble.sentence
    return found.st_dev, found.st_ino, found.st_size
