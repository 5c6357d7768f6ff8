"""An event loop whose clock takes no time: when nobody can go on, it is at once as late as the next one wants it to be.

It knows only what tasks, timers and events need, so that a life costs little more than the engine's own work. What runs in
it is the real asyncio and the real anyio, and always in the same order.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


if TYPE_CHECKING:
    _Base = asyncio.BaseEventLoop  # to a type checker, which would have us write down all that no life needs
else:
    _Base = asyncio.AbstractEventLoop


class Call(asyncio.TimerHandle):
    """Something to be done, unless it is cancelled first."""

    def __init__(self, do: Callable[..., object], args: tuple[Any, ...], context: Context | None, when: float) -> None:
        self._do: Callable[..., object] | None = do
        self._with = args
        self._in = context
        self._at = when

    def cancel(self) -> None:
        self._do = None

    def cancelled(self) -> bool:
        return self._do is None

    def when(self) -> float:
        return self._at

    def run(self) -> None:
        """Do it."""
        if self._do is None:
            return
        if self._in is None:
            self._do(*self._with)
        else:
            self._in.run(self._do, *self._with)


class Clockwork(_Base):
    """A loop for one life."""

    def __init__(self) -> None:
        self.now = 0.0
        self._ready = deque[Call]()
        self._later: list[tuple[float, int, Call]] = []
        self._serial = count().__next__
        self._errors: list[BaseException | str] = []

    def lives(self, life: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, with all that it begins. Raises `RuntimeError` if nothing will ever happen again."""
        asyncio._set_running_loop(self)
        try:
            task = asyncio.Task(life, loop=self)
            while not task.done():
                self._step()
        finally:
            asyncio._set_running_loop(None)
        if self._errors:
            raise RuntimeError(self._errors)
        return task.result()

    def _step(self) -> None:
        if not self._ready:
            self._wait()
        for _ in range(len(self._ready)):
            self._ready.popleft().run()

    def _wait(self) -> None:
        while self._later and self._later[0][2].cancelled():
            heappop(self._later)
        if not self._later:
            raise RuntimeError("everybody waits for somebody else")
        self.now = max(self.now, self._later[0][0])
        while self._later and self._later[0][0] <= self.now:
            self._ready.append(heappop(self._later)[2])

    # What asyncio asks of a loop.

    def time(self) -> float:
        return self.now

    def call_soon(self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None) -> Call:
        call = Call(callback, args, context, self.now)
        self._ready.append(call)
        return call

    def call_at(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> Call:
        call = Call(callback, args, context, when)
        heappush(self._later, (when, self._serial(), call))
        return call

    def call_later(
        self, delay: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> Call:
        return self.call_at(self.now + delay, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: object = None, context: Context | None = None) -> asyncio.Task[Any]:
        return asyncio.Task(coro, loop=self, name=None if name is None else str(name), context=context)

    def get_task_factory(self) -> None:
        return None

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self._errors.append(context.get("exception") or context["message"])
