"""Work that needs no network: a function that a vendor names, run in a worker thread on the document's bytes."""

import os
from functools import partial
from importlib import import_module
from typing import Protocol

import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from pydantic import JsonValue

from docparse_loaders.engine.tools import Workshop
from docparse_loaders.source import Source
from docparse_loaders.vendors.programs import Tools
from docparse_loaders.vendors.protocol import InProcess, Reply

_ROOM: RunVar[CapacityLimiter] = RunVar("docparse_loaders.in_process")


class Work(Protocol):
    """What a dotted path of `InProcess` must lead to."""

    def __call__(self, data: bytes, options: JsonValue, tools: Tools, /) -> JsonValue:
        """Turn a document's bytes into the reply's JSON; programs that it needs are run by `tools`."""


async def run(target: InProcess, options: JsonValue, source: Source) -> Reply:
    """Call the function, in no more threads at once than there are processors.

    A cancelled one ends by itself, the programs that it has started end at once.
    """
    workshop = Workshop()
    work = partial(_work, target.function, options, source, workshop)
    try:
        return Reply(200, json=await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=_room()))
    finally:
        workshop.close()


def _room() -> CapacityLimiter:
    """One limit for each event loop, whoever runs in it: such work keeps a processor busy, and waits for nothing."""
    try:
        return _ROOM.get()
    except LookupError:
        _ROOM.set(room := CapacityLimiter(os.cpu_count() or 1))
        return room


def _work(path: str, options: JsonValue, source: Source, tools: Tools) -> JsonValue:
    module, name = path.split(":")
    function: Work = getattr(import_module(module), name)
    return function(source.read(), options, tools)
