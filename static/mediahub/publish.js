"use strict";
// The form that adds a video: its title from the file's name, and a bar while the file is sent. Without this script
// the form is sent as any other.
{
    const sizes = ["B", "KB", "MB", "GB"];

    function sizeText(bytes) {
        let unit = 0;
        while (bytes >= 1024 && unit < sizes.length - 1) {
            bytes /= 1024;
            unit += 1;
        }
        return `${bytes.toFixed(unit && bytes < 100 ? 1 : 0)} ${sizes[unit]}`;
    }

    function suggestTitle(input) {
        const title = input.form.elements.title;
        const file = input.files[0];
        if (!file || !title) {
            return;
        }
        if (!title.value.trim() || title.value === title.dataset.suggested) {
            title.value = file.name.replace(/\.[^.]*$/, "").slice(0, title.maxLength > 0 ? title.maxLength : 200);
            title.dataset.suggested = title.value;
        }
    }

    function busy(form, is) {
        form.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = is; });
    }

    function told(form, words, percent) {
        const box = form.querySelector(".sending");
        const text = box.querySelector("span");
        box.hidden = false;
        box.classList.toggle("sending--broken", words === "broken");
        box.querySelector("progress").value = percent;
        return (rest) => { text.textContent = [text.dataset[words], rest].filter(Boolean).join(" "); };
    }

    // The answer is the same page with errors: take its content, and keep where the person is.
    function showAgain(html) {
        const page = new DOMParser().parseFromString(html, "text/html");
        const fresh = page.getElementById("content");
        if (!fresh) {
            location.reload();
            return;
        }
        document.getElementById("content").replaceWith(fresh);
        const first = document.querySelector(".errornote, ul.errorlist");
        if (first) {
            first.scrollIntoView({block: "center"});
        }
    }

    function finish(form, request) {
        if (request.status === 200 && (request.getResponseHeader("Content-Type") || "").startsWith("application/json")) {
            location.assign(JSON.parse(request.responseText).location);
        } else if (request.status === 200 && request.responseURL.split("?")[0] === location.href.split("?")[0]) {
            showAgain(request.responseText);
        } else if (request.status === 200) {
            location.assign(request.responseURL);
        } else {
            broken(form);
        }
    }

    function broken(form) {
        busy(form, false);
        told(form, "broken", 0)("");
    }

    function send(form, data) {
        const request = new XMLHttpRequest();
        request.upload.addEventListener("progress", (event) => {
            const percent = event.total ? Math.floor((event.loaded / event.total) * 100) : 0;
            told(form, "sending", percent)(`${sizeText(event.loaded)} / ${sizeText(event.total)} (${percent} %)`);
        });
        request.upload.addEventListener("load", () => told(form, "looking", 100)(""));
        request.addEventListener("load", () => finish(form, request));
        request.addEventListener("error", () => broken(form));
        request.open("POST", form.action);
        request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
        request.send(data);
    }

    document.addEventListener("change", (event) => {
        if (event.target.matches("form[data-upload] input[type=file]")) {
            suggestTitle(event.target);
        }
    });

    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (form.dataset.sent) {
            event.preventDefault(); // a second press of the same button
            return;
        }
        if (!form.matches("form[data-upload]")) {
            if (form.method === "post" && form.closest("#content-main") && form.id !== "changelist-form") {
                form.dataset.sent = "yes";
                setTimeout(() => { delete form.dataset.sent; }, 5000);
            }
            return;
        }
        event.preventDefault();
        const data = new FormData(form, event.submitter);
        busy(form, true);
        send(form, data);
    });
}
