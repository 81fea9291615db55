"use strict";
// One file on its way from this computer into the hub. It never gives up by itself: after a cut it asks the hub what
// has arrived and goes on from there. The protocol is tus 1.0, spoken by the vendored tus-js-client.
{
    const {Meter, percentOf, say, server} = window.hubUploads;
    const CHUNK_BYTES = 16 * 1024 * 1024;
    const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15000, 30000];
    // The last answer comes after the hub has looked at the file, which may take a minute.
    const SILENCE_MS = 120000;
    const MOVES_MS = 30000;

    // What a page shows of a file. `state`: queued, sending, paused, login, full, stopped (a person must act); then
    // what the hub says: arriving, ready, taken, failed. `onchange` is called after every change.
    class Item {
        constructor(facts, onchange) {
            Object.assign(this, {
                id: null, name: "", size: 0, received: 0, state: "queued", error: "", waiting: false, file: null,
                video: null, way: "browser", makesVideo: false, template: "", mark: "", url: null, asked: true, movedAt: -Infinity,
            }, facts);
            this.meter = new Meter();
            this.onchange = onchange;
        }

        get percent() {
            return this.state === "taken" ? 100 : percentOf(this.received, this.size);
        }

        // Whether bytes came lately: somebody sends it, if not from this page.
        get moves() {
            return performance.now() - this.movedAt < MOVES_MS;
        }

        get sendsHere() {
            return this.file !== null && ["queued", "sending", "paused", "login", "full", "stopped"].includes(this.state);
        }

        set(changes) {
            Object.assign(this, changes);
            this.onchange(this);
        }

        // What the hub says of it, for everything but what this page sends itself.
        told(row) {
            const grown = this.id !== null && row.received > this.received;
            this.movedAt = grown ? performance.now() : this.movedAt;
            this.meter.add(row.received);
            this.set({
                id: row.id, name: row.name, size: row.size ?? 0, received: row.received, state: row.state,
                error: row.error ?? "", video: row.video, way: row.way, makesVideo: row.makes_video,
                mark: row.fingerprint,
            });
        }
    }

    class Transfer {
        constructor(item, onarrived) {
            this.item = item;
            this.onarrived = onarrived;
            this.upload = null;
            this.tries = 0;
            this.timer = null;
            this.watch = null;
        }

        // Begin or go on. `url` is where the hub has a part of the file already.
        start(url = null) {
            this.item.set({state: "sending", error: ""});
            this.upload ??= new tus.Upload(this.item.file, this.options(url));
            this.heard();
            this.watch = setInterval(() => this.lookForSilence(), 5000);
            this.upload.start();
        }

        options(url) {
            const item = this.item;
            return {
                // With an endpoint the client would begin from zero whenever a HEAD is refused, also for a log-in
                // that ended; so it only has one until there is something to go on from.
                endpoint: url ? null : server.filesUrl(),
                uploadUrl: url,
                chunkSize: CHUNK_BYTES,
                retryDelays: null,
                metadata: {filename: item.name, fingerprint: item.mark, makes_video: item.makesVideo ? "1" : "0", template: item.template},
                fingerprint: async () => item.mark,
                urlStorage: server.memory,
                removeFingerprintOnSuccess: true,
                onBeforeRequest: (request) => this.prepare(request),
                onUploadUrlAvailable: () => this.known(),
                onProgress: (sent) => this.progressed(sent),
                onChunkComplete: () => { this.tries = 0; },
                onError: (error) => this.failed(error),
                onSuccess: () => this.arrived(),
            };
        }

        prepare(request) {
            if (this.item.state !== "sending") {
                throw new Error("stopped"); // paused between two requests
            }
            Object.entries(server.headers()).forEach(([name, value]) => request.setHeader(name, value));
        }

        known() {
            this.upload.options.endpoint = null;
            const id = new URL(this.upload.url, location.href).pathname.split("/").filter(Boolean).pop();
            this.item.set({id, waiting: false});
        }

        heard() {
            this.lastHeard = performance.now();
        }

        progressed(sent) {
            this.heard();
            this.item.meter.add(sent);
            this.item.set({received: sent, waiting: false});
        }

        lookForSilence() {
            if (this.item.state === "sending" && this.timer === null && performance.now() - this.lastHeard > SILENCE_MS) {
                this.upload.abort();
                this.later();
            }
        }

        halt() {
            clearTimeout(this.timer);
            clearInterval(this.watch);
            this.timer = null;
            this.item.meter.reset();
            return this.upload?.abort();
        }

        pause() {
            this.item.set({state: "paused", waiting: false});
            this.halt();
        }

        async failed(error) {
            if (this.item.state !== "sending") {
                return;
            }
            const answer = error.originalResponse;
            const failure = server.failureOf(answer?.getStatus() ?? 0, answer?.getBody() ?? "");
            if (failure.kind !== "connection") {
                await this.explain(failure, Boolean(answer.getBody()));
            } else if (await this.readable()) {
                this.later();
            } else {
                this.halt();
                this.item.set({state: "stopped", error: say("unreadable"), waiting: false});
            }
        }

        // The answer to a HEAD has no words, and a file may be over for a reason: what the hub says of it does.
        async explain(failure, worded) {
            if (!this.item.id || (worded && failure.kind !== "gone")) {
                this.stop(failure);
                return;
            }
            try {
                const row = await server.file(this.item.id);
                if (["failed", "taken"].includes(row.state)) {
                    this.halt();
                    this.item.set({file: null, waiting: false});
                    this.item.told(row);
                } else {
                    this.stop(failure);
                }
            } catch (better) {
                this.stop(better.kind === "connection" ? failure : better);
            }
        }

        stop(failure) {
            this.halt();
            if (failure.kind === "gone") {
                this.upload = null; // the next start begins anew
                server.forget(this.item.mark);
                this.item.set({id: null, url: null, received: 0});
            }
            const state = {login: "login", full: "full"}[failure.kind] ?? "stopped";
            this.item.set({state, error: failure.message, waiting: false});
        }

        // A file that was changed or taken away fails like a broken connection; waiting would not help it.
        async readable() {
            try {
                await this.item.file.slice(0, 1).arrayBuffer();
                return true;
            } catch {
                return false;
            }
        }

        later() {
            if (this.item.state !== "sending") {
                return;
            }
            const wait = WAITS_MS[Math.min(this.tries, WAITS_MS.length - 1)];
            this.tries += 1;
            this.item.meter.reset();
            this.item.set({waiting: true});
            this.timer = setTimeout(() => this.again(), wait * (0.8 + 0.4 * Math.random()));
        }

        again() {
            clearTimeout(this.timer);
            this.timer = null;
            this.heard();
            this.upload.start();
        }

        // The network is back: no reason to wait for the timer.
        hurry() {
            if (this.timer !== null) {
                this.again();
            }
        }

        // Every byte is there; what comes of the file, the hub says.
        arrived() {
            this.halt();
            this.item.set({received: this.item.size, waiting: false, state: "arriving", file: null});
            this.onarrived();
        }
    }

    Object.assign(window.hubUploads, {Item, Transfer});
}
