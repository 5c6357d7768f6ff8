"""SCNet's ocrdoc service, as its page and its published client describe it."""

from docparse_loaders.emulator.scnet.service import PREFIX, build, environment

__all__ = ["PREFIX", "build", "environment"]
