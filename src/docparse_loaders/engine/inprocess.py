"""Work that needs no network: a function that a vendor names, run in a worker thread on the document's bytes."""

from functools import partial
from importlib import import_module
from typing import Protocol

import anyio.to_thread
from pydantic import JsonValue

from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import InProcess, Reply


class Work(Protocol):
    """What a dotted path of `InProcess` must lead to."""

    def __call__(self, data: bytes, options: JsonValue, /) -> JsonValue:
        """Turn a document's bytes into the reply's JSON."""


async def run(target: InProcess, options: JsonValue, source: Source) -> Reply:
    """Call the function; cancelling leaves its thread to end by itself."""
    work = partial(_work, target.function, options, source)
    return Reply(200, json=await anyio.to_thread.run_sync(work, abandon_on_cancel=True))


def _work(path: str, options: JsonValue, source: Source) -> JsonValue:
    module, name = path.split(":")
    function: Work = getattr(import_module(module), name)
    return function(source.read(), options)
