"""LangChain: `DocParseLoader`, `DocParseBlobParser`, and `DocParseToolkit` for agents. Needs the extra `langchain`."""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

try:
    import langchain_core  # noqa: F401  # only to say at once which extra is missing
except ImportError as error:
    from docparse_loaders.errors import MissingExtra

    _HINT = 'Install it: pip install "docparse-loaders[langchain]"'
    raise MissingExtra("docparse_loaders.langchain needs langchain-core.", hint=_HINT) from error

from docparse_loaders.langchain.loader import DocParseLoader

if TYPE_CHECKING:
    from docparse_loaders.langchain.blobs import DocParseBlobLoader, DocParseBlobParser
    from docparse_loaders.langchain.toolkit import DocParseToolkit

__all__ = ["DocParseBlobLoader", "DocParseBlobParser", "DocParseLoader", "DocParseToolkit"]

_LATER = MappingProxyType({"DocParseBlobLoader": "blobs", "DocParseBlobParser": "blobs", "DocParseToolkit": "toolkit"})


def __getattr__(name: str) -> Any:
    """Import what not every program needs when it is asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
