"""What the figures were measured on: versions, cores, system and load; no name and no path of the machine."""

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any


def versions(names: Iterable[str]) -> dict[str, str]:
    """The installed version of each distribution; "" for one that is not there."""
    return {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def facts() -> dict[str, Any]:
    """The machine."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 0,
    }


def load() -> float:
    """How many processes want a core, on average over the last minute; 0 where the system does not tell."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0


def missing(modules: Iterable[str]) -> list[str]:
    """The modules that cannot be imported here."""
    return [name for name in modules if not _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # a part of a package that is not there
        return False
