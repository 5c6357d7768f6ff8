"""A document as one HTML file: pages with boxes, the chunks beside them, linked both ways; nothing is loaded from elsewhere."""

from docparse_loaders.viewing.report.writing import write

__all__ = ["write"]
