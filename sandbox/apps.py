"""Lets ``manage.py`` find the ``sandbox`` command; the simulator itself does not need Django."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "sandbox"
