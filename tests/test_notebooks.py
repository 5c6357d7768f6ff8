"""The notebooks: kept without outputs, executed whole and offline, and what they say of the documents is true."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from docparse_loaders import DocParser
from notebook_runs import Run

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WITH_A_BAR = {("reingest_folder", "resume")}
"""Cells that may write to stderr: progress bars do."""
by_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)

Check = Callable[[Run], None]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """What must hold of the outputs of the notebook of that name."""
    CHECKS[function.__name__] = function
    return function


@by_notebook
def test_it_runs_offline_and_what_it_says_is_true(notebook: Path, tmp_path: Path) -> None:
    # People start Jupyter in either folder.
    cwd = ROOT if NOTEBOOKS.index(notebook) % 2 else notebook.parent
    run = Run.of(notebook, cwd, tmp_path)
    assert {(notebook.stem, cell) for cell in run.loud()} <= WITH_A_BAR
    CHECKS[notebook.stem](run)


@check
def quickstart(run: Run) -> None:
    assert run.shown("parse") == "ParsedDocument('report.pdf', vendor='local', pages=8, blocks=82)"
    assert "3.2.1 Warm returns" in run.shown("parse", "text/html")
    for cell, pages in {"page": [3], "find": [1], "sources": [1, 2, 3], "vendor": [4, 5, 6]}.items():
        _is_picture_of(run, cell, "report.pdf", pages)
    assert "page 2  103 tokens  2.1 Energy centre > 2.1.2 Electric boiler" in run.lines("chunks")
    assert "page_number  1" in run.lines("frameworks")
    named = [line.partition(":")[0] for line in run.lines("errors")]
    assert named == ["SourceNotFound", "PagesOutOfRange", "UnknownVendor"]


@check
def cited_answer_llama_index(run: Run) -> None:
    quote, number = _quoted(run.printed("ask"))
    block = _block("report", quote)
    first = run.lines("sources")[0]
    assert first == f"[{number}] report.pdf, page {block['page']}: {_title('report')} > Summary"
    _is_picture_of(run, "sources", "report.pdf", [1, 2, 3])
    _is_picture_of(run, "quote", "report.pdf", [block["page"]])


@check
def langchain_index(run: Run) -> None:
    counts = {cell: _numbers(run.printed(cell)) for cell in ("first", "second", "changed", "deleted")}
    added = counts["first"][1]
    assert counts["first"] == [2, added, 0, 0]
    assert counts["second"] == [0, 0, added, 0]
    parsed, new, kept, old = counts["changed"]
    assert (parsed, kept + old) == (1, added)
    assert 0 < new < old
    assert counts["deleted"] == [0, 0, kept, new]
    assert run.printed("broken").startswith("UnsupportedSource: inbox/broken.pdf: ")
    quote, number = _quoted(run.printed("ask"))
    block = _block("report", quote)
    assert run.lines("sources")[0] == f"[{number}] report.pdf, page {block['page']}: {_title('report')} > Summary"
    _is_picture_of(run, "sources", "report.pdf", [1, 6])


@check
def compare_vendors(run: Run) -> None:
    head, *rows = run.table("counts").rows
    found = {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}
    assert list(head[1:]) == ["local", "SoMark", "PaddleOCR-VL", "PP-OCRv5", "MinerU", "SCNet"]
    truth = _truth("paper")
    assert set(found["pages"].values()) == {str(truth["page_count"])}
    tables = [block for block in truth["blocks"] if block["kind"] == "table"]
    without = {"PP-OCRv5": "–"}
    assert found["table"] == {name: without.get(name, str(len(tables))) for name in head[1:]}
    assert found["rows in tables"]["SCNet"] == str(sum(len(table["cells"]) for table in tables))
    assert found["headings"]["MinerU"] == str(len(truth["outline"]))
    assert ("3", "table", "table", "table", "text", "table", "table") in run.table("disagree").rows
    assert run.shown("beside", "text/html").count("<img ") == 3


@check
def tables_over_pages(run: Run) -> None:
    truth = max(
        (block for block in _truth("report")["joined"] if block["kind"] == "table"), key=lambda block: len(block["cells"])
    )
    header, *rows = truth["cells"]
    assert f"pages [4, 5, 6]: {len(rows) + 1} rows × {len(header)} columns, header of 1" in run.lines("tables")
    count, first, last = run.lines("records")
    assert count == f"{len(rows)} records, the first and the last:"
    assert first == str(dict(zip(header, rows[0], strict=True)))
    assert last == str(dict(zip(header, rows[-1], strict=True)))
    assert run.printed("check") == "84 substations, 143,024 m², 8,107 MWh\n"
    assert run.table("merged").rows[0][:3] == ("Unit", "Duty", "Heat output, kW")
    assert sum(int(_found(r"(\d+) rows", line)) for line in run.lines("chunks")) == len(rows)
    assert "'Heat output, kW / Rated': '1,450'" in run.shown("merged-records")
    assert run.lines("row")[-1] == f"| {' | '.join(rows[37])} |"
    _is_picture_of(run, "show", "report.pdf", [4, 5, 6])
    _is_picture_of(run, "part", "report.pdf", [4, 5])


@check
def agent(run: Run) -> None:
    lines = run.lines("ask")
    assert [line.split()[1] for line in lines if line.startswith("→")] == ["list_documents", "outline", "find"]
    assert lines[-1].startswith("Pump pressure lowered by 12 kPa, at S19 on 22 Jun. [report-")
    page, *box = _found(r"p\. (\d+), box ([\d. ]+)\]", lines[-1])
    table = next(block for block in _truth("report")["blocks"] if "Noise complaint" in block["text"])
    assert int(page) == table["page"]
    assert [float(edge) for edge in box[0].split()] == pytest.approx(table["bbox"], abs=0.005)
    _is_picture_of(run, "show", "report.pdf", [table["page"]])
    left, long, stranger = run.lines("budget")
    assert left == "2 pages left"
    assert " has 5 pages, and 2 of the budget of 10 pages are left." in long
    assert stranger == "- there is no document '/etc/passwd'. Call list_documents for the ids."


@check
def reingest_folder(run: Run) -> None:
    taken = [_found(r"has taken (\d) jobs", run.printed(cell)) for cell in ("plan", "crash", "resume", "second", "loader")]
    assert taken == ["0", "3", "3", "3", "4"]
    assert "16 pages to somark" in run.lines("plan")
    # On a slow machine a file may be done before the last one is taken, and that one is open always.
    fates = [line.split("  ")[0] for line in run.lines("resume")[:3]]
    assert "goes on" in fates
    assert set(fates) <= {"goes on", "kept"}
    assert {line.split(maxsplit=1)[1] for line in run.lines("second")[:3]} == {"0 requests"}
    assert "2 pages to somark" in run.lines("changed")
    assert [_found(r"files sent: (\d)", line) for line in run.lines("loader")[:2]] == ["1", "0"]
    assert len(run.lines("ledger")) == 4


def test_there_is_a_check_for_each() -> None:
    assert {notebook.stem for notebook in NOTEBOOKS} == set(CHECKS)
    index = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\w+)\.ipynb\)", index)) == set(CHECKS)


@by_notebook
def test_it_is_kept_without_outputs(notebook: Path) -> None:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = content["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    assert set(content["metadata"]) <= {"kernelspec", "language_info"}
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(cell["metadata"] == {} for cell in cells)
    assert len({cell["id"] for cell in cells}) == len(cells)


@by_notebook
def test_it_begins_with_what_to_install(notebook: Path) -> None:
    first, second, *_ = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert first["cell_type"] == "markdown"
    assert 'pip install "docparse-loaders[' in "".join(first["source"])
    assert second["id"] == "settings"


@by_notebook
def test_its_links_lead_somewhere(notebook: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    assert [link for link in links if not (notebook.parent / link).is_file()] == []


@pytest.mark.parametrize("name", ["quickstart", "cited_answer_llama_index", "langchain_index", "tables_over_pages", "agent"])
def test_one_cell_switches_to_a_key(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: "sk-mine")
    monkeypatch.chdir(ROOT)
    settings = _settings(name).replace('VENDOR = "local"', 'VENDOR = "somark"')
    found: dict[str, Any] = {}
    exec(settings.replace("ENDPOINT = None", 'ENDPOINT = "https://parse.example.org/api/v1"'), found)  # noqa: S102  (ours)
    assert found["vendor"]["api_key"] == "sk-mine"
    [planned] = DocParser(found["vendor"]).plan(ROOT / "examples" / "data" / "paper.pdf")
    assert (planned.endpoint, planned.error) == ("https://parse.example.org", None)
    if "scratch" in found:
        found["scratch"].cleanup()


def test_the_folder_is_sent_to_a_real_account_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: "sk-mine")
    monkeypatch.chdir(ROOT)
    for name in ("SOMARK_API_KEY", "SOMARK_BASE_URL"):
        monkeypatch.setenv(name, "")
    found: dict[str, Any] = {}
    exec(_settings("reingest_folder").replace("MY_KEY = False", "MY_KEY = True"), found)  # noqa: S102  (ours)
    assert found["emulator"] is None
    planned = DocParser("somark").plan(found["inbox"])
    assert [(plan.endpoint, plan.error) for plan in planned] == [("https://somark.cn", None)] * 3
    found["scratch"].cleanup()


def _settings(name: str) -> str:
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return next("".join(cell["source"]) for cell in cells if cell["id"] == "settings")


def _is_picture_of(run: Run, cell: str, name: str, pages: list[int]) -> None:
    """It says which pages it shows, and is a picture with something on it."""
    assert re.findall(r"([\w.-]+), page (\d+) of", run.shown(cell)) == [(name, str(page)) for page in pages]
    picture = run.picture(cell)
    assert min(picture.size) >= 250
    assert len(_colours(picture)) > 30


def _colours(picture: Image.Image) -> list[tuple[int, Any]]:
    return picture.resize((400, 400)).getcolors(160_000) or []


def _quoted(said: str) -> tuple[str, int]:
    """The quotation of an answer and the number that it cites."""
    quote, number = _found(r"^“(.+)” \[(\d+)\]$", said)
    return quote, int(number)


def _found(pattern: str, text: str) -> Any:
    """The group of a pattern, or its groups."""
    match = re.search(pattern, text, re.MULTILINE)
    assert match, f"{pattern!r} is not in {text!r}"
    return match[1] if len(match.groups()) == 1 else match.groups()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def _truth(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((ROOT / "examples" / "data" / f"{name}.truth.json").read_text(encoding="utf-8"))
    return truth


def _title(name: str) -> str:
    title: str = _truth(name)["outline"][0]["text"]
    return title


def _block(name: str, quote: str) -> dict[str, Any]:
    """The block of the ground truth in which a quotation stands."""
    [block] = [block for block in _truth(name)["blocks"] if quote in block["text"]]
    return dict(block)
