"""Following thousands of videos against the sandbox, over real HTTP and in virtual time; bench/README.md says more."""
