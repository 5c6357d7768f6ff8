"""SCNet's document service `ocrdoc`."""

from docparse_loaders.vendors.scnet.options import SCNet

__all__ = ["SCNet"]
