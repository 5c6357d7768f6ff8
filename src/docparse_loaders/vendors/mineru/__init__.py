"""Parse4AI and MinerU (mineru.net, API v4): one wire, two services."""

from docparse_loaders.vendors.mineru.callback import verify_callback
from docparse_loaders.vendors.mineru.options import MinerU, Parse4AI

__all__ = ["MinerU", "Parse4AI", "verify_callback"]
