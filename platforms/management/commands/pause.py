"""`pause`: stop a queued or running upload where it is."""

from __future__ import annotations

from platforms.management.control import ControlCommand
from platforms.services.uploads import control


class Command(ControlCommand):
    help = "Stop a queued or running upload where it is."
    verb = staticmethod(control.pause)
