"""The commands and their options; what they do lies beside."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any, ParamSpec

import typer

import docparse_loaders
from docparse_loaders.cli.parse import Job, run_parse
from docparse_loaders.cli.say import say, say_failure
from docparse_loaders.errors import ConfigError, DocParseError

app = typer.Typer(
    help="Parsed documents for LlamaIndex and LangChain.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

P = ParamSpec("P")


class Format(StrEnum):
    """What is printed."""

    text = "text"
    json = "json"
    jsonl = "jsonl"
    markdown = "markdown"
    html = "html"


def _said(command: Callable[P, int]) -> Callable[P, None]:
    """Turn errors into one sentence on stderr and an exit status: 2 if the call was wrong, 1 if the work failed."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            status = command(*args, **kwargs)
        except DocParseError as error:
            say(error)
            status = 2 if isinstance(error, ConfigError) else 1
        except BrokenPipeError:
            raise
        except OSError as error:
            say_failure(f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "))
            status = 2
        raise typer.Exit(status)

    return run


Inputs = Annotated[list[str], typer.Argument(help="Files or folders.", metavar="INPUT...", show_default=False)]
Vendor = Annotated[str, typer.Option("--vendor", "-v", help="Who parses; see `docparse-loaders vendors`.")]
Pages = Annotated[str | None, typer.Option(help="Only these pages, 1-based: 2-4,7.", show_default=False)]
Output = Annotated[
    str | None, typer.Option("--output", "-o", help="A file, or a folder for several inputs.", show_default=False)
]
Tokens = Annotated[int, typer.Option(help="The most that a chunk may hold.", min=16)]
ModeOption = Annotated[str, typer.Option(help="chunks, elements, pages or document.")]
Options = Annotated[list[str] | None, typer.Option("--set", help="A vendor option: --set name=value.", show_default=False)]
At = Annotated[int, typer.Option(help="How many files at once.", min=1)]


StoreOption = Annotated[
    str | None,
    typer.Option("--store", envvar="DOCPARSE_STORE", help="A job store: no file is paid for twice.", show_default=False),
]
Stored = Annotated[str, typer.Option("--store", envvar="DOCPARSE_STORE", help="The job store.")]
Keys = Annotated[
    list[str] | None, typer.Argument(help="Jobs, by the beginning of their name.", metavar="JOB...", show_default=False)
]

jobs = typer.Typer(help="What a job store knows: list (also without a word), resume, forget, export.")
app.add_typer(jobs, name="jobs")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"docparse-loaders {docparse_loaders.__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Parsed documents for LlamaIndex and LangChain."""


@app.command()
@_said
def parse(
    inputs: Inputs,
    vendor: Vendor = "local",
    format: Annotated[Format, typer.Option("--format", "-f", help="What to print.")] = Format.text,  # noqa: A002  # the option's name
    output: Output = None,
    pages: Pages = None,
    max_tokens: Tokens = 512,
    mode: ModeOption = "chunks",
    options: Options = None,
    concurrency: At = 8,
    store: StoreOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be sent, to whom, and send nothing.")] = False,
) -> int:
    """Parse documents and print their chunks: page, heading path, kind, token count and text."""
    job = Job(
        inputs=inputs,
        vendor=vendor,
        options=_options(options or []),
        format=format.value,
        output=output,
        pages=pages,
        max_tokens=max_tokens,
        mode=mode,
        concurrency=concurrency,
        store=store,
    )
    if dry_run:
        from docparse_loaders.cli.plan import run_plan

        return run_plan(job)
    return run_parse(job)


def _options(pairs: list[str]) -> dict[str, Any]:
    """`name=value` pairs; a value that is JSON is read as such, so that true, 3 and {"a": 1} mean what they say."""
    import json

    options: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ConfigError(f"--set {pair!r} has no value.", hint="Write it as --set name=value.")
        try:
            options[name.strip()] = json.loads(value)
        except ValueError:
            options[name.strip()] = value
    return options


@app.command()
@_said
def view(
    input: Annotated[str, typer.Argument(help="A file.", metavar="INPUT", show_default=False)],  # noqa: A002  # the argument's name
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="page.png for a picture, report.html for the whole document.", show_default=False),
    ] = None,
    page: Annotated[int | None, typer.Option(help="The page to draw, 1-based.", min=1, show_default=False)] = None,
    table: Annotated[
        int | None, typer.Option(help="Highlight the Nth table, over all its pages.", min=1, show_default=False)
    ] = None,
    find: Annotated[str | None, typer.Option(help="Highlight where this text stands.", show_default=False)] = None,
    boxes: Annotated[bool, typer.Option("--boxes/--no-boxes", help="Draw what was found, or the page alone.")] = True,
    vendor: Vendor = "local",
    pages: Pages = None,
    options: Options = None,
    store: StoreOption = None,
    max_tokens: Tokens = 512,
) -> int:
    """Draw a page with what was found on it, or write the whole document as one HTML file with its chunks."""
    from docparse_loaders.cli.view import Looking, run_view

    looking = Looking(
        input=input,
        vendor=vendor,
        options=_options(options or []),
        output=output,
        page=page,
        table=table,
        find=find,
        boxes=boxes,
        pages=pages,
        store=store,
        max_tokens=max_tokens,
    )
    return run_view(looking)


