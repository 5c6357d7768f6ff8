"""SoMark's service, as its API docs describe it."""

from docparse_loaders.emulator.somark.service import PREFIX, build, environment, somark_app

__all__ = ["PREFIX", "build", "environment", "somark_app"]
