"""The addresses that pages use: the ingest folder, an address, pause and resume, as JSON for staff only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from platforms.models import Arrival, IncomingFile
from tests.fetching import fetched
from tests.fetching.fetched import FILM, House
from tests.fetching.web import Server, Site

pytestmark = pytest.mark.django_db(transaction=True)
FILE_KEYS = {
    "id", "name", "way", "state", "received", "size", "percent", "error", "video", "fingerprint", "url", "makes_video",
    "created_at", "expires_at",
}  # fmt: skip


class Page:
    """A script of a page, with the page's CSRF token."""

    def __init__(self, user: object) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(user)  # type: ignore[arg-type]
        self.client.cookies["csrftoken"] = "a" * 32

    def get(self, url: str, **params: str) -> tuple[int, Any]:
        answer = self.client.get(url, params)
        return answer.status_code, answer.json()

    def post(self, path: str, content: object = None, token: str = "a" * 32) -> tuple[int, Any]:
        answer = self.client.post(path, json.dumps(content), "application/json", headers={"X-CSRFToken": token})
        return answer.status_code, answer.json()


@pytest.fixture
def page(house: House) -> Page:
    return Page(fetched.staff("anna"))


def test_the_folder_is_told_as_agreed(page: Page, house: House) -> None:
    (house.folder / "课程").mkdir()
    house.put("课程/第一课.mp4")
    house.put("b.mp4", b"12345")
    (house.folder / "out").symlink_to("/etc")
    status, told = page.get("/intake/folder/")
    assert status == 200
    modified = told["files"][0].pop("modified")
    assert modified.endswith("+00:00")
    assert told == {
        "enabled": True, "path": "", "parent": None, "folders": [{"name": "课程", "path": "课程"}],
        "files": [{"name": "b.mp4", "path": "b.mp4", "size": 5}],
        "notes": ["Not shown, as they lead out of the ingest folder (1): out"],
    }  # fmt: skip
    status, told = page.get("/intake/folder/", path="课程")
    assert (status, told["path"], told["parent"], told["files"][0]["path"]) == (200, "课程", "", "课程/第一课.mp4")
    assert page.get("/intake/folder/", find="nothing")[1]["files"] == []


def test_a_hub_without_folder_says_so(page: Page, settings) -> None:
    settings.INGEST_ROOT = ""
    assert page.get("/intake/folder/") == (
        200, {"enabled": False, "path": "", "parent": None, "folders": [], "files": [], "notes": []},
    )  # fmt: skip
    assert page.post("/intake/folder/", {"paths": ["b.mp4"]})[0] == 400


@pytest.mark.parametrize("path", ["..", "/etc", "nothing", "a\0b"])
def test_a_wrong_path_is_told_in_a_sentence(page: Page, path: str) -> None:
    status, told = page.get("/intake/folder/", path=path)
    assert status == 400
    assert list(told) == ["error"]
    assert "“" in told["error"]


def test_chosen_files_are_taken(page: Page, house: House) -> None:
    house.put("a.mp4")
    house.put("b.mp4")
    status, told = page.post("/intake/folder/", {"paths": ["a.mp4", "b.mp4"], "makes_video": True})
    assert status == 201
    assert [set(file) for file in told["files"]] == [FILE_KEYS, FILE_KEYS]
    assert [
        (file["name"], file["way"], file["state"], file["size"], file["makes_video"]) for file in told["files"]
    ] == [(name, "folder", "arriving", len(FILM), True) for name in ("a.mp4", "b.mp4")]
    row = fetched.run(IncomingFile.objects.get(name="a.mp4"))
    status, told = page.get(f"/intake/files/{row.pk}.json")
    assert (told["state"], told["percent"], told["video"]["title"]) == ("taken", 100, "a")


