"use strict";
// The page "Upload videos": many files at once, each of which becomes a video by itself.
{
    const {Line, Row, dropZone, paceText, percentOf, phaseOf, say, sayCount, sizeText, sources} = window.hubUploads;
    const title = document.title;
    const part = (name) => document.querySelector(`[data-page=${name}]`);
    const rows = new Map();
    // What was on its way in this visit: the totals and the offer to publish are about these.
    const visit = new Set();
    let drawn = false;

    const template = () => part("template")?.value ?? "";
    const line = new Line({
        makesVideo: true,
        template,
        takes: (row) => row.makes_video,
        onnew: (item) => {
            const options = {publish: part("list").dataset.publish, says: part("says")};
            rows.set(item, new Row(item, line, options));
            window.hubCalmly(() => part("list").append(rows.get(item).element));
            changed();
        },
        onchange: (item) => {
            if (["sending", "queued", "fetching", "looking"].includes(phaseOf(item))) {
                visit.add(item);
            }
            rows.get(item)?.changed();
            changed();
        },
        ongone: (item) => {
            rows.get(item).element.remove();
            rows.delete(item);
            changed();
        },
    });

    function changed() {
        if (!drawn) {
            drawn = true;
            requestAnimationFrame(draw);
        }
    }

    function draw() {
        drawn = false;
        part("files").hidden = !line.items.length;
        part("clear").hidden = !line.items.some((item) => item.state === "taken");
        const items = line.items.filter((item) => visit.has(item));
        const counted = items.filter((item) => item.size > 0);
        const size = counted.reduce((sum, item) => sum + item.size, 0);
        const received = counted.reduce((sum, item) => sum + (item.state === "taken" ? item.size : item.received), 0);
        const going = items.filter((item) => ["sending", "fetching", "queued", "waiting", "looking"].includes(phaseOf(item)));
        const done = items.filter((item) => item.state === "taken");
        const speed = going.reduce((sum, item) => sum + item.meter.speed, 0);
        const percent = percentOf(received, size);
        const words = [
            say("done", {done: done.length, total: items.length}),
            size ? say("bytes", {received: sizeText(received), size: sizeText(size)}) : "",
            going.length ? paceText(speed, size - received) : "",
        ];
        part("total").value = percent;
        part("percent").textContent = `${percent} %`;
        part("words").textContent = words.filter(Boolean).join(" · ");
        part("summary").hidden = !items.length;
        document.title = going.length ? `${percent} % · ${title}` : title;
        offer(done.filter((item) => item.video), going);
    }

    // Once nothing moves any more, the videos that have arrived can be published together.
    function offer(done, going) {
        const form = part("publish");
        if (!form) {
            return;
        }
        form.hidden = !done.length || going.length > 0;
        form.querySelectorAll("[name=_selected_action]").forEach((input) => input.remove());
        for (const item of done) {
            const input = document.createElement("input");
            Object.assign(input, {type: "hidden", name: "_selected_action", value: item.video.id});
            form.append(input);
        }
        form.querySelector("button").textContent = sayCount("publish", done.length);
        form.elements.template.value = template();
        form.elements.csrfmiddlewaretoken.value = window.hubUploads.server.headers()["X-CSRFToken"];
    }

    const complain = (text) => {
        part("complaint").textContent = text;
        part("complaint").hidden = !text;
    };
    const chosen = (files) => {
        complain("");
        line.add(files);
    };
    part("clear").addEventListener("click", () => {
        line.items.filter((item) => item.state === "taken").forEach((item) => line.remove(item));
    });
    part("zone").hidden = false;
    dropZone(part("zone"), part("input"), chosen, complain);
    sources(part("zone"), {makesVideo: true, several: true, template, took: (told) => line.take(told)});
    line.look(true);
}
