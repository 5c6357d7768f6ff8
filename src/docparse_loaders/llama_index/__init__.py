"""LlamaIndex: `DocParseReader`. Needs the extra `llama-index`."""

try:
    import llama_index.core  # noqa: F401  # only to say at once which extra is missing
except ImportError as error:
    from docparse_loaders.errors import MissingExtra

    _HINT = 'Install it: pip install "docparse-loaders[llama-index]"'
    raise MissingExtra("docparse_loaders.llama_index needs llama-index-core.", hint=_HINT) from error

from docparse_loaders.llama_index.reader import DocParseReader

__all__ = ["DocParseReader"]
