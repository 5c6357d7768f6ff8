"""`docparse-loaders vendors`: who can parse, and what it takes to ask them."""

import os

from rich.console import Console
from rich.table import Table

from docparse_loaders.vendors import config_class, names, vendor_of
from docparse_loaders.vendors.config import RemoteConfig


def show_vendors() -> None:
    """Print a table of the installed vendors."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("vendor", "key", "endpoint"):
        table.add_column(column, overflow="fold", min_width=12)
    table.add_column("takes", max_width=24)
    for name in names():
        config = config_class(name)
        key, endpoint = "none needed", "this machine"
        if issubclass(config, RemoteConfig):
            key, endpoint = _key(config), _endpoint(config)
        table.add_row(name, key, endpoint, " ".join(sorted(vendor_of(config).traits.suffixes)))
    Console().print(table)


def _key(config: type[RemoteConfig]) -> str:
    return f"{config.key_env} ({'set' if os.environ.get(config.key_env) else 'not set'})"


def _endpoint(config: type[RemoteConfig]) -> str:
    return f"{os.environ.get(config.url_env) or config.default_url} ({config.url_env})"
