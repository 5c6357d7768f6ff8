"""What is said to a person, on stderr, in one line each."""

from rich.console import Console
from rich.markup import escape

from docparse_loaders.errors import DocParseError


def say(error: DocParseError) -> None:
    """An error, and the token that goes on with its job."""
    _line(f"[bold red]{type(error).__name__}:[/] {escape(str(error))}")
    if error.token:
        _line(f"[dim]resume token:[/] {escape(error.token)}")


def say_failure(sentence: str) -> None:
    """Something that is not one of our errors."""
    _line(f"[bold red]error:[/] {escape(sentence)}")


def say_notice(source: str, message: str) -> None:
    """A warning about a document."""
    _line(f"[yellow]{escape(source)}:[/] {escape(message)}")


def say_done(sentence: str) -> None:
    """What was written."""
    _line(f"[dim]{escape(sentence)}[/]")


def _line(text: str) -> None:
    Console(stderr=True).print(text, soft_wrap=True, highlight=False)
