"""Bulk upload by hand: a table with mistakes, the corrected one, and videos that are published on every platform."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub, log_in
from tests.hub import NAMES, SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ADD = "/admin/platforms/bulkupload/add/"
HEADINGS = "文件,标题,简介,标签,账号"


def table(path: Path, *files: str) -> Path:
    """As Excel in China saves a CSV."""
    rows = [f'{file},{file} 认识分数,三年级数学,"数学,三年级","yk,iq,bj"' for file in files]
    path.write_bytes("\r\n".join([HEADINGS, *rows]).encode("gb18030"))
    return path


def check(page: Page, file: Path) -> None:
    page.set_input_files("#id_table", str(file))
    page.fill("#id_folder", "三年级")
    page.click(".submit-row button")
    page.wait_for_url("**/change/")


def test_a_table_is_corrected_queued_and_published(page: Page, hub: Hub, tmp_path: Path):
    for platform, name in NAMES.items():
        hub.add_account(name, platform)
    folder = Path(hub.environment["INGEST_ROOT"]) / "三年级"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"第{number}课.mp4").write_bytes(SAMPLE.read_bytes() + struct.pack(">I4sI", 12, b"free", number))

    page.goto(ADD)
    log_in(page)
    page.wait_for_selector("#id_table")
    expect(page.locator("#ingest-folders option[value=三年级]")).to_have_count(1)
    page.check("[name=source][value=folder]")
    expect(page.locator("#id_table")).to_be_hidden()
    page.check("[name=source][value=table]")
    check(page, table(tmp_path / "课程.csv", "第1课.mp4", "第二课.mp4"))
    expect(page.locator(".bulk__rows tbody tr")).to_have_count(1)
    expect(page.locator(".bulk__rows .says")).to_contain_text("三年级/第二课.mp4")

    page.click("a[href*=replaces]")
    expect(page.locator("#id_folder")).to_have_value("三年级")
    check(page, table(tmp_path / "课程.csv", "第1课.mp4", "第2课.mp4"))
    page.click("form[action$='/do/start/'] button")
    expect(page.locator(".bulk__rows .badge--published")).to_have_count(6)
    assert len(hub.box.videos()) == 6
    expect(page.locator("form[action$='/do/cancel/']")).to_have_count(0)
