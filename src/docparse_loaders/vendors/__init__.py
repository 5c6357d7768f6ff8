"""The vendors by name: adding one is adding a folder and a line here, or an entry point in another package.

An entry point of the group `docparse_loaders.vendors` maps a name to a `VendorConfig` subclass.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from docparse_loaders.errors import UnknownVendor
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.protocol import AnyVendor

BUILT_IN = MappingProxyType(
    {
        "local": "docparse_loaders.vendors.local:Local",
        "mineru": "docparse_loaders.vendors.mineru:MinerU",
        "paddleocr": "docparse_loaders.vendors.paddleocr:PaddleOCR",
        "parse4ai": "docparse_loaders.vendors.mineru:Parse4AI",
        "scnet": "docparse_loaders.vendors.scnet:SCNet",
        "somark": "docparse_loaders.vendors.somark:SoMark",
    }
)
"""Name → dotted path of the options class; its module is imported on first use."""

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "docparse_loaders.vendors"


def names() -> list[str]:
    """All installed vendors, sorted."""
    return sorted({*BUILT_IN, *(point.name for point in _entry_points())})


def config_class(name: str) -> type[VendorConfig]:
    """The options class of a vendor.

    Raises `UnknownVendor`, with the nearest name in its hint.
    """
    wanted = name.strip().lower()
    if wanted in BUILT_IN:
        module, attribute = BUILT_IN[wanted].split(":")
        found: type[VendorConfig] = getattr(import_module(module), attribute)
        return found
    for point in _entry_points():
        if point.name == wanted:
            loaded: type[VendorConfig] = point.load()
            return loaded
    raise _unknown(name)


def config_of(vendor: str | VendorConfig | Mapping[str, Any]) -> VendorConfig:
    """A vendor's options: those given, the defaults of the one that is named, or what `describe` made of them."""
    if isinstance(vendor, VendorConfig):
        return vendor
    if isinstance(vendor, Mapping):
        options = {name: value for name, value in vendor.items() if name != "vendor"}
        return config_class(str(vendor.get("vendor", "")))(**options)
    return config_class(vendor)()


def vendor_of(config: VendorConfig | type[VendorConfig]) -> AnyVendor:
    """The pure half of the vendor that these options are for."""
    module, name = config.wire.split(":")
    made: AnyVendor = getattr(import_module(module), name)()
    return made


def describe(config: VendorConfig) -> dict[str, Any]:
    """Options as plain JSON with the vendor's name, without the key; `config_of` reads it."""
    return {"vendor": vendor_of(config).name, **config.model_dump(mode="json")}


def _entry_points() -> "Iterable[EntryPoint]":
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _unknown(name: str) -> UnknownVendor:
    known = names()
    near = get_close_matches(name.lower(), known, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return UnknownVendor(f"there is no vendor {name!r}.", hint=f"{hint}Installed: {', '.join(known)}.")
