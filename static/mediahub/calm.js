"use strict";
// While a page changes by itself, what a person points at or has the focus on keeps its place on the screen: a press
// meets what it was meant for. `hubCalmly(change)` makes a change so; every script that changes a page unasked uses it.
{
    const USABLE = "a[href], button, input, label, select, summary, textarea";

    function isSeen(element) {
        const {top, bottom} = element.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
    }

    // What the person is about to use; undefined when nothing says so.
    function held() {
        const pointed = [...document.querySelectorAll("#content :hover")].at(-1)?.closest(USABLE);
        const focused = document.activeElement?.closest(`#content :is(${USABLE})`);
        return [pointed, focused].find((one) => one && isSeen(one));
    }

    // By what a link or a button is known again in content that has taken the place of its own.
    function twinOf(element) {
        if (element.isConnected) {
            return element;
        }
        const same = (name) => (one) => one.getAttribute(name) === element.getAttribute(name);
        if (element.matches("a[href]")) {
            return [...document.querySelectorAll("#content a[href]")].find(same("href"));
        }
        const action = element.form?.getAttribute("action");
        const forms = [...document.querySelectorAll("#content form")];
        const form = action && forms.find((one) => one.getAttribute("action") === action);
        return form ? [...form.elements].find((one) => one.matches(USABLE) && same("name")(one) && same("value")(one)) : undefined;
    }

    window.hubCalmly = (change) => {
        const one = held();
        const before = one?.getBoundingClientRect().top;
        const result = change();
        const now = one && twinOf(one);
        if (now) {
            scrollBy({top: now.getBoundingClientRect().top - before, behavior: "instant"});
        }
        return result;
    };
}
