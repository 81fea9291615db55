"use strict";
// A file as a row of the page: what is going on in words, a bar, and the buttons that make sense at the moment.
{
    const {say, sizeText, paceText} = window.hubUploads;
    const COLOURS = {
        queued: "queued", waiting: "attention", sending: "running", paused: "paused", login: "attention", full: "bad",
        stopped: "bad", unfinished: "attention", elsewhere: "running", fetching: "running", looking: "running",
        ready: "good", taken: "good", failed: "bad",
    };
    const GOES_ON = ["paused", "full", "stopped", "login"];

    // What the row says, finer than the state: who moves the bytes, and whether anybody does.
    function phaseOf(item) {
        if (item.waiting) {
            return "waiting";
        }
        // The last piece is answered once the hub has looked at the file.
        if (item.state === "sending" && item.size > 0 && item.received >= item.size) {
            return "looking";
        }
        const here = item.sendsHere || ["taken", "failed"].includes(item.state);
        if (here) {
            return item.state;
        }
        if (item.state === "ready") {
            return item.makesVideo ? "looking" : "ready";
        }
        if (item.way !== "browser") {
            return item.state === "paused" ? "paused" : "fetching";
        }
        if (item.size > 0 && item.received >= item.size) {
            return "looking";
        }
        return item.moves ? "elsewhere" : "unfinished";
    }

    function detailOf(item, phase) {
        if (phase === "taken" || phase === "ready" || phase === "failed" || !item.size) {
            return item.size ? sizeText(item.size) : item.received ? sizeText(item.received) : "";
        }
        const bytes = say("bytes", {received: sizeText(item.received), size: sizeText(item.size)});
        const moving = ["sending", "fetching", "elsewhere"].includes(phase);
        const pace = moving ? paceText(item.meter.speed, item.size - item.received) : "";
        return pace ? `${bytes} · ${pace}` : bytes;
    }

    class Row {
        // `line` does what the buttons say; `publish` is the address of a video's publish page with 0 for its id.
        constructor(item, line, {publish, says}) {
            Object.assign(this, {item, line, publish, says, phase: "", drawn: false});
            this.element = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
            for (const verb of ["pause", "resume", "remove"]) {
                this.part(verb).addEventListener("click", () => this.press(verb));
            }
            this.draw();
        }

        part(name) {
            return this.element.querySelector(`[data-part=${name}]`);
        }

        async press(verb) {
            const {item, line} = this;
            const loses = verb === "remove" && item.received > 0 && item.state !== "taken" && item.state !== "failed";
            if (loses && !window.confirm(say("removeAsks", {name: item.name}))) {
                return;
            }
            try {
                await line[verb](item);
            } catch (failure) {
                item.set({error: failure.message});
            }
        }

        // Changes come many times a second; the eye needs one each frame.
        changed() {
            if (!this.drawn) {
                this.drawn = true;
                requestAnimationFrame(() => this.draw());
            }
        }

        draw() {
            this.drawn = false;
            const {item} = this;
            const phase = phaseOf(item);
            this.element.dataset.phase = phase;
            this.part("name").textContent = item.name;
            this.part("badge").textContent = say(`phase${phase[0].toUpperCase()}${phase.slice(1)}`);
            this.part("badge").className = `badge badge--${COLOURS[phase]}`;
            this.drawBar(phase);
            this.part("detail").textContent = detailOf(item, phase);
            this.part("note").textContent = this.note(phase);
            this.drawButtons(phase);
            if (phase !== this.phase) {
                this.tell(phase);
            }
        }

        drawBar(phase) {
            const bar = this.part("bar");
            const known = this.item.size > 0 || phase === "taken";
            bar.setAttribute("aria-label", this.item.name);
            if (known) {
                bar.value = this.item.percent;
            } else {
                bar.removeAttribute("value");
            }
            bar.parentElement.className = `progress progress--${COLOURS[phase]}`;
            bar.closest(".upload__bar").classList.toggle("upload__bar--over", phase === "failed");
            this.part("percent").textContent = known ? `${this.item.percent} %` : "";
        }

        note(phase) {
            const hints = {unfinished: say("noteUnfinished"), elsewhere: say("noteElsewhere"), waiting: say("noteWaiting")};
            return this.item.error || hints[phase] || "";
        }

        drawButtons(phase) {
            const {item} = this;
            const fetched = item.way !== "browser";
            const canPause = (item.sendsHere && ["queued", "sending"].includes(item.state)) || (fetched && phase === "fetching");
            const canResume = (item.sendsHere && GOES_ON.includes(item.state)) || (fetched && ["paused", "failed"].includes(phase));
            this.show("pause", canPause);
            this.show("resume", canResume);
            this.show("login", phase === "login");
            this.show("video", phase === "taken" && item.video?.url);
            this.show("publish", phase === "taken" && item.video && this.publish);
            if (item.video?.url) {
                this.part("video").href = item.video.url;
                this.part("video").setAttribute("aria-label", say("openLabel", {name: item.video.title}));
            }
            if (item.video) {
                this.part("publish").href = this.publish.replace("/0/", `/${item.video.id}/`);
            }
            this.part("remove").textContent = say(item.state === "taken" ? "clear" : "remove");
            this.part("resume").textContent = say(["stopped", "failed"].includes(item.state) ? "again" : "resume");
            for (const verb of ["pause", "resume", "remove"]) {
                this.part(verb).setAttribute("aria-label", say("buttonLabel", {verb: this.part(verb).textContent, name: item.name}));
            }
        }

        // A hidden button takes the focus with it: hand it on to its opposite.
        show(name, is) {
            const part = this.part(name);
            const lost = !is && part === document.activeElement;
            part.hidden = !is;
            if (lost) {
                requestAnimationFrame(() => [...this.element.querySelectorAll("button")].find((one) => !one.hidden)?.focus());
            }
        }

        tell(phase) {
            const words = this.part("badge").textContent;
            if (this.phase) {
                this.says.textContent = say("says", {name: this.item.name, words});
            }
            this.phase = phase;
        }
    }

    window.hubUploads.Row = Row;
    window.hubUploads.phaseOf = phaseOf;
}
