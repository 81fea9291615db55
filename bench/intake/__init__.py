"""How fast a file comes into the hub from a browser, beside nginx writing the same bytes: `python -m bench.intake`."""
