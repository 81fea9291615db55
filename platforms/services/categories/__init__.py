"""Categories of accounts: read as a tree, taken in from platforms, added, deleted, and mapped to the hub's own."""
