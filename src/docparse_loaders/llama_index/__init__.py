"""LlamaIndex: `DocParseReader`, and `DocParseToolSpec` for agents. Needs the extra `llama-index`."""

from typing import TYPE_CHECKING, Any

try:
    import llama_index.core  # noqa: F401  # only to say at once which extra is missing
except ImportError as error:
    from docparse_loaders.errors import MissingExtra

    _HINT = 'Install it: pip install "docparse-loaders[llama-index]"'
    raise MissingExtra("docparse_loaders.llama_index needs llama-index-core.", hint=_HINT) from error

from docparse_loaders.llama_index.reader import DocParseReader

if TYPE_CHECKING:
    from docparse_loaders.llama_index.tools import DocParseToolSpec

__all__ = ["DocParseReader", "DocParseToolSpec"]


def __getattr__(name: str) -> Any:
    """Import what only agents need when it is asked for."""
    if name != "DocParseToolSpec":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from docparse_loaders.llama_index.tools import DocParseToolSpec

    return DocParseToolSpec
