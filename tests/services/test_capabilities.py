"""The pages about the platforms say what the code does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from platforms.drivers.baijiayun import mapping as baijiayun_mapping
from platforms.drivers.baijiayun import upload as baijiayun_upload
from platforms.drivers.iqiyi import mapping as iqiyi_mapping
from platforms.drivers.iqiyi import upload as iqiyi_upload
from platforms.drivers.youku import mapping as youku_mapping
from platforms.drivers.youku import upload as youku_upload
from platforms.registry import driver_class
from platforms.services import capabilities

STATES = {
    "youku": set(youku_mapping.STATES),
    "iqiyi": set(iqiyi_mapping.FULL_STATES),
    "baijiayun": {str(status) for status in (*baijiayun_mapping.STATUSES, baijiayun_mapping.DONE)},
}
UPLOADS = {
    "youku": set(youku_upload.SEND),
    "iqiyi": {iqiyi_upload.PROTOCOL},
    "baijiayun": {*baijiayun_upload.BASES, baijiayun_upload.WHOLE},
}
PLATFORMS = list(STATES)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "platforms.md"
    monkeypatch.setattr(capabilities, "page_path", lambda: path)
    return path


def test_the_page_of_all_platforms_is_current() -> None:
    assert capabilities.is_current(), "run manage.py capabilities --write"


def test_it_lists_every_call_and_every_capability_once() -> None:
    rows = [row.number for facts in capabilities.facts() for row in facts.rows]
    assert len(rows) == len(set(rows)) == 74
    page = capabilities.page()
    assert [number for number in rows if page.count(f"| {number} |") != 1] == []
    assert [name for name in capabilities.known() if page.count(f"`{name}`") != 1] == []


def test_every_capability_is_some_platforms() -> None:
    used = frozenset().union(*(facts.capabilities for facts in capabilities.facts()))
    assert used == set(capabilities.known())


def test_writing_makes_it_current(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere.write_text("something old")
    with pytest.raises(SystemExit) as ended:
        call_command("capabilities", "--check")
    assert ended.value.code == 1
    call_command("capabilities", "--write")
    assert elsewhere.read_text() == capabilities.page()
    call_command("capabilities", "--check")


def test_without_a_flag_it_is_printed_and_nothing_is_written(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("capabilities")
    assert capsys.readouterr().out.strip() == capabilities.page().strip()
    assert not elsewhere.exists()


def test_it_is_there_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("capabilities", "--json")
    document = json.loads(capsys.readouterr().out)
    assert {one["platform"]: one["calls"] for one in document["platforms"]} == {
        "youku": 19, "iqiyi": 11, "baijiayun": 44,
    }  # fmt: skip
    assert "HasSubtitles" in document["capabilities"]
    assert [one["platform"] for one in document["platforms"] if "HasSubtitles" in one["capabilities"]] == ["baijiayun"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_ways_of_uploading_are_those_that_the_driver_has(platform: str) -> None:
    assert set(driver_class(platform).uploads) == UPLOADS[platform]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_platforms_own_page_knows_its_credentials_ways_of_uploading_and_states(platform: str) -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "platforms" / f"{platform}.md").read_text(encoding="utf-8")
    driver = driver_class(platform)
    expected = {field.name for field in driver.credential_fields} | UPLOADS[platform] | STATES[platform]
    assert [name for name in sorted(expected) if f"`{name}`" not in text] == []
