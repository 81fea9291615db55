"use strict";
// Small comforts of the frame; every page works without them.
{
    const REFRESH = 10000;

    // An open menu closes when one clicks elsewhere or presses Escape.
    function closeMenus(event) {
        for (const menu of document.querySelectorAll("details.menu[open]")) {
            if (event.type === "keydown" ? event.key === "Escape" : !menu.contains(event.target)) {
                menu.open = false;
            }
        }
    }

    // Parts of the page marked data-refresh are fetched anew from time to time, and when a publication changed.
    async function refreshParts() {
        const parts = document.querySelectorAll("[data-refresh]");
        if (!parts.length || document.hidden) {
            return;
        }
        const answer = await fetch(location.pathname + location.search, {headers: {Accept: "text/html"}});
        if (!answer.ok || answer.redirected) {
            return;
        }
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of parts) {
            const fresh = page.getElementById(part.id);
            if (fresh && !part.contains(document.activeElement)) {
                part.replaceWith(fresh);
            }
        }
        document.dispatchEvent(new CustomEvent("page-refreshed"));
    }

    const quietly = () => refreshParts().catch(() => {});

    document.addEventListener("click", closeMenus);
    document.addEventListener("keydown", closeMenus);
    document.addEventListener("publications-changed", quietly);
    document.addEventListener("DOMContentLoaded", () => {
        if (document.querySelector("[data-refresh]")) {
            setInterval(quietly, REFRESH);
        }
    });
}
