"""LangChain: `DocParseLoader`, and `DocParseToolkit` for agents. Needs the extra `langchain`."""

from typing import TYPE_CHECKING, Any

try:
    import langchain_core  # noqa: F401  # only to say at once which extra is missing
except ImportError as error:
    from docparse_loaders.errors import MissingExtra

    _HINT = 'Install it: pip install "docparse-loaders[langchain]"'
    raise MissingExtra("docparse_loaders.langchain needs langchain-core.", hint=_HINT) from error

from docparse_loaders.langchain.loader import DocParseLoader

if TYPE_CHECKING:
    from docparse_loaders.langchain.toolkit import DocParseToolkit

__all__ = ["DocParseLoader", "DocParseToolkit"]


def __getattr__(name: str) -> Any:
    """Import what only agents need when it is asked for."""
    if name != "DocParseToolkit":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from docparse_loaders.langchain.toolkit import DocParseToolkit

    return DocParseToolkit
