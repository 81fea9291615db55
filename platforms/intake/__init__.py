"""How files come into the hub from outside: resumable uploads from the browser, and what their page asks."""
