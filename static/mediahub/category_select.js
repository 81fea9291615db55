"use strict";
// Categories to choose from. A long list can be searched by its paths, and the form that adds a video shows beside each
// account what the chosen hub category stands for there. Without scripts the lists are ordinary ones.
{
    const $ = django.jQuery;

    // The text as it is now, not as it was when the list was made searchable.
    function shown(option) {
        return option.element ? option.element.text : option.text;
    }

    // While nothing is searched the list is the tree; what is found is shown with its whole path.
    function search(select) {
        let words = "";
        $(select).select2({
            theme: "admin-autocomplete",
            width: "min(100%, 480px)",
            matcher: (params, option) => {
                words = (params.term || "").trim().toLowerCase();
                const path = (option.element && option.element.dataset.path) || option.text;
                return words === "" || path.toLowerCase().includes(words) ? option : null;
            },
            templateResult: (option) => (words && option.element && option.element.dataset.path) || shown(option),
            templateSelection: (option) => (option.element && option.element.dataset.path) || shown(option).trim(),
        });
    }

    function standsFor(form, chooser) {
        const told = JSON.parse(chooser.dataset.standsFor)[chooser.value] || {};
        form.querySelectorAll("select[data-as-mapped]").forEach((select) => {
            const first = select.options[0];
            first.dataset.plain = first.dataset.plain || first.text;
            if (chooser.value && told[select.name]) {
                first.text = select.dataset.asMapped.replace("%(category)s", told[select.name]);
            } else {
                first.text = chooser.value ? select.dataset.unmapped : first.dataset.plain;
            }
            $(select).trigger("change.select2");
        });
    }

    function begin() {
        document.querySelectorAll("select[data-search]").forEach(search);
        document.querySelectorAll("select[data-stands-for]").forEach((chooser) => {
            standsFor(chooser.form, chooser);
            chooser.addEventListener("change", () => standsFor(chooser.form, chooser));
        });
    }

    document.addEventListener("page-shown-again", begin);
    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", begin);
    } else {
        begin();
    }
}
