"""The loaders' part of the page of results."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from peers.tables import facts, table, times

Run = Mapping[str, Any]

CLIENTS = """
Ours through both faces, `langchain-mineru`, `llama-index-readers-mineru` and `langchain-paddleocr`, and the clients that the
vendors publish. The two loaders for MinerU have no setting for the address of the service: their client was replaced by the
same client with another address. There is no published client of Parse4AI.
"""

PACE = """
"Default" is how a program of one line does it, "best" the fastest way that its documentation names. Ratios are to our own
`DocParseLoader` with default settings at the same vendor. Requests, submits and polls are for each file, with
the larger number of files; uploads and downloads count as requests. CPU seconds are those of the client's process.
"""

FAULTS = """
One thing goes wrong, once. Each client has an HTTP timeout of 2 s where it can be given one, all else is its default. "Job
lost": the vendor has the job, and neither the caller nor the error knows its id. "Id in its message": only a person who reads
the error can find it. "Token": `resume(token)` goes on, in any process. "n of 7": documents of the seven good files that the
call returned. A loader of ours puts several files of one load into one batch at PaddleOCR, where a lost submit cannot be told
from the others; a file alone is looked up and comes through (see [reliability](reliability.md)).
"""

METADATA = """
Looked up in the Documents themselves: a sentence of the file, whose page, box and headings are known, and a row of a table.
"Raw answer only": it is somewhere in the vendor's whole answer, which is in the metadata of one Document for the whole file.
"""
HEADS = {"page": "page", "box": "box", "headings": "headings above", "table": "table as", "ids": "same ids twice"}


def loaders(run: Run) -> str:
    """The part."""
    parts = [facts(run), CLIENTS.strip()]
    if "pace" in run:
        parts += ["### Time and requests", _about_pace(run["pace"]), PACE.strip(), pace(run["pace"])]
    if "faults" in run:
        parts += ["### Faults", FAULTS.strip(), _about_faults(run["faults"]), *faults(run["faults"])]
    if "metadata" in run:
        parts += [
            "### What is left in the Documents",
            METADATA.strip(),
            _about_metadata(run["metadata"]),
            metadata(run["metadata"]),
        ]
    return "\n\n".join(parts)


def _load(part: Run) -> str:
    return f"Load of the machine: between {part['load'][0]} and {part['load'][1]}."


def _about_pace(part: Run) -> str:
    few, many = part["counts"]
    return (
        f"{few} and {many} files, each a job that is ready {part['seconds']:g} s after its submit; wall time, the least of "
        f"{part['runs']} runs, after a first file that brings all imports. Clients that take one file after the other are "
        f"measured once and side by side, because they wait. {_load(part)}"
    )


def pace(part: Run) -> str:
    """Wall time, ratios and requests."""
    few, many = map(str, part["counts"])
    base = {row["vendor"]: row["files"] for row in reversed(part["rows"]) if "ours" in row["name"] and row["way"] == "default"}
    base |= {row["vendor"]: row["files"] for row in reversed(part["rows"]) if _is_base(row)}
    head = [
        "client",
        "vendor",
        "setting",
        f"{few} files, s",
        "of ours",
        f"{many} files, s",
        "of ours",
        "requests",
        "submits",
        "polls",
    ]
    vendors = list(dict.fromkeys(row["vendor"] for row in part["rows"]))
    order = sorted(part["rows"], key=lambda row: vendors.index(row["vendor"]))
    rows = [_pace_row(row, base.get(row["vendor"], {}), few, many) for row in order]
    return table([*head, "CPU s"], rows, left=3)


def _is_base(row: Run) -> bool:
    return bool(row["name"].startswith("DocParseLoader") and row["way"] == "default")


def _pace_row(row: Run, base: Run, few: str, many: str) -> Sequence[str]:
    cells = [row["name"], row["vendor"], f"{row['way']}: {row['setting']}"]
    for count in (few, many):
        found, ours = row["files"].get(count, {}), base.get(count, {})
        told = "wall" in found and "wall" in ours
        cells += [f"{found['wall']:.1f}", times(found["wall"], ours["wall"])] if told else [found.get("error", "–"), "–"]
    last = row["files"].get(many, {})
    requests = last.get("requests", {})
    counted = [sum(requests.values()), requests.get("submit", 0), requests.get("poll", 0)] if requests else []
    return [*cells, *(f"{number:.2f}" for number in counted), f"{last['cpu']:.1f}" if "cpu" in last else "–"]


def _about_faults(part: Run) -> str:
    settings: dict[str, list[str]] = {}
    for name, setting in part["careful"].items():
        settings.setdefault(setting, []).append(name)
    told = "; ".join(f"{' and '.join(names)} with `{setting}`" for setting, names in settings.items())
    return f'"Carefully": {told}. A client is given up after {part["patience"]} s.'


def faults(part: Run) -> Iterable[str]:
    """A table for each vendor."""
    vendors = dict.fromkeys(key.partition(": ")[0] for row in part["rows"] for key in row["cells"])
    for vendor in vendors:
        names = [key for key in part["rows"][0]["cells"] if key.startswith(f"{vendor}: ")]
        rows = [[row["fault"], *(row["cells"][name] for name in names)] for row in part["rows"]]
        yield table([vendor, *(name.partition(": ")[2] for name in names)], rows, left=len(names) + 1)


def _about_metadata(part: Run) -> str:
    wanted = part["wanted"]
    return (
        f"The file is `examples/data/{part['file']}`; the sentence stands on page {wanted['page']} below "
        f"{len(wanted['headings'])} headings. Jobs are those of one load: a job a page costs as many requests, and the vendor "
        "sees no page beside its neighbours. Weight is bytes of metadata for 1,000 characters of text."
    )


def metadata(part: Run) -> str:
    """What each loader's Documents have."""
    head = ["loader", "vendor", "Documents", "jobs", *HEADS.values(), "weight"]
    return table(head, [_metadata_row(row) for row in part["rows"]], left=2)


def _metadata_row(row: Run) -> Sequence[str]:
    if "error" in row:
        return [row["name"], row["vendor"], row["error"], *[""] * (len(HEADS) + 2)]
    told = [row[key] for key in HEADS]
    return [row["name"], row["vendor"], str(row["documents"]), f"{row['jobs']:g}", *told, f"{row['weight']:,.0f}"]
