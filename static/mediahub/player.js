"use strict";
// The card on which a video plays. Addresses of platforms expire: they are fetched when somebody presses Play, and once
// more when one stops working, at the place where it stopped. They are kept nowhere but here.
{
    function token() {
        const found = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
        return found ? found.slice("csrftoken=".length) : "";
    }

    // What has expired does not come back by being asked for often: a new address does.
    const RETRY = {maxNumRetry: 1, retryDelayMs: 500, maxRetryDelayMs: 2000};
    const FEW_TRIES = {
        default: {maxTimeToFirstByteMs: 15000, maxLoadTimeMs: 60000, timeoutRetry: RETRY, errorRetry: RETRY},
    };

    let library = null;
    // hls.js, which only playlists need.
    function hls(url) {
        library = library || new Promise((resolve, reject) => {
            const script = document.createElement("script");
            script.src = url;
            script.onload = () => resolve(window.Hls);
            script.onerror = () => { library = null; reject(new Error("hls.js")); };
            document.head.append(script);
        });
        return library;
    }

    class Player {
        constructor(card) {
            this.card = card;
            this.stage = card.querySelector(".player__stage");
            this.video = card.querySelector("video");
            this.button = card.querySelector(".player__start");
            this.sources = card.querySelector("[data-player-source]");
            this.definitions = card.querySelector("[data-player-definition]");
            this.addresses = [];
            this.playing = null; // the address that is being played
            this.at = 0; // seconds, as far as it was seen
            this.turn = 0; // whoever comes back late finds another number
            this.fetchedAt = null; // where it was when an address was fetched again; null once it went on from there
            this.stream = null;
            this.button.addEventListener("click", () => this.begin());
            this.sources.addEventListener("change", () => this.begin());
            this.definitions.addEventListener("change", () => this.show(this.definitions.selectedIndex, this.at));
            this.video.addEventListener("error", () => { if (this.video.error) { this.broke(this.turn); } });
            this.video.addEventListener("timeupdate", () => this.seen());
        }

        get source() {
            return this.sources.selectedOptions[0].dataset;
        }

        say(word, text = "") {
            const line = this.card.querySelector(".player__says");
            const link = line.querySelector("a");
            line.hidden = !word;
            line.querySelector("span").textContent = text || (word ? this.card.dataset[word] : "");
            line.classList.toggle("player__says--bad", Boolean(word) && !["asking", "again"].includes(word));
            link.hidden = !this.source.page || ["asking", "again", "login", "away"].includes(word);
            link.href = this.source.page || "#";
        }

        async begin() {
            this.unload();
            this.say("");
            this.at = 0;
            this.fetchedAt = null;
            this.addresses = [];
            this.begun(true);
            this.card.querySelector("[data-player-definitions]").hidden = true;
            if (this.source.kind === "frame") {
                this.embed(this.source.url);
            } else if (this.source.kind === "file") {
                this.load({url: this.source.url, container: ""}, 0);
            } else {
                this.say("asking");
                if (await this.fetch(this.turn)) {
                    this.say("");
                    this.show(0, 0);
                }
            }
        }

        // Ask where it plays now; whether there is anything to play. Says what is wrong.
        async fetch(turn) {
            try {
                const headers = {"X-CSRFToken": token(), Accept: "application/json"};
                const answer = await fetch(this.source.url, {method: "POST", headers, cache: "no-store"});
                if (turn !== this.turn) {
                    return false;
                }
                if (answer.redirected || answer.status === 403) {
                    this.stop("login");
                    return false;
                }
                const told = await answer.json();
                if (told.error) {
                    this.stop("error", told.error);
                    return false;
                }
                this.addresses = told.addresses;
                this.offer();
                return true;
            } catch {
                if (turn === this.turn) {
                    this.stop("away");
                }
                return false;
            }
        }

        offer() {
            this.definitions.replaceChildren(...this.addresses.map((address) => new Option(address.label)));
            this.card.querySelector("[data-player-definitions]").hidden = this.addresses.length < 2;
        }

        stop(word, text = "") {
            this.unload();
            this.begun(false);
            this.say(word, text);
        }

        begun(is) {
            this.button.hidden = is;
            this.video.controls = is;
        }

        show(index, at) {
            this.definitions.selectedIndex = index;
            this.load(this.addresses[index], at);
        }

        async load(address, at) {
            this.unload();
            const turn = this.turn;
            this.playing = address;
            this.at = at;
            if (address.container === "m3u8") {
                const Hls = await hls(this.card.dataset.hls).catch(() => null);
                if (turn !== this.turn) {
                    return;
                }
                if (Hls && Hls.isSupported()) {
                    this.streamed(Hls, address.url, at, turn);
                    return;
                }
            }
            this.video.src = address.url;
            this.video.currentTime = at;
            this.video.play().catch(() => {}); // what is wrong comes as an event
        }

        streamed(Hls, url, at, turn) {
            // Its worker would be a script made of text, which the page's policy forbids.
            const policies = {manifestLoadPolicy: FEW_TRIES, playlistLoadPolicy: FEW_TRIES, fragLoadPolicy: FEW_TRIES};
            this.stream = new Hls({enableWorker: false, startPosition: at || -1, ...policies});
            let failures = 0;
            this.stream.on(Hls.Events.FRAG_LOADED, () => { failures = 0; });
            this.stream.on(Hls.Events.ERROR, (_, problem) => {
                const network = problem.type === Hls.ErrorTypes.NETWORK_ERROR;
                failures += network ? 1 : 0;
                // Left to itself it would jump over a piece that it does not get.
                const refused = network && problem.response && problem.response.code >= 400;
                if (problem.fatal || refused || failures > RETRY.maxNumRetry) {
                    this.broke(turn);
                }
            });
            this.stream.on(Hls.Events.MANIFEST_PARSED, () => this.video.play().catch(() => {}));
            this.stream.loadSource(url);
            this.stream.attachMedia(this.video);
        }

        unload() {
            this.turn += 1;
            this.playing = null;
            if (this.stream) {
                this.stream.destroy();
                this.stream = null;
            }
            this.stage.querySelectorAll("iframe").forEach((frame) => frame.remove());
            this.video.hidden = false;
            if (this.video.hasAttribute("src")) {
                this.video.removeAttribute("src");
                this.video.load();
            }
        }

        seen() {
            if (!this.playing || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
                return;
            }
            this.at = this.video.currentTime;
            if (this.fetchedAt !== null && this.at > this.fetchedAt + 1) {
                this.fetchedAt = null;
                this.say("");
            }
        }

        async broke(turn) {
            const address = this.playing;
            if (!address || turn !== this.turn) {
                return;
            }
            this.playing = null; // one trouble may be told several times
            this.stream?.stopLoad(); // the old addresses are asked no more while new ones are fetched
            if (this.source.kind === "file") {
                this.explain(turn);
            } else if (this.fetchedAt !== null) {
                this.stop("broken");
            } else {
                this.fetchedAt = this.at;
                this.say("again");
                if (await this.fetch(turn)) {
                    const same = this.addresses.findIndex((one) => one.label === address.label);
                    this.show(Math.max(same, 0), this.fetchedAt);
                }
            }
        }

        // Why the hub's own file does not play: it says so itself when it cannot be read.
        async explain(turn) {
            try {
                const answer = await fetch(this.source.url, {headers: {Range: "bytes=0-0"}, cache: "no-store"});
                const text = answer.ok ? "" : await answer.text();
                const plain = (answer.headers.get("Content-Type") || "").startsWith("text/plain");
                if (turn === this.turn) {
                    this.stop(answer.redirected ? "login" : answer.ok ? "format" : "away", plain ? text : "");
                }
            } catch {
                this.stop("away");
            }
        }

        embed(url) {
            const frame = document.createElement("iframe");
            frame.className = "player__frame";
            frame.title = this.video.getAttribute("aria-label");
            frame.allow = "autoplay; fullscreen; encrypted-media";
            frame.allowFullscreen = true;
            frame.referrerPolicy = "no-referrer";
            frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups");
            frame.src = url;
            this.video.hidden = true;
            this.stage.append(frame);
        }
    }

    document.addEventListener("DOMContentLoaded", () => {
        document.querySelectorAll("[data-player] .player__stage").forEach((stage) => new Player(stage.closest(".player")));
    });
}
