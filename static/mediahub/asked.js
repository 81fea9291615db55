"use strict";
// Cards that show what a platform hands out: asked for when a button is pressed, shown in its place, copied by a button.
{
    function note(word, text) {
        const line = document.createElement("p");
        line.className = word ? `note note--${word}` : "quiet";
        line.textContent = text;
        return line;
    }

    async function ask(form) {
        const card = form.closest(".card");
        const place = form.parentElement.querySelector(".asked");
        const button = form.querySelector("[type=submit]");
        button.disabled = true;
        place.replaceChildren(note("", card.dataset.asking));
        try {
            const headers = {"X-Requested-With": "XMLHttpRequest"};
            const options = {method: "POST", headers, body: new FormData(form), cache: "no-store"};
            const answer = await fetch(form.action, options);
            if (answer.redirected || answer.status === 403) {
                place.replaceChildren(note("bad", card.dataset.login));
            } else if (!answer.ok) {
                place.replaceChildren(note("bad", card.dataset.away));
            } else {
                const fresh = document.createElement("template");
                fresh.innerHTML = await answer.text();
                place.replaceChildren(fresh.content);
            }
        } catch {
            place.replaceChildren(note("bad", card.dataset.away));
        }
        button.disabled = false;
    }

    // What became of a press stays to be read until the person goes on to something else.
    function tell(button, word) {
        button.dataset.label ||= button.textContent;
        button.textContent = button.dataset[word];
    }

    function goOn() {
        for (const button of document.querySelectorAll("[data-copy][data-label]")) {
            button.textContent = button.dataset.label;
            delete button.dataset.label;
        }
    }

    // Where the browser does not give the clipboard away, what is to be copied is selected at least.
    async function copy(button) {
        const field = button.closest(".copy").querySelector("input, textarea");
        field.focus();
        field.select();
        try {
            await navigator.clipboard.writeText(field.value);
            tell(button, "copied");
        } catch {
            field.select();
            tell(button, document.execCommand("copy") ? "copied" : "selected");
        }
    }

    function resize(place) {
        const sizes = {};
        for (const input of place.querySelectorAll("[data-embed-size]")) {
            sizes[input.dataset.embedSize] = Math.max(1, Math.round(Number(input.value)) || Number(input.defaultValue));
        }
        for (const code of place.querySelectorAll("[data-embed-code]")) {
            code.value = code.dataset.embedCode.replace(/\{(width|height)\}/g, (_, name) => sizes[name]);
        }
    }

    document.addEventListener("submit", (event) => {
        if (event.target.matches("form[data-ask]")) {
            event.preventDefault();
            ask(event.target);
        }
    });
    document.addEventListener("pointerdown", goOn);
    document.addEventListener("keydown", goOn);
    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-copy]");
        if (button) {
            copy(button);
        }
    });
    document.addEventListener("input", (event) => {
        const sizes = event.target.closest("[data-embed]");
        if (sizes) {
            resize(sizes.parentElement);
        }
    });
}
