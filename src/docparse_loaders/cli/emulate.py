"""`docparse-loaders emulate`: a vendor's protocol on loopback until it is interrupted."""

from typing import Any

from rich.console import Console

from docparse_loaders.emulator import Emulator
from docparse_loaders.errors import ConfigError


def run_emulator(vendor: str, port: int, key: str, seconds: float) -> None:
    """Serve until Ctrl-C, after printing what to set."""
    console = Console(highlight=False)
    settings: dict[str, Any] = {"keys": (key,), "queue_seconds": seconds / 4, "work_seconds": seconds * 3 / 4}
    emulator = _started(Emulator(vendor, port=port, **settings), port)
    try:
        console.print("[dim]# set this where your program runs:[/]")
        for name, value in emulator.environment.items():
            console.print(f"export {name}={value}", soft_wrap=True)
        console.print("[dim]# serving on this machine only; Ctrl-C ends it[/]")
        emulator.wait()
    except KeyboardInterrupt:
        console.print("[dim]# ended[/]")
    finally:
        emulator.stop()


def _started(emulator: Emulator, port: int) -> Emulator:
    try:
        return emulator.start()
    except OSError as error:
        hint = "Take another, or --port 0 for a free one."
        raise ConfigError(f"port {port} cannot be used: {error.strerror}.", hint=hint) from None
