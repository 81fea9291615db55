"use strict";
// The file of the form that adds a video: it is sent while the person fills in the rest, and the form waits for it.
{
    const {Line, Row, dropZone, percentOf, phaseOf, say, server, sources} = window.hubUploads;
    const field = (name) => document.querySelector(`[data-field=${name}]`);
    const rows = new Map();
    const state = {current: null, pressed: null};

    const line = new Line({
        makesVideo: false,
        // What this person began in such a form and did not finish; the same file goes on from there.
        takes: (row) => !row.makes_video && ["arriving", "paused"].includes(row.state) && row.way === "browser",
        onnew: (item) => {
            rows.set(item, new Row(item, line, {publish: "", says: document.querySelector("[data-page=says]")}));
            window.hubCalmly(() => field("list").append(rows.get(item).element));
        },
        onchange: (item) => {
            rows.get(item)?.changed();
            if (item === state.current) {
                follow();
            }
        },
        ongone: (item) => {
            rows.get(item).element.remove();
            rows.delete(item);
            if (item === state.current) {
                choose(null);
                release();
            }
        },
    });

    function form() {
        return document.querySelector("form[data-upload]");
    }

    function choose(item) {
        state.current = item;
        field("list").classList.toggle("uploads--chosen", item !== null);
        [...rows.values()].forEach((row) => row.element.classList.toggle("upload--chosen", row.item === item));
        follow();
    }

    // The hidden field names the file as soon as the hub knows it; a waiting form goes on once it is all there.
    function follow() {
        const item = state.current;
        form().elements.incoming.value = item && item.state !== "failed" ? item.id ?? "" : "";
        if (state.pressed && item) {
            wait(item);
        }
    }

    function suggestTitle(name) {
        const title = form().elements.title;
        if (title && (!title.value.trim() || title.value === title.dataset.suggested)) {
            title.value = name.replace(/\.[^.]*$/, "").slice(0, title.maxLength > 0 ? title.maxLength : 200);
            title.dataset.suggested = title.value;
        }
    }

    function complain(text) {
        field("complaint").textContent = text;
        field("complaint").hidden = !text;
    }

    // One file a form: another one takes the place of the first, also of one that came with errors before.
    function replace(item) {
        complain("");
        const before = state.current;
        const kept = form().querySelector("[data-kept]");
        if (kept) {
            server.remove(form().elements.incoming.value).catch(() => {});
            kept.remove();
        }
        suggestTitle(item.name);
        choose(item);
        if (before && before !== item) {
            line.remove(before).catch((failure) => complain(failure.message));
        }
    }

    function chosen(files) {
        if (files.length > 1) {
            complain(say("onlyOne"));
            return;
        }
        replace(line.add(files)[0]);
    }

    function took(told) {
        line.take(told);
        replace(line.items.find((item) => item.id === told[0].id));
    }

    // Pressing a button while the file is still arriving ------------------------------------------------------------

    function buttons(disabled) {
        form().querySelectorAll("[type=submit]").forEach((button) => { button.disabled = disabled; });
    }

    function wait(item) {
        const box = form().querySelector(".sending");
        if (item.state === "ready") {
            const button = state.pressed;
            release();
            form().requestSubmit(button);
            return;
        }
        if (item.state === "failed" || item.state === "stopped") {
            release();
            return;
        }
        const percent = percentOf(item.received, item.size);
        const word = ["sending", "looking", "waiting", "fetching", "queued"].includes(phaseOf(item)) ? "waits" : "waitsForYou";
        box.hidden = false;
        box.classList.remove("sending--broken");
        box.querySelector("progress").value = percent;
        box.querySelector("span").textContent = say(word, {percent});
        field("stop").hidden = false;
        buttons(true);
    }

    function release() {
        state.pressed = null;
        buttons(false);
        field("stop").hidden = true;
        form().querySelector(".sending").hidden = true;
    }

    // Before the form is sent by anything else.
    document.addEventListener("submit", (event) => {
        const item = state.current;
        if (event.target !== form() || !item || item.state === "ready") {
            return;
        }
        event.preventDefault();
        event.stopImmediatePropagation();
        if (item.state === "failed" || item.state === "stopped") {
            rows.get(item).element.scrollIntoView({block: "center"});
            rows.get(item).element.querySelector("button:not([hidden])")?.focus();
            return;
        }
        state.pressed = event.submitter;
        wait(item);
    }, true);

    async function begin() {
        if (!field("zone")) {
            return;
        }
        field("plain").hidden = true;
        field("zone").hidden = false;
        dropZone(field("zone"), field("plain").querySelector("input[type=file]"), chosen, complain);
        sources(field("zone"), {makesVideo: false, several: false, took});
        field("stop").addEventListener("click", release);
        const id = form().elements.incoming.value;
        if (id && !form().querySelector("[data-kept]")) {
            await again(id);
        }
        line.look(true);
    }

    // The form came back with errors before its file had arrived; one that has is told by the page itself.
    async function again(id) {
        try {
            line.take([await server.file(id)]);
            choose(line.items.find((item) => item.id === id) ?? null);
        } catch (failure) {
            complain(failure.message);
        }
    }

    document.addEventListener("page-shown-again", () => {
        state.current = null;
        line.clear();
        begin();
    });
    begin();
}
