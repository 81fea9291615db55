"""The existing library: what already is on an account, brought into the hub and kept up to date.

`jobs.py` has the rows that are worked off, `running.py` does it, `taking.py` compares what a platform lists with what
the hub knows, and `books.py` writes it down, or only counts it.
"""
