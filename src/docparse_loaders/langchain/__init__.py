"""LangChain: `DocParseLoader`. Needs the extra `langchain`."""

try:
    import langchain_core  # noqa: F401  # only to say at once which extra is missing
except ImportError as error:
    from docparse_loaders.errors import MissingExtra

    _HINT = 'Install it: pip install "docparse-loaders[langchain]"'
    raise MissingExtra("docparse_loaders.langchain needs langchain-core.", hint=_HINT) from error

from docparse_loaders.langchain.loader import DocParseLoader

__all__ = ["DocParseLoader"]
