"""LiteParse in this process: PDFs with a text layer, no key, no network, no model to download."""

from docparse_loaders.vendors.local.options import Local

__all__ = ["Local"]
