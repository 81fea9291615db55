"use strict";
// All files of a page: some are sent at a time, the others wait in line; what the hub has of a file is found again.
{
    const {Failure, Item, Transfer, server} = window.hubUploads;
    const AT_ONCE = 3;
    const LOOK_MS = 2500;
    const LOGGED_IN = "mediahub.logged-in";
    const UNFINISHED = ["arriving", "paused", "ready"];

    class Line {
        // `makesVideo`: files become videos by themselves. `onchange(item)` after each change, `onnew(item)` for each
        // new one, `ongone(item)` for one that is no more. `takes(row)`: which files of the hub's list belong here.
        // `template()` answers the id of the template that files chosen now become videos from, "" for none.
        constructor({makesVideo, onnew, onchange, ongone, takes, template = () => ""}) {
            Object.assign(this, {makesVideo, onnew, onchange, ongone, takes, template});
            this.items = [];
            this.transfers = new Map();
            this.forgotten = new Set();
            window.addEventListener("online", () => this.transfers.forEach((transfer) => transfer.hurry()));
            window.addEventListener("storage", (event) => event.key === LOGGED_IN && this.afterLogin());
            window.addEventListener("focus", () => this.afterLogin());
            window.addEventListener("beforeunload", (event) => this.sending.length && event.preventDefault());
            setInterval(() => this.look(), LOOK_MS);
        }

        get sending() {
            return this.items.filter((item) => item.sendsHere && ["queued", "sending"].includes(item.state));
        }

        item(facts) {
            const item = new Item({makesVideo: this.makesVideo, ...facts}, (changed) => this.changed(changed));
            this.items.push(item);
            this.onnew(item);
            return item;
        }

        changed(item) {
            this.onchange(item);
            // Another one may go once this one has stopped; not in the middle of its change.
            queueMicrotask(() => this.next());
        }

        // Files that the person chose, as rows. One whose beginning the hub has already goes on in the row that shows
        // it; none begins before the hub was asked what it has.
        add(files) {
            const items = [...files].map((file) => this.choose(file));
            this.look(true);
            return items;
        }

        // Files that the hub fetches itself, as it has just told of them.
        take(rows) {
            for (const row of rows) {
                (this.items.find((item) => item.id === row.id) ?? this.item({})).told(row);
            }
        }

        choose(file) {
            const mark = server.fingerprint(file);
            const known = this.items.find((item) => this.isSame(item, mark));
            if (!known) {
                return this.item({file, mark, name: file.name, size: file.size, asked: false, template: this.template()});
            }
            if (!known.file && known.received < known.size) {
                known.set({file, state: "queued", error: "", asked: true, url: this.urlOf(known.id)});
            }
            return known;
        }

        isSame(item, mark) {
            return item.mark === mark && item.way === "browser" && item.makesVideo === this.makesVideo
                && !["taken", "failed"].includes(item.state);
        }

        urlOf(id) {
            return new URL(`${server.filesUrl()}${id}/`, location.href).href;
        }

        next() {
            let free = AT_ONCE - this.items.filter((item) => item.state === "sending").length;
            for (const item of this.items.filter((one) => one.state === "queued" && one.file && one.asked)) {
                if (free-- > 0) {
                    this.begin(item);
                }
            }
        }

        begin(item) {
            const transfer = this.transfers.get(item) ?? new Transfer(item, () => this.look(true));
            this.transfers.set(item, transfer);
            transfer.start(item.url ?? null);
        }

        get unasked() {
            return this.items.filter((item) => item.file && !item.asked);
        }

        // Asks the hub for its list: for new files that were chosen (`always`), or while anything may have changed.
        async look(always = false) {
            const open = this.items.some((item) => !item.sendsHere && !["taken", "failed"].includes(item.state));
            if (!always && !this.unasked.length && (!open || document.hidden)) {
                return;
            }
            try {
                this.told(await server.files());
                this.unasked.forEach((item) => item.set({asked: true, waiting: false}));
            } catch (failure) {
                if (!(failure instanceof Failure)) {
                    throw failure;
                }
                await this.notTold(failure);
            }
        }

        // Without the hub's list: what this browser remembers, else wait.
        async notTold(failure) {
            for (const item of this.unasked) {
                const [found] = await server.memory.findUploadsByFingerprint(item.mark);
                if (failure.kind === "login") {
                    item.set({state: "login", error: failure.message});
                } else if (found) {
                    item.set({url: found.uploadUrl, asked: true});
                } else if (failure.kind === "connection") {
                    item.set({waiting: true});
                } else {
                    item.set({state: "stopped", error: failure.message});
                }
            }
        }

        // The hub's list has the newest first; the page adds at the end.
        told(rows) {
            for (const row of rows.filter((one) => !this.forgotten.has(one.id)).reverse()) {
                const own = this.items.find((item) => item.id === row.id);
                const begun = this.items.find((item) => item.file && !item.id && this.begins(item, row));
                if (begun) {
                    begun.set({id: row.id, received: row.received, url: this.urlOf(row.id)});
                } else if (own && !own.sendsHere) {
                    own.told(row);
                } else if (!own && this.takes(row)) {
                    this.item({}).told(row);
                }
            }
            const listed = new Set(rows.map((row) => row.id));
            this.items.filter((item) => item.id && !item.sendsHere && !listed.has(item.id)).forEach((item) => this.lost(item));
        }

        begins(item, row) {
            return row.fingerprint === item.mark && row.way === "browser" && row.makes_video === item.makesVideo
                && UNFINISHED.includes(row.state) && item.state === "queued";
        }

        // The list leaves out what is long over: ask for that one file.
        async lost(item) {
            if (["taken", "failed"].includes(item.state)) {
                return;
            }
            try {
                item.told(await server.file(item.id));
            } catch (failure) {
                if (failure.kind === "gone") {
                    this.drop(item);
                }
            }
        }

        pause(item) {
            if (item.file) {
                this.transfers.get(item)?.pause();
                item.set({state: "paused"});
                return null;
            }
            return server.pause(item.id).then((row) => row && item.told(row)).then(() => this.look(true));
        }

        resume(item) {
            if (item.file) {
                item.set({state: "queued", error: ""});
                return null;
            }
            return server.resume(item.id).then((row) => row && item.told(row)).then(() => this.look(true));
        }

        // Away with it; a video that was made of it stays.
        async remove(item) {
            this.transfers.get(item)?.pause();
            if (item.id) {
                try {
                    await server.remove(item.id);
                } catch (failure) {
                    if (failure.kind !== "gone") {
                        throw failure;
                    }
                }
                server.forget(item.mark);
            }
            this.drop(item);
        }

        drop(item) {
            this.forgotten.add(item.id);
            this.transfers.delete(item);
            this.items = this.items.filter((one) => one !== item);
            this.ongone(item);
            this.next();
        }

        // Rows that are no longer shown; the hub keeps what it has.
        clear() {
            [...this.items].forEach((item) => this.drop(item));
            this.forgotten.clear();
        }

        // A log-in in another tab lets everything go on that waited for it.
        async afterLogin() {
            const waiting = this.items.filter((item) => item.state === "login");
            if (!waiting.length) {
                return;
            }
            try {
                await server.files();
            } catch {
                return;
            }
            waiting.filter((item) => item.state === "login").forEach((item) => this.resume(item));
            this.look(true);
        }
    }

    Object.assign(window.hubUploads, {Line, LOGGED_IN});
}
