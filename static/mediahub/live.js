"use strict";
// Keeps publications on the page up to date: one request for all of them while any is unfinished and the page is seen.
{
    const EVERY = 2500;
    const LONGEST = 60000;
    const MOST = 200;
    const address = document.currentScript.dataset.address;
    let wait = EVERY;
    let timer = null;

    function unfinished() {
        const found = document.querySelectorAll("[data-publication][data-unfinished]");
        return [...new Set([...found].map((element) => element.dataset.publication))].slice(0, MOST);
    }

    function show(publication) {
        let changed = false;
        for (const element of document.querySelectorAll(`[data-publication="${publication.id}"]`)) {
            const html = publication.parts[element.dataset.part];
            if (html === undefined) {
                continue;
            }
            const fresh = document.createElement("template");
            fresh.innerHTML = html;
            const next = fresh.content.firstElementChild;
            if (element.outerHTML !== next.outerHTML) {
                changed = changed || element.dataset.part === "badge";
                element.replaceWith(next);
            }
        }
        return changed;
    }

    async function refresh() {
        const ids = unfinished();
        if (!ids.length || document.hidden) {
            return;
        }
        try {
            const answer = await fetch(`${address}?ids=${ids.join(",")}`, {headers: {Accept: "application/json"}});
            if (answer.redirected) {
                return; // signed out: the next click shows the login page
            }
            if (!answer.ok) {
                throw new Error(answer.statusText);
            }
            const told = (await answer.json()).publications;
            const changed = window.hubCalmly(() => told.map(show).some(Boolean));
            // What the server no longer tells about is gone or out of sight: stop asking for it.
            const known = new Set(told.map((publication) => String(publication.id)));
            for (const id of ids.filter((one) => !known.has(one))) {
                document.querySelectorAll(`[data-publication="${id}"]`).forEach((e) => delete e.dataset.unfinished);
            }
            wait = EVERY;
            if (changed) {
                document.dispatchEvent(new CustomEvent("publications-changed"));
            }
        } catch {
            wait = Math.min(wait * 2, LONGEST);
        }
        plan();
    }

    function plan() {
        clearTimeout(timer);
        timer = setTimeout(refresh, wait);
    }

    function wake() {
        if (!document.hidden && unfinished().length) {
            plan();
        }
    }

    document.addEventListener("visibilitychange", wake);
    document.addEventListener("page-refreshed", wake);
    document.addEventListener("DOMContentLoaded", wake);
}
