"""mineru.net's API v4, as its docs describe it; `docparse_loaders.emulator.parse4ai` is its sister in another spelling."""

from typing import Any

from docparse_loaders.emulator.faults import App, Cut
from docparse_loaders.emulator.journal import Journal
from docparse_loaders.emulator.mineru.dialect import Dialect
from docparse_loaders.emulator.mineru.service import mineru_app
from docparse_loaders.emulator.service import Service, dialect_of
from docparse_loaders.emulator.shelf import Shelf

PREFIX = "/api/v4"
"""Where the service stands below its host; clients are configured with it."""

__all__ = ["PREFIX", "Dialect", "build", "environment"]


def build(service: Service, journal: Journal, shelf: Shelf, cut: Cut, **dialect: Any) -> App:
    """The service as an ASGI application; `dialect` holds the fields of `Dialect`."""
    return mineru_app("mineru", PREFIX, service, journal, shelf, cut, **dialect)


def environment(origin: str, service: Service, **dialect: Any) -> dict[str, str]:
    """What a client's environment needs to find the service."""
    dialect_of(Dialect, dialect)
    return {"MINERU_BASE_URL": origin + PREFIX, "MINERU_TOKEN": service.keys[0]}
