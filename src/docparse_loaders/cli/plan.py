"""`docparse-loaders parse --dry-run`: what would be sent, to whom, and what would be refused; nothing is."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.text import Text

from docparse_loaders.cli.parse import Job
from docparse_loaders.cli.say import say
from docparse_loaders.cli.table import name_of, printable, show, size, table_of
from docparse_loaders.errors import DocParseError, MissingKey
from docparse_loaders.following.board import counted
from docparse_loaders.parser import DocParser
from docparse_loaders.plan import Fate, Planned
from docparse_loaders.vendors import vendor_of
from docparse_loaders.vendors.protocol import Traits


def run_plan(job: Job) -> int:
    """Print the plan; returns the exit status: 1 if any input would be refused."""
    parser = DocParser({"vendor": job.vendor, **job.options}, store=job.store)
    plan = parser.plan(job.inputs, pages=job.pages)
    if job.format == "jsonl":
        sys.stdout.writelines(json.dumps(_row(one), ensure_ascii=False) + "\n" for one in plan)
    elif job.format == "json":
        sys.stdout.write(json.dumps([_row(one) for one in plan], ensure_ascii=False, indent=1) + "\n")
    else:
        _show(plan, vendor_of(parser.config).traits)
    if lacking := next((one.error for one in plan if isinstance(one.error, MissingKey)), None):
        say(lacking)
    return 1 if any(one.error for one in plan) else 0


def _show(plan: Sequence[Planned], traits: Traits) -> None:
    table = table_of("file", "pages>", "size>", "")
    for one in plan:
        table.add_row(name_of(one.source), _pages(one), size(one.size), _fate(one))
    show(table)
    show("\n".join(["", *_totals(plan, traits)]))
    if refused := [one for one in plan if one.fate == "refused"]:
        show("\n".join(["", *(f"{name_of(one.source)}: {_said(one.error)}" for one in refused)]))


def _pages(one: Planned) -> str:
    if one.pages is None:
        return "?" if one.size else ""
    return f"{one.pages:,}" if one.pages == one.pages_in_file else f"{one.pages:,} of {one.pages_in_file:,}"


def _fate(one: Planned) -> Text:
    match one.fate:
        case "refused":
            return Text(type(one.error).__name__, "red")
        case "goes on":
            return Text(f"job {one.job.key[:8]} goes on" if one.job else "goes on", "cyan")
        case "same":
            return Text(f"same as {name_of(one.same_as)}", "dim")
        case "kept":
            return Text("kept in the store", "green")
        case _:
            return Text(one.fate + (f", same as {name_of(one.same_as)}" if one.same_as else ""))


def _said(error: DocParseError | None) -> str:
    """Its sentence without the source, whose name begins the line."""
    return "" if error is None else printable(f"{error.message} {error.hint}".strip())


def _totals(plan: Sequence[Planned], traits: Traits) -> list[str]:
    if not plan:
        return []
    kinds = Counter(one.fate for one in plan)
    sent = [one for one in plan if one.fate in {"sent", "no key"}]
    pages = sum(one.pages or 0 for one in sent)
    unknown = sum(one.pages is None for one in sent)
    count = counted(pages, "page") + (f" and {counted(unknown, 'file')} of unknown length" if unknown else "")
    where = plan[0].endpoint
    verb = "parsed by" if traits.in_process else "sent to"
    total = size(sum(one.size for one in sent)) or "0 kB"
    lines = [f"{counted(len(sent), 'file')} would be {verb} {plan[0].vendor} at {where}: {count}, {total}"]
    lines += [f"{counted(kinds[kind], 'file')} {words}" for kind, words in _OTHERS.items() if kinds[kind]]
    if limits := _limits(traits):
        lines.append(f"{plan[0].vendor} takes {limits} a file")
    return lines


_OTHERS: dict[Fate, str] = {
    "kept": "kept in the store, at no cost",
    "goes on": "whose job goes on, at no further cost",
    "same": "with the content of another one, sent once",
    "refused": "would be refused",
}


def _limits(traits: Traits) -> str:
    most = [size(traits.max_bytes)] if traits.max_bytes else []
    most += [counted(traits.max_pages, "page")] if traits.max_pages else []
    return " and ".join(most)


def _row(one: Planned) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in Planned.__dataclass_fields__}
    row["job"] = {"key": one.job.key, "status": one.job.status} if one.job else None
    row["error"] = (
        {"type": type(one.error).__name__, "message": one.error.message, "hint": one.error.hint} if one.error else None
    )
    return row
