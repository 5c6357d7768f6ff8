"""`docparse-loaders emulate`: vendors' protocols on loopback until they are interrupted."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from rich.console import Console

from docparse_loaders.emulator import Emulator
from docparse_loaders.emulator.server import WIRES
from docparse_loaders.errors import ConfigError

ALL = "all"


def run_emulator(vendor: str, port: int, key: str, seconds: float) -> None:
    """Serve one vendor, or `all` on ports one after the other, until Ctrl-C, after printing what to set."""
    console = Console(highlight=False)
    settings: dict[str, Any] = {"keys": (key,), "queue_seconds": seconds / 4, "work_seconds": seconds * 3 / 4}
    with ExitStack() as stack:
        running = [_started(stack, Emulator(name, port=at, **settings), at) for name, at in _places(vendor, port)]
        console.print("[dim]# set this where your program runs:[/]")
        for emulator in running:
            for name, value in emulator.environment.items():
                console.print(f"export {name}={value}", soft_wrap=True)
        console.print("[dim]# serving on this machine only; Ctrl-C ends it[/]")
        try:
            running[0].wait()
        except KeyboardInterrupt:
            console.print("[dim]# ended[/]")


def _places(vendor: str, port: int) -> Iterator[tuple[str, int]]:
    for place, name in enumerate(WIRES if vendor == ALL else (vendor,)):
        yield name, port + place if port else 0


def _started(stack: ExitStack, emulator: Emulator, port: int) -> Emulator:
    try:
        return stack.enter_context(emulator)
    except OSError as error:
        hint = "Take another, or --port 0 for a free one."
        raise ConfigError(f"port {port} cannot be used: {error.strerror}.", hint=hint) from None