@pytest.mark.parametrize(
    "content",
    [None, [], "text", {}, {"paths": "a.mp4"}, {"paths": [1]}, {"paths": []}, {"paths": ["nothing.mp4"]},
     {"paths": ["../x.mp4"]}, {"paths": ["\ud800"]}, {"paths": ["x"] * 2 + [str(number) for number in range(501)]}],
)  # fmt: skip
def test_a_wrong_choice_is_told_and_takes_nothing(page: Page, content: object) -> None:
    status, told = page.post("/intake/folder/", content)
    assert (status, list(told)) == (400, ["error"])
    assert not IncomingFile.objects.exists()


def test_json_that_is_nested_beyond_reading_is_told(page: Page) -> None:
    token = {"X-CSRFToken": "a" * 32}
    answer = page.client.post("/intake/folder/", "[" * 100_000, content_type="application/json", headers=token)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_an_address_is_taken_and_shown_without_its_secrets(page: Page) -> None:
    with Server(Site(FILM)) as server:
        status, told = page.post("/intake/address/", {"address": server.address("/x.mp4?key=SECRET9")})
        assert (status, set(told)) == (201, FILE_KEYS)
        assert (told["name"], told["way"], told["size"], told["percent"]) == ("x.mp4", "address", None, None)
        row = fetched.run(IncomingFile.objects.get())
        told = page.get("/intake/files.json")[1]
    assert (row.state, told["files"][0]["percent"]) == (Arrival.READY, 100)
    assert "SECRET9" not in json.dumps(told)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({}, "The address is missing."), ({"address": 7}, "The address is missing."), ({"address": " "}, "missing"),
        ({"address": "ftp://media/x.mp4"}, "not an http or https address"),
        ({"address": "http://10.1.1.1/x.mp4"}, "private network"),
        ({"address": "https://me:SECRET9@media.example/x.mp4"}, "user name or password"),
        ({"address": "https://media.example:22/x.mp4"}, "Port 22"), (None, "A JSON object is expected."),
    ],
)  # fmt: skip
def test_a_wrong_address_is_told_in_a_sentence(page: Page, content: object, why: str) -> None:
    status, told = page.post("/intake/address/", content)
    assert status == 400
    assert why in told["error"]
    assert "SECRET9" not in told["error"]
    assert not IncomingFile.objects.exists()


def test_a_file_is_paused_and_goes_on(page: Page, house: House) -> None:
    house.put("a.mp4")
    file = page.post("/intake/folder/", {"paths": ["a.mp4"]})[1]["files"][0]
    assert page.post(f"{file['url']}resume/")[0] == 409
    status, told = page.post(f"{file['url']}pause/")
    assert (status, told["state"]) == (200, "paused")
    assert page.post(f"{file['url']}pause/")[0] == 409
    status, told = page.post(f"{file['url']}resume/")
    assert (status, told["state"]) == (200, "arriving")


def test_nobody_else_pauses_or_sees_a_file(page: Page, house: House) -> None:
    house.put("a.mp4")
    file = page.post("/intake/folder/", {"paths": ["a.mp4"]})[1]["files"][0]
    other = Page(fetched.staff())
    assert other.post(f"{file['url']}pause/")[0] == 404
    assert other.get("/intake/files.json")[1] == {"files": []}


def test_a_file_that_waits_long_for_a_worker_is_not_called_paused(page: Page, house: House) -> None:
    house.put("a.mp4")
    page.post("/intake/folder/", {"paths": ["a.mp4"]})
    IncomingFile.objects.update(touched_at="2026-11-21T00:00:00Z", created_at="2026-11-21T00:00:00Z")
    assert page.get("/intake/files.json")[1]["files"][0]["state"] == "arriving"


@pytest.mark.parametrize("path", ["/intake/folder/", "/intake/address/"])
def test_strangers_and_staff_without_permission_stay_out(house: House, path: str) -> None:
    user = fetched.staff()
    user.user_permissions.clear()
    content = {"paths": ["a.mp4"], "address": "https://media.example/x.mp4"}
    assert Page(user).post(path, content)[0] == 403
    answer = Client().post(path, json.dumps(content), "application/json")
    assert (answer.status_code, list(answer.json())) == (401, ["error"])
    assert Page(fetched.staff()).post(path, content, token="")[0] == 403
    assert not IncomingFile.objects.exists()
