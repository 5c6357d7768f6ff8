"""`docparse-loaders emulate`: a vendor's protocol on loopback until it is interrupted."""

from rich.console import Console

from docparse_loaders.emulator import Emulator


def run_emulator(vendor: str, port: int, key: str, seconds: float) -> None:
    """Serve until Ctrl-C, after printing what to set."""
    console = Console(highlight=False)
    with Emulator(vendor, port=port, keys=(key,), queue_seconds=seconds / 4, work_seconds=seconds * 3 / 4) as emulator:
        console.print("[dim]# set this where your program runs:[/]")
        for name, value in emulator.environment.items():
            console.print(f"export {name}={value}", soft_wrap=True)
        console.print("[dim]# serving on this machine only; Ctrl-C ends it[/]")
        try:
            emulator.wait()
        except KeyboardInterrupt:
            console.print("[dim]# ended[/]")
