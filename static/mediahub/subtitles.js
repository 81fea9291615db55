"use strict";
// Subtitles: the card shows what the workers have done soon after they did it; the page that adds reads languages off
// the names of files and takes several files at once.
{
    const SOON = 3000;

    function watchCard() {
        setInterval(() => {
            if (document.querySelector("#subtitles[data-pending]") && !document.hidden) {
                document.dispatchEvent(new CustomEvent("publications-changed"));
            }
        }, SOON);
    }

    const told = (id) => JSON.parse(document.getElementById(id).textContent);

    function languageOf(name, words) {
        const stem = name.replace(/\.(vtt|srt)$/i, "").toLowerCase();
        const parts = [stem, ...stem.split(/[.\s()[\]（）【】]+/).reverse(), ...stem.split(/[._\-\s]+/).reverse()];
        return parts.map((part) => words[part.replaceAll("_", "-")]).find(Boolean);
    }

    function fieldOf(row, name) {
        return row.querySelector(`[name$="-${name}"]`);
    }

    function describe(row, words, names) {
        const file = fieldOf(row, "file").files[0];
        const language = fieldOf(row, "language");
        const found = file && languageOf(file.name, words);
        if (found) {
            language.value = found;
        }
        fieldOf(row, "name").placeholder = names[language.value] || "";
    }

    function addRow(form) {
        const rows = form.querySelectorAll(".subtitle-file");
        const count = form.querySelector("[name='files-TOTAL_FORMS']");
        if (rows.length >= Number(form.dataset.most)) {
            return null;
        }
        const row = rows[rows.length - 1].cloneNode(true);
        const old = `files-${rows.length - 1}-`;
        const fresh = `files-${rows.length}-`;
        row.querySelectorAll(".errorlist, .subtitle-file__problems").forEach((one) => one.remove());
        row.querySelectorAll(".errors").forEach((one) => one.classList.remove("errors"));
        for (const element of row.querySelectorAll("*")) {
            for (const attribute of ["name", "id", "for", "aria-describedby", "aria-labelledby"]) {
                const value = element.getAttribute(attribute);
                if (value) {
                    element.setAttribute(attribute, value.replaceAll(old, fresh));
                }
            }
        }
        const legend = row.querySelector("legend");
        legend.textContent = legend.textContent.replace(String(rows.length), String(rows.length + 1));
        fieldOf(row, "file").value = "";
        fieldOf(row, "name").value = "";
        fieldOf(row, "is_default").checked = false;
        rows[rows.length - 1].after(row);
        count.value = rows.length + 1;
        return row;
    }

    // Several files chosen in one row: each further one goes to the next row that has none.
    function spread(form, row) {
        const input = fieldOf(row, "file");
        const [first, ...others] = input.files;
        if (!others.length) {
            return;
        }
        give(input, first);
        for (const file of others) {
            const rows = [...form.querySelectorAll(".subtitle-file")];
            const free = rows.find((one) => !fieldOf(one, "file").files.length) || addRow(form);
            if (free) {
                give(fieldOf(free, "file"), file);
            }
        }
    }

    function give(input, file) {
        const held = new DataTransfer();
        held.items.add(file);
        input.files = held.files;
    }

    function prepare(form) {
        const words = told("language-words");
        const names = told("language-names");
        const all = () => form.querySelectorAll(".subtitle-file");
        const open = () => all().forEach((row) => { fieldOf(row, "file").multiple = true; });
        form.addEventListener("change", (event) => {
            const row = event.target.closest(".subtitle-file");
            if (row && event.target.type === "file") {
                spread(form, row);
                all().forEach((one) => describe(one, words, names));
            } else if (row && event.target.type === "checkbox" && event.target.checked) {
                all().forEach((one) => { fieldOf(one, "is_default").checked = one === row; });
            } else if (row) {
                fieldOf(row, "name").placeholder = names[fieldOf(row, "language").value] || "";
            }
            open();
        });
        const another = document.getElementById("another-file");
        another.hidden = false;
        another.addEventListener("click", () => { addRow(form); open(); });
        open();
    }

    document.addEventListener("DOMContentLoaded", () => {
        watchCard();
        const form = document.getElementById("subtitle-files");
        if (form) {
            prepare(form);
        }
    });
}
