"""In a real browser: nothing moves under a finger while a page changes by itself, and the focus is always in sight."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from platforms.models import Publication
from platforms.values import State
from tests.admin.posting import add_one_account_each
from tests.admin.rows import add_account, add_publication
from tests.admin.test_in_a_browser import PHONE, page
from tests.hub import SAMPLE

__all__ = ["page"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/platforms/video/add/"
UPLOAD = "/admin/platforms/video/upload/"
SIZES: list[Any] = [{"width": 1400, "height": 950}, {"width": 1280, "height": 720}, PHONE]

# Each phase that the row of a file can be in, by what is known of the file then; MiB stands for a mebibyte.
EVERY_PHASE = """([list, makesVideo]) => {
    const {Item, Row} = window.hubUploads;
    const MiB = 1024 * 1024;
    const words = document.getElementById("upload-words").dataset;
    const file = new File(["frames"], "lesson.mp4");
    const here = {file, size: 1234 * MiB, received: 123 * MiB};
    const there = {...here, file: null, id: "1"};
    const whole = {...there, received: there.size};
    const facts = {
        queued: {...here, state: "queued", received: 0},
        sending: {...here, state: "sending"},
        looking: {...here, state: "sending", received: here.size},
        waiting: {...here, state: "sending", waiting: true},
        paused: {...here, state: "paused"},
        login: {...here, state: "login", error: words.login},
        full: {...here, state: "full", error: words.full},
        stopped: {...here, state: "stopped", error: words.gone},
        unfinished: {...there, state: "arriving"},
        elsewhere: {...there, state: "arriving", movedAt: performance.now()},
        fetching: {...there, state: "arriving", way: "address", size: 0, received: 5 * MiB},
        ready: {...whole, state: "ready"},
        taken: {...whole, state: "taken", video: {id: 1, title: "Lesson", url: "/1/"}},
        failed: {...whole, state: "failed", error: words.connection},
    };
    const found = {};
    for (const [phase, known] of Object.entries(facts)) {
        const item = new Item({name: "lesson.mp4", makesVideo: makesVideo && phase !== "ready", ...known}, () => {});
        item.meter.speed = 12.3 * MiB;
        const row = new Row(item, null, {publish: makesVideo ? "/0/" : "", says: document.createElement("p")});
        document.querySelector(list).append(row.element);
        found[row.element.dataset.phase] = row.element.getBoundingClientRect().height;
        row.element.remove();
    }
    return found;
}"""


def test_the_row_of_a_file_is_as_high_in_each_phase(page: Page):
    for address, makes_video in ((ADD, False), (UPLOAD, True)):
        page.goto(address)
        page.evaluate("document.querySelector('[data-page=files]')?.removeAttribute('hidden')")
        for size in SIZES:
            page.set_viewport_size(size)
            heights = page.evaluate(EVERY_PHASE, [".uploads", makes_video])
            assert len(heights) == 14
            assert len(set(heights.values())) == 1, heights


# What the first account's box goes through from the moment at which the file is chosen.
WATCH = """() => {
    window.places = [];
    const box = document.querySelector("[name=accounts]");
    const note = () => window.places.push(box.getBoundingClientRect().top + scrollY);
    const list = document.querySelector("[data-field=list]");
    new MutationObserver(note).observe(list, {childList: true, subtree: true, attributes: true, characterData: true});
}"""


def test_what_lies_below_a_file_that_arrives_stays_where_it_is(page: Page, intake):
    add_one_account_each()
    page.goto(ADD)
    page.evaluate(WATCH)
    page.set_input_files("#id_file", str(SAMPLE))
    expect(page.locator(".upload")).to_have_attribute("data-phase", "ready")
    places = page.evaluate("window.places")
    assert len(places) > 2
    assert len(set(places)) == 1, places


REFUSAL = {"text": "The platform refused it. " * 20, "params": {}, "code": "E1", "detail": "a long story"}


def fail(publication: Publication) -> None:
    Publication.objects.filter(pk=publication.pk).update(state=State.FAILED, error=REFUSAL)


def top(place: Locator) -> float:
    box = place.bounding_box()
    assert box
    return box["y"]


def test_a_publication_that_fails_moves_neither_the_field_in_use_nor_the_button_pointed_at(page: Page):
    page.set_viewport_size({"width": 1280, "height": 720})
    publication = add_publication(add_account(), State.UPLOADING, bytes_sent=410)
    page.goto(f"/admin/platforms/video/{publication.video_id}/change/")
    title = page.locator("#id_title")
    title.focus()
    before, height = top(title), page.evaluate("document.documentElement.scrollHeight")
    fail(publication)
    expect(page.locator("#publications")).to_contain_text("Retry what failed")
    assert page.evaluate("document.documentElement.scrollHeight") > height, "nothing has grown above it"
    assert top(title) == pytest.approx(before, abs=1)

    second = add_publication(publication.account, State.UPLOADING, bytes_sent=410)
    page.goto(f"/admin/platforms/publication/{second.pk}/change/")
    link = page.locator("#publication .facts a").first  # in a part of the page that is replaced
    link.hover()
    before = top(link)
    fail(second)
    expect(page.locator("#publication .now__detail")).to_be_visible()
    assert top(link) == pytest.approx(before, abs=1)


def test_what_was_opened_stays_open_when_the_page_is_refreshed(page: Page):
    publication = add_publication(add_account(), State.FAILED, error=REFUSAL)
    page.goto(f"/admin/platforms/publication/{publication.pk}/change/")
    detail = page.locator("#publication details.now__detail")
    detail.locator("summary").click()
    page.evaluate("document.activeElement.blur()")
    Publication.objects.filter(pk=publication.pk).update(remote_id="XNDY")
    page.evaluate("document.dispatchEvent(new CustomEvent('publications-changed'))")
    expect(page.locator("#publication")).to_contain_text("XNDY")
    expect(detail).to_have_attribute("open", "")


# What has the focus: whether a bar that sticks covers any of it, and whether anything shows that it has the focus.
FOCUS = """() => {
    const one = document.activeElement;
    const bars = [...document.querySelectorAll(".top, #container > nav, .submit-row")]
        .filter((bar) => getComputedStyle(bar).position === "sticky");
    const apart = bars.some((bar) => bar.contains(one)) || one.matches(".skip-to-content-link") || one.closest(".side");
    const {top, bottom} = one.getBoundingClientRect();
    const covers = (bar) => top < bar.bottom && bottom > bar.top;
    const outside = bottom <= 0 || top >= innerHeight;
    const {outlineStyle, boxShadow} = getComputedStyle(one);
    window.firstFocus ??= one;
    return {
        name: one === document.body ? "" : one.getAttribute("aria-label") || one.name || one.textContent.trim(),
        around: one === window.firstFocus,
        hidden: outside || (!apart && bars.some((bar) => covers(bar.getBoundingClientRect()))),
        marked: outlineStyle !== "none" || boxShadow !== "none",
    };
}"""


def walk(page: Page, key: str) -> list[dict[str, Any]]:
    """What has the focus after each press of the key, once around the page."""
    page.evaluate("window.firstFocus = undefined")
    found: list[dict[str, Any]] = []
    while True:
        page.keyboard.press(key)
        one = page.evaluate(FOCUS)
        if one["around"] and found:
            return found
        if one["name"]:
            found.append(one)
        assert len(found) < 300, "the focus does not come around"


def test_the_focus_is_marked_and_never_under_a_bar_that_sticks(page: Page):
    add_one_account_each()
    for size in SIZES:
        page.set_viewport_size(size)
        page.goto(ADD)
        page.evaluate("document.querySelectorAll('[name=accounts]').forEach((box) => box.click())")
        for key in ("Tab", "Shift+Tab"):
            stops = walk(page, key)
            assert {"title", "tags", "accounts", "publish_at", "_publish", "_save"} <= {one["name"] for one in stops}
            assert [one["name"] for one in stops if one["hidden"] or not one["marked"]] == []


def test_escape_closes_what_lies_over_the_page_and_gives_the_focus_back(page: Page, settings, tmp_path):
    settings.INGEST_ROOT = str(tmp_path)
    page.goto(UPLOAD)
    for opener, inside in (
        (".top details.menu summary", ".menu__list a"),
        (".drop [data-folder]", "#upload-folder [data-close]"),
        (".drop [data-address]", "#upload-address input"),
    ):
        page.locator(opener).focus()
        page.keyboard.press("Enter")
        expect(page.locator(inside).first).to_be_visible()
        page.locator(inside).first.focus()
        page.keyboard.press("Escape")
        expect(page.locator(inside).first).to_be_hidden()
        expect(page.locator(opener)).to_be_focused()

    page.set_viewport_size(SIZES[-1])
    for address, opener, inside in (
        (UPLOAD, ".top__menu", "#side .brand"),
        ("/admin/platforms/publication/", "a.filters-open", "#changelist-filter a"),
    ):
        page.goto(address)
        page.locator(opener).focus()
        page.keyboard.press("Enter")
        expect(page.locator(inside).first).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.locator(inside).first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(inside).first).to_be_hidden()
        expect(page.locator(opener)).to_be_focused()


# How well the words of what has the focus can be told from what is behind them, as WCAG counts it.
CONTRAST = """() => {
    const behind = (one) => {
        const {backgroundColor} = getComputedStyle(one);
        return backgroundColor === "rgba(0, 0, 0, 0)" ? behind(one.parentElement) : backgroundColor;
    };
    const light = (colour) => {
        const [red, green, blue] = colour.match(/[0-9.]+/g).map((part) => part / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const one = document.activeElement;
    const [low, high] = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
}"""


def test_the_words_of_what_has_the_focus_can_be_read(page: Page):
    publication = add_publication(add_account(), State.PUBLISHED, remote_id="XNDY")
    for address in (f"/admin/platforms/publication/{publication.pk}/change/", "/admin/", UPLOAD):
        page.goto(address)
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            buttons = page.locator(".button:visible, .object-tools a:visible").all()
            assert buttons
            for button in buttons:
                button.focus()
                assert button.evaluate(CONTRAST) >= 4.5, (theme, button.inner_text())
