"""LlamaIndex: `DocParseReader`, `DocParseNodeParser`, and `DocParseToolSpec` for agents. Needs the extra `llama-index`."""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

try:
    import llama_index.core  # noqa: F401  # only to say at once which extra is missing
except ImportError as error:
    from docparse_loaders.errors import MissingExtra

    _HINT = 'Install it: pip install "docparse-loaders[llama-index]"'
    raise MissingExtra("docparse_loaders.llama_index needs llama-index-core.", hint=_HINT) from error

from docparse_loaders.llama_index.reader import DocParseReader

if TYPE_CHECKING:
    from docparse_loaders.llama_index.events import DocParseDoneEvent, DocParseEvent, DocParsePollEvent, DocParseSubmitEvent
    from docparse_loaders.llama_index.node_parser import DocParseNodeParser
    from docparse_loaders.llama_index.tools import DocParseToolSpec

__all__ = [
    "DocParseDoneEvent",
    "DocParseEvent",
    "DocParseNodeParser",
    "DocParsePollEvent",
    "DocParseReader",
    "DocParseSubmitEvent",
    "DocParseToolSpec",
]

_LATER = MappingProxyType(
    {
        **dict.fromkeys(("DocParseDoneEvent", "DocParseEvent", "DocParsePollEvent", "DocParseSubmitEvent"), "events"),
        "DocParseNodeParser": "node_parser",
        "DocParseToolSpec": "tools",
    }
)


def __getattr__(name: str) -> Any:
    """Import what not every program needs when it is asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
