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

    const quietly = () => refreshParts().catch(() => {});

    document.addEventListener("click", closeMenus);
    document.addEventListener("keydown", closeMenus);
    document.addEventListener("publications-changed", quietly);
    document.addEventListener("DOMContentLoaded", () => {
        labelCells();
        if (document.querySelector("[data-refresh]")) {
            setInterval(quietly, REFRESH);
        }
    });
}
