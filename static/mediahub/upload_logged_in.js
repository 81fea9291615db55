"use strict";
// The page after logging in again: tells the tabs that wait for it; upload_line.js listens.
localStorage.setItem("mediahub.logged-in", String(Date.now()));
