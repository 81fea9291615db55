"""In a real browser: nothing violates the policy, pages fit a phone, and states change by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from platforms.models import Event, Publication, Pulse
from platforms.services import accounts
from platforms.services.operations import asking
from platforms.services.operations.showing import BLOCK
from platforms.values import State
from tests.admin.posting import CREDENTIALS
from tests.admin.rows import add_account, add_publication, add_session, answering_workers
from tests.browsing import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def page(chromium, live_server, admin_client, monkeypatch) -> Iterator[Page]:
    """A page of a signed-in browser; what its console complains of is in `page.complaints`."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with signed_in(chromium, live_server, admin_client, viewport={"width": 1400, "height": 950}) as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints  # type: ignore[attr-defined]
        yield page


def every_page() -> list[str]:
    account = add_account()
    publication = add_publication(account, State.UPLOADING, bytes_sent=410)
    session = add_session(publication)
    for state in State:
        add_publication(account, state, error={"text": "The platform answered nothing.", "params": {}})
    answering_workers()
    blocked = accounts.save_account("bj", "baijiayun", CREDENTIALS["baijiayun"], {}, actor="test")[0]
    there = add_publication(blocked, State.PUBLISHED, remote_id="112001")
    batch = asking.ask(BLOCK, [there], actor="li").batch
    names = ("video", "publication", "account", "event", "uploadsession", "pulse", "operation", "delivery")
    with_forms = ("bulkupload", "category", "hubcategory", "videotemplate", "accesskey")
    return [
        "/admin/",
        *(f"/admin/platforms/{name}/" for name in (*names, *with_forms)),
        *(f"/admin/platforms/{name}/add/" for name in with_forms),
        "/admin/platforms/publication/schedule/",
        f"/admin/platforms/publication/{there.pk}/metadata/",
        f"/admin/platforms/video/{publication.video_id}/publish/",
        f"/admin/platforms/video/{publication.video_id}/subtitles/add/",
        f"/admin/platforms/video/{publication.video_id}/delete/",
        f"/admin/platforms/account/{account.pk}/change/",
        "/admin/platforms/account/add/",
        "/admin/platforms/account/add/?platform=youku",
        f"/admin/platforms/publication/{publication.pk}/change/",
        f"/admin/platforms/video/{publication.video_id}/change/",
        f"/admin/platforms/publication/{there.pk}/change/",
        f"/admin/platforms/operation/batch/{batch}/",
        *(
            f"/admin/platforms/publication/act/{kind}/?ids={there.pk}"
            for kind in ("block", "transcode", "move", "remove")
        ),
        "/admin/platforms/video/add/",
        "/admin/platforms/video/upload/",
        f"/admin/platforms/event/{Event.objects.latest('id').pk}/change/",
        f"/admin/platforms/uploadsession/{session.pk}/change/",
        f"/admin/platforms/pulse/{Pulse.objects.latest('id').pk}/change/",
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        "/admin/auth/group/add/",
        "/admin/password_change/",
    ]


def test_no_page_violates_the_policy_or_has_a_broken_script(page):
    for address in every_page():
        answer = page.goto(address)
        assert answer.status == 200, address
    assert page.complaints == []


NAMELESS = """() => [...document.querySelectorAll("input, select, textarea, button, a[href], summary")]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest("[aria-hidden]"))
    .filter((one) => ![one, ...(one.labels ?? [])].some((by) =>
        by.ariaLabel || by.title || by.textContent.trim() || by.querySelector("img[alt]:not([alt=''])")
        || by.getAttribute("aria-labelledby")) && !(["submit", "button"].includes(one.type) && one.value))
    .map((one) => one.outerHTML)
"""


def test_everything_that_can_be_used_has_a_name(page):
    for address in [*every_page(), "/admin/platforms/video/?q=Lesson", "/admin/auth/user/1/change/"]:
        page.goto(address)
        assert page.evaluate(NAMELESS) == [], address


def test_pages_fit_a_phone(page):
    page.set_viewport_size(PHONE)
    for address in every_page():
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, address


def test_on_a_phone_the_navigation_opens_and_leads_on(page):
    page.set_viewport_size(PHONE)
    page.goto("/admin/")
    expect(page.locator("#side")).not_to_be_visible()
    page.click(".top__menu")
    page.click("#side >> text=Accounts")
    expect(page.locator("h1")).to_have_text("Accounts")


@pytest.mark.parametrize("address", ["/admin/", "/admin/platforms/publication/"])
def test_a_state_changes_on_the_open_page(address, page):
    publication = add_publication(add_account(), State.UPLOADING, bytes_sent=410)
    page.goto(address)
    shown = page.locator(f"[data-publication='{publication.pk}'][data-part='badge']").first
    expect(shown).to_have_text("Uploading")
    Publication.objects.filter(pk=publication.pk).update(bytes_sent=900)
    bar = page.locator(f"[data-publication='{publication.pk}'] progress")
    expect(bar).to_have_attribute("value", "90")
    Publication.objects.filter(pk=publication.pk).update(state=State.FAILED)
    shown = page.locator(f"[data-publication='{publication.pk}'][data-part='badge']").first
    expect(shown).to_have_text("Failed")
    expect(page.locator("[data-unfinished]")).to_have_count(0)
    assert page.complaints == []


def test_the_theme_is_chosen_and_kept(page):
    page.goto("/admin/")
    page.click(".theme-toggle")
    chosen = page.evaluate("document.documentElement.dataset.theme")
    assert chosen == "dark"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto("/admin/platforms/account/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background == "rgb(15, 18, 22)"
