"""Say in one sentence what is wrong with the configuration, before a server or worker starts with a traceback."""

from __future__ import annotations

import sys
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured

if __name__ == "__main__":
    try:
        import_module("mediahub.settings")
    except (ImproperlyConfigured, ValueError) as error:
        sys.exit(f"The configuration cannot be used: {error}")
