"""What an agent may do with a library of documents: list, read, find, look up a table. No framework is needed for it."""

from docparse_loaders.toolbox.answers import Answer, Citation
from docparse_loaders.toolbox.library import DocumentLibrary

__all__ = ["Answer", "Citation", "DocumentLibrary"]
