"use strict";
// Where files come from: chosen or dropped on this computer, browsed in the server's folder, or named by an address.
{
    const {say, sizeText, server} = window.hubUploads;

    const TYPING_MS = 250;

    // Files of a drop; folders cannot be sent, `refused` hears of them.
    function dropped(event, refused) {
        const entries = [...event.dataTransfer.items].filter((one) => one.kind === "file");
        const files = entries.filter((one) => !one.webkitGetAsEntry?.()?.isDirectory).map((one) => one.getAsFile());
        if (files.length < entries.length) {
            refused(say("noFolders"));
        }
        return files.filter(Boolean);
    }

    // A zone that takes files by drop, and by a button that stands for the file input.
    function dropZone(zone, input, chosen, refused) {
        zone.querySelector("[data-choose]").addEventListener("click", () => input.click());
        input.addEventListener("change", () => {
            const files = [...input.files];
            input.value = ""; // the same file may be chosen again, to go on
            if (files.length) {
                chosen(files);
            }
        });
        const carries = (event) => event.dataTransfer?.types.includes("Files") && zone.isConnected && !zone.hidden;
        document.addEventListener("dragover", (event) => {
            if (carries(event)) {
                event.preventDefault();
                zone.classList.add("drop--over");
            }
        });
        document.addEventListener("dragleave", (event) => {
            if (!event.relatedTarget) {
                zone.classList.remove("drop--over");
            }
        });
        // Anywhere on the page: a file dropped beside the zone would otherwise replace the page.
        document.addEventListener("drop", (event) => {
            zone.classList.remove("drop--over");
            if (carries(event)) {
                event.preventDefault();
                const files = dropped(event, refused);
                if (files.length) {
                    chosen(files);
                }
            }
        });
    }

    class Dialog {
        // `several`: more than one file may be chosen. `took(rows)` gets what the hub says of them.
        constructor(id, {makesVideo, several, took, template = () => ""}) {
            Object.assign(this, {makesVideo, several, took, template});
            this.box = document.getElementById(id);
            this.note = this.box.querySelector("[data-note]");
            this.box.querySelector("[data-close]").addEventListener("click", () => this.box.close());
            this.box.querySelector("form").addEventListener("submit", (event) => {
                event.preventDefault();
                this.doing(() => this.submit());
            });
        }

        open() {
            this.complain("");
            this.box.showModal();
        }

        complain(text) {
            this.note.textContent = text;
            this.note.hidden = !text;
        }

        async doing(work) {
            const buttons = this.box.querySelectorAll("button:not([data-close])");
            buttons.forEach((button) => { button.disabled = true; });
            this.complain("");
            try {
                await work();
            } catch (failure) {
                this.complain(failure.message);
            }
            buttons.forEach((button) => { button.disabled = false; });
            this.settled();
        }

        settled() {}

        finish(rows) {
            this.box.close();
            this.took(rows);
        }
    }

    class AddressDialog extends Dialog {
        async submit() {
            const input = this.box.querySelector("input");
            const row = await server.fromAddress(input.value.trim(), this.makesVideo, this.template());
            input.value = "";
            this.finish([row]);
        }
    }

    class FolderDialog extends Dialog {
        constructor(...facts) {
            super(...facts);
            this.list = this.box.querySelector("[data-list]");
            this.list.addEventListener("change", () => this.settled());
            this.find = this.box.querySelector("[data-find]");
            this.find.addEventListener("input", () => {
                clearTimeout(this.typing);
                this.typing = setTimeout(() => this.show(this.path, this.find.value.trim()), TYPING_MS);
            });
        }

        open() {
            super.open();
            this.go("");
        }

        async go(path) {
            this.find.value = "";
            await this.show(path, "");
            this.list.querySelector("button, input")?.focus();
        }

        show(path, find) {
            return this.doing(async () => {
                const told = await server.folder(path, find);
                if (find !== this.find.value.trim()) {
                    return; // more was typed meanwhile
                }
                this.path = told.path;
                this.box.querySelector("[data-path]").textContent = `/${told.path}`;
                const up = told.parent === null || told.parent === undefined ? [] : [{name: "..", path: told.parent, up: true}];
                const folders = [...up, ...told.folders].map((one) => this.folderLine(one));
                this.list.replaceChildren(...folders, ...told.files.map((one) => this.fileLine(one)));
                const nothing = told.folders.length || told.files.length ? [] : [say("folderEmpty")];
                this.complain([...nothing, ...told.notes].join(" "));
            });
        }

        folderLine({name, path, up}) {
            const line = document.createElement("li");
            const button = document.createElement("button");
            button.type = "button";
            button.className = up ? "browse__folder browse__folder--up" : "browse__folder";
            button.textContent = up ? say("folderUp") : name;
            button.addEventListener("click", () => this.go(path));
            line.append(button);
            return line;
        }

        fileLine({name, path, size, modified}) {
            const line = document.createElement("li");
            const label = document.createElement("label");
            const input = document.createElement("input");
            Object.assign(input, {type: this.several ? "checkbox" : "radio", name: "path", value: path});
            const text = document.createElement("span");
            text.className = "browse__name";
            text.textContent = name;
            const quiet = document.createElement("span");
            quiet.className = "quiet numbers";
            const when = new Date(modified).toLocaleDateString(document.documentElement.lang || undefined);
            quiet.textContent = `${sizeText(size)} · ${when}`;
            label.append(input, text, quiet);
            line.append(label);
            return line;
        }

        get chosen() {
            return [...this.list.querySelectorAll("input:checked")].map((input) => input.value);
        }

        settled() {
            this.box.querySelector("[type=submit]").disabled = !this.chosen.length;
        }

        async submit() {
            this.finish(await server.fromFolder(this.chosen, this.makesVideo, this.template()));
        }
    }

    const dialogs = {};

    // The buttons of a zone that open the dialogs, of which the page has one each.
    function sources(zone, facts) {
        for (const [name, kind] of [["folder", FolderDialog], ["address", AddressDialog]]) {
            const button = zone.querySelector(`[data-${name}]`);
            if (button) {
                dialogs[name] ??= new kind(`upload-${name}`, facts);
                button.addEventListener("click", () => dialogs[name].open());
            }
        }
    }

    Object.assign(window.hubUploads, {dropZone, sources});
}
