"""A model that follows a script: what it says depends only on what the tools told it, as with a real one."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "data"
QUESTION = "What was done about the noise complaint in the Eastmere network, and when? Cite page and box."
PLACE = re.compile(r"\[(?:\S+ )?p\. (\d+), box ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)\]")


class Call(NamedTuple):
    """What the model wants to have called."""

    tool: str
    arguments: dict[str, Any]


def next_step(answers: list[str]) -> Call | str:
    """The next call, or the answer at the end. It begins with a mistake that models make: a file name for an id."""
    if not answers:
        return Call("outline", {"document_id": "report.pdf"})
    if len(answers) == 1:
        assert "Call list_documents" in answers[0]
        return Call("list_documents", {"contains": "report"})
    name = next(line.split(" | ")[0] for line in answers[1].splitlines() if "| report.pdf |" in line)
    if len(answers) == 2:
        return Call("outline", {"document_id": name})
    table = re.search(r"table (\d+): .*Events", answers[2])
    assert table is not None
    if len(answers) == 3:
        return Call("find", {"query": "noise complaint", "document_id": name, "limit": 1})
    if len(answers) == 4:
        return Call("get_table", {"document_id": name, "table": table[1], "form": "rows"})
    row = next(row for row in _rows(answers[4]) if row["Symptom"] == "Noise complaint")
    label = next(line for line in answers[3].splitlines() if PLACE.match(line)).partition("]")[0]
    return f"At {row['Place']} on {row['Date']}: {row['Remedy']} {label}]"


def _rows(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


TOOLS_CALLED = ["outline", "list_documents", "outline", "find", "get_table"]


def right(answer: str) -> None:
    """Whether the answer is what the ground truth knows, and its citation leads to where that stands."""
    assert answer.startswith("At S19 on 22 Jun: Pump pressure lowered by 12 kPa [report-")
    found = PLACE.search(answer)
    assert found is not None
    page, box = int(found[1]), [float(side) for side in found.groups()[1:]]
    truth = json.loads((EXAMPLES / "report.truth.json").read_text(encoding="utf-8"))
    (place,) = [block for block in truth["blocks"] if block["page"] == page and "lowered by 12 kPa" in block["text"]]
    assert all(abs(side - true) < 0.02 for side, true in zip(box, place["bbox"], strict=True))
