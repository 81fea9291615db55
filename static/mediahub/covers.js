"use strict";
// A small picture that its platform no longer delivers leaves an empty frame. Errors of pictures do not bubble.
document.addEventListener("error", (event) => {
    if (event.target.matches && event.target.matches("img.thumb")) {
        event.target.classList.add("thumb--none");
        event.target.removeAttribute("src");
    }
}, true);
