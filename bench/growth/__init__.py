"""How the hub's pages and ticks take a thousand, a hundred thousand and a million publications."""
