"""Log lines of httpx and httpcore about our requests: what an answer's head says is left out of them, also at DEBUG.

A head may hold a signed address (`Location`), a cookie or, in its reason, whatever a gateway quotes. Lines about anybody
else's requests are left as they are: they are told apart by the context in which they are written.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_OURS: ContextVar[bool] = ContextVar("docparse_loaders.ours", default=False)
_LOGGERS = ("httpx", "httpcore.http11")
_CUTS = (
    (re.compile(r"(return_value=\(b'HTTP/[\d.]+', \d+).*", re.DOTALL), r"\1, …)"),
    (re.compile(r"(exception=\w+)\(.*", re.DOTALL), r"\1(…)"),
    (re.compile(r'("HTTP/[\d.]+ \d+) .*"', re.DOTALL), r'\1"'),
)


class _Discreet(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if _OURS.get():
            said = record.getMessage()
            for pattern, rest in _CUTS:
                said = pattern.sub(rest, said)
            record.msg, record.args = said, ()
        return True


_DISCREET = _Discreet()


@contextmanager
def discreet() -> Iterator[None]:
    """A time in which these libraries work for us."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_DISCREET)
    before = _OURS.set(True)
    try:
        yield
    finally:
        _OURS.reset(before)
