"""The tree of errors is the one that is drawn, and an error survives what frameworks do to it."""

import pickle
import re

from docparse_loaders import errors
from docparse_loaders.errors import DocParseError, RateLimited, SubmitUncertain


def _drawn() -> dict[str, str]:
    """Child → parent, read from the drawing in the module's docstring."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.fullmatch(r"([│├└─\s]*)([A-Z]\w+)", line)
        if match is None:
            continue
        depth = len(match[1]) // 4
        path[depth:] = [match[2]]
        if depth:
            parents[match[2]] = path[depth - 1]
    return parents


def _real(root: type[Exception]) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in root.__subclasses__():
        found[child.__name__] = root.__name__
        found |= _real(child)
    return found


def test_the_drawing_is_the_tree() -> None:
    assert _drawn() == _real(DocParseError)
    assert len(_drawn()) > 20


def test_every_error_survives_pickling_with_its_fields() -> None:
    error = SubmitUncertain("lost", hint="look", vendor="somark", code="1", status=502, token='{"v":1}', source="a.pdf")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert type(copy) is SubmitUncertain
    assert vars(copy) == vars(error)
    assert str(copy) == "a.pdf: lost look"


def test_only_what_was_provably_not_taken_is_refused() -> None:
    refused = {name for name, value in vars(errors).items() if isinstance(value, type) and getattr(value, "refused", False)}
    assert refused == {"EndpointUnreachable", "RateLimited"}
    assert RateLimited.retryable
