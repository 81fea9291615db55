"""Packages that few processes need, loaded by whoever first does."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a package and loads it at its first use: each command starts sooner and stays smaller without it.

    Threads may use it: Python loads a package once, and the others wait.
    """

    def __init__(self, package: str) -> None:
        self._package = package

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._package), name)
