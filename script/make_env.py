"""Make `.env` from `.env.example` with keys of its own; a `.env` that exists is left alone."""

from __future__ import annotations

import os
import re
import secrets
import sys
from pathlib import Path

from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent


def new_keys() -> dict[str, str]:
    """Fresh values of the variables that must differ between installations, safe to stand unquoted in `.env`."""
    return {"SECRET_KEY": secrets.token_urlsafe(50), "CREDENTIALS_KEY": Fernet.generate_key().decode()}


def make_env(folder: Path) -> bool:
    """Write `folder/.env`, readable by its owner only; False when there is one already."""
    text = (folder / ".env.example").read_text(encoding="utf-8")
    for name, value in new_keys().items():
        text, places = re.subn(rf"(?m)^{name}=$", f"{name}={value}", text)
        if places != 1:
            raise ValueError(f".env.example must have one empty line {name}=")
    try:
        descriptor = os.open(folder / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return True


if __name__ == "__main__" and make_env(ROOT):
    print("Made .env with new keys: look through it, and keep a copy of CREDENTIALS_KEY safe.", file=sys.stderr)
