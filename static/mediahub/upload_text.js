"use strict";
// Words, sizes and times of the pages that upload. The words come with the page, in the reader's language.
window.hubUploads = {};
{
    const SIZES = ["B", "KB", "MB", "GB", "TB"];
    const SETTLE_MS = 4000;
    const SAMPLE_MS = 250;

    // The page's word `name` with its {places} filled.
    function say(name, values = {}) {
        const text = document.getElementById("upload-words")?.dataset[name] ?? "";
        return text.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
    }

    // One of two words, by number; Chinese has the same text for both.
    const sayCount = (name, count) => say(name + (count === 1 ? "One" : "Many"), {count});

    function sizeText(bytes) {
        let unit = 0;
        while (bytes >= 1024 && unit < SIZES.length - 1) {
            bytes /= 1024;
            unit += 1;
        }
        return `${bytes.toFixed(unit && bytes < 100 ? 1 : 0)} ${SIZES[unit]}`;
    }

    function leftText(seconds) {
        if (seconds < 60) {
            return say("leftSeconds", {seconds: Math.max(1, Math.round(seconds))});
        }
        const minutes = Math.round(seconds / 60);
        return minutes < 60
            ? say("leftMinutes", {minutes})
            : say("leftHours", {hours: Math.floor(minutes / 60), minutes: minutes % 60});
    }

    // "3.1 MB/s · 2 min left"; empty while nothing is known.
    function paceText(speed, rest) {
        return speed > 0 ? `${sizeText(speed)}/s · ${leftText(rest / speed)}` : "";
    }

    const percentOf = (received, size) => (size > 0 ? Math.min(100, Math.floor((received / size) * 100)) : 0);

    // Bytes per second, smoothed over some seconds, so that the number can be read.
    class Meter {
        constructor() {
            this.reset();
        }

        reset() {
            this.speed = 0;
            this.at = null;
        }

        // `received` bytes are there at this moment; a step back, after a cut, starts anew.
        add(received, now = performance.now()) {
            if (this.at === null || received < this.received) {
                [this.at, this.received] = [now, received];
            } else if (now - this.at >= SAMPLE_MS) {
                const fresh = ((received - this.received) / (now - this.at)) * 1000;
                const weight = this.speed ? 1 - Math.exp((this.at - now) / SETTLE_MS) : 1;
                this.speed += weight * (fresh - this.speed);
                [this.at, this.received] = [now, received];
            }
        }
    }

    Object.assign(window.hubUploads, {say, sayCount, sizeText, paceText, percentOf, Meter});
}
