"use strict";
// Talking to the hub about files on their way in: who may ask, what an answer means, and what this browser remembers.
{
    const uploads = window.hubUploads;
    const {say} = uploads;
    const page = () => document.getElementById("upload-words").dataset;

    // What went wrong, by what to do next: "connection" wait and try again, "login" log in, "full" make room,
    // "gone" the hub has it no longer, "refused" nothing will help. `text` is for the person.
    class Failure extends Error {
        constructor(kind, text) {
            super(text);
            this.kind = kind;
        }
    }

    function sentence(body) {
        try {
            return JSON.parse(body).error ?? null;
        } catch {
            return null;
        }
    }

    // The failure that a status and a body mean; status 0 is no answer at all.
    function failureOf(status, body) {
        const told = sentence(body);
        // A refusal that is a page, not a sentence, comes from the check of forms: its token ended with the log-in.
        if (status === 401 || (status === 403 && told === null)) {
            return new Failure("login", say("login"));
        }
        if (status === 507) {
            return new Failure("full", told ?? say("full"));
        }
        if (status === 404 || status === 410) {
            return new Failure("gone", told ?? say("gone"));
        }
        if (status < 400 || status >= 500 || [408, 409, 423, 425, 429].includes(status)) {
            return new Failure("connection", told ?? say("connection"));
        }
        return new Failure("refused", told ?? say("refused", {status}));
    }

    // Logging in gives a new token, so it is read each time.
    function token() {
        const found = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
        return found ? decodeURIComponent(found.slice("csrftoken=".length)) : "";
    }

    const headers = () => ({"X-CSRFToken": token(), "Accept": "application/json"});

    // What the hub answers, as an object; null when it has nothing to say. Throws `Failure`.
    async function ask(url, method = "GET", body = undefined) {
        const sent = {...headers(), ...(method === "DELETE" ? {"Tus-Resumable": "1.0.0"} : {})};
        let answer, text;
        try {
            answer = await fetch(url, {
                method, headers: body ? {...sent, "Content-Type": "application/json"} : sent,
                body: body && JSON.stringify(body), redirect: "manual", cache: "no-store",
            });
            text = await answer.text();
        } catch {
            throw failureOf(0, "");
        }
        if (answer.type === "opaqueredirect") {
            throw failureOf(401, "");
        }
        if (!answer.ok) {
            throw failureOf(answer.status, text);
        }
        return text ? JSON.parse(text) : null;
    }

    const files = async () => (await ask(page().listUrl)).files;
    const file = (id) => ask(`${page().filesUrl}${id}.json`);
    const remove = (id) => ask(`${page().filesUrl}${id}/`, "DELETE");
    const pause = (id) => ask(`${page().filesUrl}${id}/pause/`, "POST");
    const resume = (id) => ask(`${page().filesUrl}${id}/resume/`, "POST");
    const folder = (path, find) => ask(`${page().folderUrl}?${new URLSearchParams({path, find})}`);
    const fromFolder = async (paths, makesVideo, template = "") => {
        const told = await ask(page().folderUrl, "POST", {paths, makes_video: makesVideo, template});
        return told.files;
    };
    const fromAddress = (address, makesVideo, template = "") => {
        return ask(page().addressUrl, "POST", {address, makes_video: makesVideo, template});
    };

    // Files are recognised by what a browser tells of them without reading them.
    function fingerprint(chosen) {
        return `${chosen.size}-${chosen.lastModified}-${chosen.name}`.slice(0, 200);
    }

    // Where uploads of this person go on, kept in this browser for when the hub's own list cannot be asked.
    const prefix = () => `mediahub.upload.${page().user}.`;
    const memory = {
        async findAllUploads() {
            return [];
        },
        async findUploadsByFingerprint(print) {
            const text = localStorage.getItem(prefix() + print);
            return text ? [{uploadUrl: text, urlStorageKey: prefix() + print, metadata: {}}] : [];
        },
        async removeUpload(key) {
            localStorage.removeItem(key);
        },
        async addUpload(print, upload) {
            try {
                localStorage.setItem(prefix() + print, upload.uploadUrl);
            } catch {
                // A full or forbidden storage: the hub's list is enough.
            }
            return prefix() + print;
        },
    };

    const forget = (print) => localStorage.removeItem(prefix() + print);

    uploads.Failure = Failure;
    uploads.server = {
        ask, failureOf, headers, files, file, remove, pause, resume, folder, fromFolder, fromAddress, fingerprint, memory, forget,
        filesUrl: () => page().filesUrl,
    };
}
