"""What must not be seen, taken out of what an error says: a service or a gateway may quote the key or a signed address."""

from collections.abc import Iterator, Sequence

from pydantic import SecretStr

from docparse_loaders.errors import DocParseError

_MASK = "***"
_SHORTEST = 8
"""Fewer characters are no key, and may be part of any word."""

Change = tuple[str, str]
"""A text that must not be seen, and what is written in its place."""


def mask(error: DocParseError, key: SecretStr | None) -> None:
    """Write stars in place of the key, wherever the error or one behind it quotes it."""
    secret = key.get_secret_value() if key is not None else ""
    rewrite(error, [(secret, _MASK)] if len(secret) >= _SHORTEST else [])


def rewrite(error: BaseException, changes: Sequence[Change]) -> None:
    """Make the changes in all that an error says: its texts, its notes, and those of its causes.

    An error that was left out on purpose (`raise … from None`) is dropped altogether, because tools find it all the same.
    """
    for each in _chain(error):
        each.args = tuple(_changed(value, changes) for value in each.args)
        said = vars(each)
        said.update({name: _changed(value, changes) for name, value in said.items() if name != "token"})


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and all behind it, each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        if each.__suppress_context__ and each.__context__ is not each.__cause__:
            each.__context__ = None
        waiting += [each.__cause__, each.__context__]
        waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        yield each


def _changed(value: object, changes: Sequence[Change]) -> object:
    if isinstance(value, list):
        return [_changed(item, changes) for item in value]
    if isinstance(value, str):
        for secret, shown in changes:
            value = value.replace(secret, shown)
    return value
