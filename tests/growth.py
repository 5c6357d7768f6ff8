"""How work grows with its size, told in a way that a busy machine cannot change."""

import gc
import time
from collections.abc import Callable


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """CPU time of the best of some runs, the collector's own work left out: its pauses grow with everything else in memory."""
    times = []
    for _ in range(runs):
        gc.collect()
        gc.disable()
        try:
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
        finally:
            gc.enable()
    return min(times)


def assert_linear(work: Callable[[int], object], small: int = 1000) -> None:
    """Eight times the size may take up to 30 times as long (caches, a slow moment); what is quadratic takes 64.

    The large size is tried again only if it was too slow.
    """
    little = seconds(lambda: work(small))
    most, much = 30 * little + 0.05, 0.0
    for _ in range(3):
        much = seconds(lambda: work(8 * small), runs=1)
        if much < most:
            return
    raise AssertionError(f"{small}: {little:.4f} s, {8 * small}: {much:.4f} s")
