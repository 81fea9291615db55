"use strict";
// Small comforts of the frame; every page works without them.
{
    const REFRESH = 10000;

    // An open menu closes when one clicks elsewhere or presses Escape, which gives the focus back to what opened it.
    function closeMenus(event) {
        for (const menu of document.querySelectorAll("details.menu[open]")) {
            if (event.type === "keydown" ? event.key === "Escape" : !menu.contains(event.target)) {
                if (menu.contains(document.activeElement)) {
                    menu.querySelector("summary").focus();
                }
                menu.open = false;
            }
        }
    }

    // On a phone the navigation and the filters lie over the page, opened by links to them.
    function closeLayers(event) {
        const layer = event.key === "Escape" && document.querySelector(":is(#side, #changelist-filter):target");
        const opener = layer && document.querySelector(`:is(.top__menu, .filters-open)[href="#${layer.id}"]`);
        if (opener && opener.checkVisibility()) {
            location.replace("#content-start");
            opener.focus();
        }
    }

    // What a part says, without what differs from answer to answer and what the person opened in it.
    function saidBy(part) {
        const copy = part.cloneNode(true);
        copy.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => input.remove());
        copy.querySelectorAll("details").forEach((details) => details.removeAttribute("open"));
        return copy.innerHTML;
    }

    // Nothing is taken away from under a hand: a part that is being used stays as it is until the next time.
    function isInUse(part) {
        return part.contains(document.activeElement) || part.matches(":active");
    }

    function renew(part, fresh) {
        const open = [...part.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
        for (const summary of fresh.querySelectorAll("details > summary")) {
            summary.parentElement.open ||= open.includes(summary.textContent);
        }
        part.replaceWith(fresh);
    }

    // Parts of the page marked data-refresh are fetched anew from time to time, and when a publication changed.
    async function refreshParts() {
        if (!document.querySelector("[data-refresh]") || document.hidden) {
            return;
        }
        const answer = await fetch(location.pathname + location.search, {headers: {Accept: "text/html"}});
        if (!answer.ok || answer.redirected) {
            return;
        }
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        window.hubCalmly(() => {
            for (const part of document.querySelectorAll("[data-refresh]")) {
                const fresh = page.getElementById(part.id);
                if (fresh && !isInUse(part) && saidBy(part) !== saidBy(fresh)) {
                    renew(part, fresh);
                }
            }
        });
        document.dispatchEvent(new CustomEvent("page-refreshed"));
    }

    // One after the other: an answer that is overtaken would show what was before.
    const refreshes = {running: false, again: false};
    async function refresh() {
        refreshes.again = refreshes.running;
        if (refreshes.running) {
            return;
        }
        refreshes.running = true;
        await refreshParts().catch(() => {});
        refreshes.running = false;
        if (refreshes.again) {
            refresh();
        }
    }

    // How much of the window the bar with a form's buttons may cover; frame.css keeps clear of it.
    const bars = new ResizeObserver(([bar]) => {
        const height = bar.borderBoxSize[0].blockSize;
        document.documentElement.style.setProperty("--bottom-bar", `${Math.ceil(height)}px`);
    });
    function watchBar() {
        bars.disconnect();
        document.querySelectorAll(".submit-row").forEach((bar) => bars.observe(bar));
    }

    // On a phone a row of a list becomes a card: its cells say what they are, and empty ones stay away.
    function labelCells() {
        const names = [...document.querySelectorAll("#result_list thead th")].map((head) => head.querySelector(".text")?.innerText.trim() ?? "");
        for (const row of document.querySelectorAll("#result_list tbody tr")) {
            [...row.cells].forEach((cell, place) => {
                cell.dataset.label = names[place] || "";
                cell.classList.toggle("bare", ["", "—", "-"].includes(cell.textContent.trim()) && !cell.querySelector("input, img, progress"));
            });
        }
        document.getElementById("result_list")?.classList.add("labelled");
    }

    document.addEventListener("click", closeMenus);
    document.addEventListener("keydown", closeMenus);
    document.addEventListener("keydown", closeLayers);
    document.addEventListener("publications-changed", refresh);
    document.addEventListener("page-shown-again", watchBar);
    document.addEventListener("DOMContentLoaded", () => {
        labelCells();
        watchBar();
        if (document.querySelector("[data-refresh]")) {
            setInterval(refresh, REFRESH);
        }
    });
}
