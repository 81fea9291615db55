"use strict";
// The form that adds a video is sent without leaving the page, so that errors keep what was typed. The file does not go
// with it: upload_field.js has sent it before. Without scripts the form is sent as any other.
{
    function busy(form, is) {
        form.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = is; });
    }

    function tell(form, word) {
        const box = form.querySelector(".sending");
        box.hidden = !word;
        box.classList.toggle("sending--broken", word !== "looking");
        box.querySelector("progress").removeAttribute("value");
        box.querySelector("span").textContent = word ? box.querySelector("span").dataset[word] : "";
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
        document.dispatchEvent(new CustomEvent("page-shown-again"));
        const first = document.querySelector(".errornote, ul.errorlist");
        if (first) {
            first.scrollIntoView({block: "center"});
        }
    }

    async function finish(form, answer) {
        const here = answer.url.split("?")[0] === location.href.split("?")[0];
        if (answer.ok && (answer.headers.get("Content-Type") || "").startsWith("application/json")) {
            location.assign((await answer.json()).location);
        } else if (answer.ok && here) {
            showAgain(await answer.text());
        } else if (answer.redirected && new URL(answer.url).pathname === form.dataset.login) {
            stopped(form, "login"); // going there would lose what was typed
        } else if (answer.ok) {
            location.assign(answer.url);
        } else {
            stopped(form, "broken");
        }
    }

    function stopped(form, word) {
        busy(form, false);
        tell(form, word);
        form.querySelector("[data-again]").hidden = word !== "login";
    }

    // Logging in meanwhile, in another tab, has changed the token that the page came with.
    function freshToken(data) {
        const token = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
        if (token) {
            data.set("csrfmiddlewaretoken", token.slice("csrftoken=".length));
        }
        return data;
    }

    async function send(form, data) {
        tell(form, "looking");
        try {
            const headers = {"X-Requested-With": "XMLHttpRequest"};
            await finish(form, await fetch(form.action, {method: "POST", headers, body: freshToken(data)}));
        } catch {
            stopped(form, "broken");
        }
    }

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
        form.querySelector("[data-again]").hidden = true;
        send(form, data);
    });
}
