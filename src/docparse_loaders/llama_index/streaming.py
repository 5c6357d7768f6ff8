"""What `alazy_load_data` returns: LlamaIndex's contract is a coroutine, its users also write `async for`."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterable
from contextlib import aclosing
from typing import Any

from llama_index.core.schema import Document


class LazyDocuments(Coroutine[Any, Any, Iterable[Document]]):
    """Documents one by one with `async for`, or all of them with `await`; nothing is read before one or the other."""

    def __init__(self, stream: Callable[[], AsyncGenerator[Document, None]]) -> None:
        self._stream = stream
        self._all: Coroutine[Any, Any, list[Document]] | None = None

    def __aiter__(self) -> AsyncIterator[Document]:
        return self._stream()

    def __await__(self) -> Generator[Any, Any, list[Document]]:
        return self._whole().__await__()

    def send(self, value: Any) -> Any:
        """Go on, as a coroutine."""
        self._all = self._all or self._whole()
        return self._all.send(value)

    def throw(self, typ: Any, val: Any = None, tb: Any = None) -> Any:
        """Raise an error where it waits, as a coroutine."""
        self._all = self._all or self._whole()
        return self._all.throw(typ) if val is None else self._all.throw(typ, val, tb)

    def close(self) -> None:
        """End it, as a coroutine."""
        if self._all is not None:
            self._all.close()

    async def _whole(self) -> list[Document]:
        async with aclosing(self._stream()) as stream:
            return [document async for document in stream]
