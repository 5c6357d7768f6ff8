"""The key, taken out of what an error says: a service or a gateway may quote it."""

from pydantic import SecretStr

from docparse_loaders.errors import DocParseError

_MASK = "***"
_SHORTEST = 8
"""Fewer characters are no key, and may be part of any word."""


def mask(error: DocParseError, key: SecretStr | None) -> None:
    """Write stars in place of the key, wherever the error quotes it."""
    secret = key.get_secret_value() if key is not None else ""
    if len(secret) >= _SHORTEST and secret in error.message:
        error.message = error.message.replace(secret, _MASK)
        error.args = (error.message,)
