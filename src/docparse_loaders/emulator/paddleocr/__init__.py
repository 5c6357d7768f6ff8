"""PaddleOCR on AI Studio, emulated from its page on asynchronous jobs and from the source of its pipelines."""

from docparse_loaders.emulator.paddleocr.service import PREFIX, build, environment

__all__ = ["PREFIX", "build", "environment"]