@app.command()
@_said
def vendors() -> int:
    """List the vendors, what they take and how they are set up."""
    from docparse_loaders.cli.vendors import show_vendors

    show_vendors()
    return 0


@app.command()
@_said
def emulate(
    vendor: Annotated[
        str, typer.Option("--vendor", "-v", help="Whose protocol to speak; `all` is everybody, on ports one after the other.")
    ] = "somark",
    port: Annotated[int, typer.Option(help="0 takes any free one.", min=0, max=65535)] = 8765,
    key: Annotated[str, typer.Option(help="The key that it accepts.")] = "sk-emulator",
    seconds: Annotated[float, typer.Option(help="How long a job takes.", min=0.0)] = 2.0,
) -> int:
    """Serve a vendor's protocol on this machine, for tests and demos; documents are parsed by the local vendor."""
    from docparse_loaders.cli.emulate import run_emulator

    run_emulator(vendor, port, key, seconds)
    return 0


class Transport(StrEnum):
    """How clients reach a server."""

    stdio = "stdio"
    http = "http"


@app.command()
@_said
def mcp(
    roots: Annotated[
        list[str],
        typer.Option("--root", "-r", help="A folder or file that agents may read; may be given again.", metavar="DIR"),
    ],
    vendor: Vendor = "local",
    options: Options = None,
    max_pages: Annotated[int, typer.Option(help="The most pages that agents may have parsed.", min=1)] = 1000,
    max_tokens: Annotated[int, typer.Option(help="The most that an answer may hold.", min=300)] = 2000,
    store: StoreOption = None,
    transport: Annotated[Transport, typer.Option(help="How clients reach it.")] = Transport.stdio,
    host: Annotated[str, typer.Option(help="For http: the address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="For http; 0 takes any free one.", min=0, max=65535)] = 8000,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="For http: a name by which clients reach it; needed beyond this machine.", show_default=False),
    ] = None,
) -> int:
    """Serve documents to agents by MCP: they list, read and search what is below the roots, and nothing else."""
    from docparse_loaders.cli.mcp import Serving, run_mcp

    serving = Serving(
        roots=roots,
        vendor=vendor,
        options=_options(options or []),
        store=store,
        max_pages=max_pages,
        max_tokens=max_tokens,
        transport=transport.value,
        host=host,
        port=port,
        allowed_hosts=allow_host or [],
    )
    run_mcp(serving)
    return 0


@jobs.callback(invoke_without_command=True)
def _jobs(context: typer.Context, store: Stored = "jobs.db") -> None:
    if context.invoked_subcommand is None:
        list_(store)
    elif (source := context.get_parameter_source("store")) is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter(f"write it after the word: jobs {context.invoked_subcommand} --store {store}")


@jobs.command("list")
@_said
def list_(
    store: Stored = "jobs.db",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, tokens included.")] = False,
) -> int:
    """List every job: what became of it, and how large its result is."""
    from docparse_loaders.cli.jobs import list_jobs, opened

    return list_jobs(opened(store), as_json=as_json)


@jobs.command()
@_said
def resume(keys: Keys = None, store: Stored = "jobs.db", options: Options = None) -> int:
    """Go on with jobs that a vendor has: those named, or all that are open."""
    from docparse_loaders.cli.jobs import opened, resume_jobs

    return resume_jobs(opened(store), keys or [], _options(options or []))


@jobs.command()
@_said
def forget(
    keys: Keys = None,
    store: Stored = "jobs.db",
    done: Annotated[bool, typer.Option("--done", help="All that are finished.")] = False,
) -> int:
    """Drop jobs and their results from the store; the vendor is told nothing."""
    from docparse_loaders.cli.jobs import forget_jobs, opened

    return forget_jobs(opened(store), keys or [], done=done)


@jobs.command()
@_said
def export(
    key: Annotated[str, typer.Argument(help="A job, by the beginning of its name.", metavar="JOB")],
    store: Stored = "jobs.db",
    output: Annotated[str | None, typer.Option("--output", "-o", help="A file, or a folder if the result has several.")] = None,
) -> int:
    """Write a job's raw result, as its vendor sent it."""
    from docparse_loaders.cli.jobs import export_job, opened

    return export_job(opened(store), key, output)
