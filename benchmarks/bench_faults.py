"""One fault, one document: what becomes of it with this library, and with the clients that the vendors publish.

    uv run --group conformance python benchmarks/bench_faults.py [--write docs/reliability.md] [--ours]

Every vendor is its emulator on loopback, behind a gateway that spoils one request (`tests/gateway.py`). `--ours` leaves the
vendors' clients out; those that are not installed are left out with a note. Each client has an HTTP timeout of two seconds
where it can be given one, all else is its default but for the pause between polls. `--write` puts the tables into a page,
between its markers.
"""

import argparse
import gzip
import logging
import multiprocessing
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from docparse_loaders.errors import DocParseError  # noqa: E402  (as above)
from docparse_loaders.policy import Limits, Timeouts  # noqa: E402  (as above)
from faults.scene import CONFIGS, INLINE, QUICK, Scene, document, is_whole, scene  # noqa: E402  (the path comes first)
from gateway import HTML, Phase, Twist, Twister, answer, once, resized, unsized  # noqa: E402  (as above)

PATIENCE = 2.0
"""Seconds for one request."""
LONGEST = 40.0
"""Seconds after which a published client is given up."""
ELSEWHERE = "http://127.0.0.2:9"
POLICY = replace(QUICK, timeouts=Timeouts(connect=1.0, request=PATIENCE, job=20.0), limits=Limits())
STATUS = re.compile(rb'("(?:status|state|task_status)": ?")(\w+)"')
MARK = "<!-- bench_faults: {} -->"


@dataclass(frozen=True)
class Fault:
    """A row: its name, and what it does at a vendor, if such a thing can happen there."""

    name: str
    twist: Callable[[str], Twister | None]


def at(phase: Phase, twist: Twist, times: int = 1) -> Callable[[str], Twister | None]:
    """The same twist for the first requests of a phase at every vendor that has it."""
    return lambda vendor: None if phase == "result" and vendor in INLINE else once(phase, twist, times)


def of_result(twist: Twist, times: int = 1) -> Callable[[str], Twister | None]:
    """The same for the request that brings the result, which is a poll where results come inline."""
    return lambda vendor: once("poll" if vendor in INLINE else "result", twist, times)


def _shouting(raw: bytes) -> bytes:
    return resized(raw, lambda body: STATUS.sub(lambda found: found[1] + found[2].upper() + b'"', body))


def _elsewhere(raw: bytes) -> bytes:
    return resized(raw, lambda body: re.sub(rb"http://127\.0\.0\.1:\d+(/bucket/)", ELSEWHERE.encode() + rb"\1", body))


def _halved(raw: bytes) -> bytes:
    return unsized(raw, lambda body: body[: len(body) // 2])


def _linked(vendor: str) -> Twister | None:
    return None if vendor in INLINE else once("poll", Twist(change=_elsewhere), times=1000)


@cache
def _bomb() -> bytes:
    return answer("200 OK", gzip.compress(bytes(100 << 20)), "content-encoding: gzip\r\n")


def faults() -> list[Fault]:
    """Every row of the table."""
    late = answer("429 Too Many Requests", headers="retry-after: 1\r\n")
    away = answer("302 Found", headers=f"location: {ELSEWHERE}/result\r\n")
    return [
        Fault("submit accepted, answer lost", at("submit", Twist(received=0))),
        Fault("submit accepted, no answer in time", at("submit", Twist(held=2 * PATIENCE))),
        Fault("submit: 429 with Retry-After: 1", at("submit", Twist(instead=late))),
        Fault("poll: 503, once", at("poll", Twist(instead=answer("503 Service Unavailable")))),
        Fault("poll: 429, once", at("poll", Twist(instead=late))),
        Fault("poll: no answer in time, once", at("poll", Twist(held=2 * PATIENCE))),
        Fault("poll: HTML instead of JSON, once", at("poll", Twist(instead=answer("200 OK", HTML)))),
        Fault("status in capitals", at("poll", Twist(change=_shouting), times=1000)),
        Fault("result: 503, once", at("result", Twist(instead=answer("503 Service Unavailable")))),
        Fault("result on another private host", _linked),
        Fault("result redirects to another private host", at("result", Twist(instead=away), times=1000)),
        Fault("result cut in half, no length", of_result(Twist(change=_halved))),
        Fault("result is a gzip bomb of 100 MB", of_result(Twist(instead=_bomb()))),
        Fault("result: a byte every 0.1 s", of_result(Twist(drip=0.1))),
    ]


@dataclass(frozen=True)
class Found:
    """What became of the document, how often it was taken, and whether a signature stood in the log."""

    text: str
    bills: int
    leaked: bool = False

    @property
    def cell(self) -> str:
        """As it stands in the table."""
        paid = f", **{self.bills} submits**" if self.bills > 1 else ""
        return self.text + paid + (", signature in the log" if self.leaked else "")


class Listening(logging.Handler):
    """Notices a signature in any line from INFO up."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.leaked = False

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one line."""
        self.leaked |= "X-Signature=" in record.getMessage()


@contextmanager
def listening() -> Iterator[Listening]:
    """Hear everything that is logged in this block."""
    ear, root = Listening(), logging.getLogger()
    root.addHandler(ear)
    level = root.level
    root.setLevel(logging.INFO)
    try:
        yield ear
    finally:
        root.setLevel(level)
        root.removeHandler(ear)


def ours(vendor: str, fault: Fault) -> Found | None:
    """The library itself; None if there is no such fault at that vendor."""
    twister = fault.twist(vendor)
    if twister is None:
        return None
    with listening() as ear, scene(vendor, twister) as on:
        found = on.outcome("one", POLICY)
        return Found(_named(found), on.bills["one"], ear.leaked)


def _named(found: Any) -> str:
    if not isinstance(found, DocParseError):
        return "ok" if is_whole(found, "one") else "a part, taken for the whole"
    return f"`{type(found).__name__}` with token" if found.token else f"`{type(found).__name__}`, job lost"


def is_kept(found: Found | None) -> bool:
    """Whether a cell keeps the promise: the whole document or an error with a token, billed once at most, nothing leaked."""
    if found is None:
        return True
    return (found.text == "ok" or found.text.endswith(" with token")) and found.bills <= 1 and not found.leaked


# The vendors' own clients. Each gets a scene and a file, and returns the text of the document; what was left in the caller's
# hand when it failed is in `held`.


def _somark(on: Scene, path: str, held: list[str]) -> str:
    sdk = import_module("somark")
    with sdk.SoMark(api_key=on.emulator.keys[0], base_url=on.gateway.base_url, timeout=PATIENCE) as client:
        task = client.parser.create(path, formats=["md", "json"])
        held.append(task.task_id if hasattr(task, "task_id") else str(task))
        return str(task.wait(poll_interval=0.05).md)


def _mineru(on: Scene, path: str, held: list[str]) -> str:
    vars(import_module("mineru._api"))["REQUEST_TIMEOUT"] = PATIENCE
    with import_module("mineru").MinerU(token=on.emulator.keys[0], base_url=on.gateway.base_url) as client:
        return str(client.extract(path, timeout=30).markdown)


def _paddleocr(on: Scene, path: str, held: list[str]) -> str:
    spec = find_spec("paddleocr")
    assert spec is not None
    top = ModuleType("paddleocr")
    top.__spec__, top.__path__ = spec, list(spec.submodule_search_locations or ())
    sys.modules["paddleocr"] = top  # its own top imports all of PaddleX
    module = import_module("paddleocr._api_client.client")
    with module.PaddleOCRClient(
        token=on.emulator.keys[0], base_url=on.gateway.base_url, request_timeout=PATIENCE, poll_timeout=30.0
    ) as client:
        return "\n".join(page.markdown_text for page in client.parse_document(file_path=path).pages)


def _scnet(on: Scene, path: str, held: list[str]) -> str:
    config, tools = import_module("scnet_document_parser.config"), import_module("scnet_document_parser.tools")
    key, waits = on.emulator.keys[0], {"poll_interval_ms": 50, "result_download_timeout_ms": int(PATIENCE * 1000)}
    client = tools.DocumentParserTools(config.Settings(api_key=key, base_url=on.gateway.origin, **waits))
    try:
        task = client.submit_parse(client.upload_file(path)["file_url"])
        if task["task_id"]:
            held.append(task["task_id"])
        found = client.get_parse_result(task["task_id"], format="markdown", max_wait_seconds=20)
    finally:
        client.close()
    if found["status"] != "completed":
        raise RuntimeError(str(found["error"]))
    return str(found["result"]["markdown"])


THEIRS: dict[str, tuple[str, Callable[[Scene, str, list[str]], str]]] = {
    "somark": ("somark", _somark),
    "mineru": ("mineru", _mineru),
    "paddleocr": ("paddleocr", _paddleocr),
    "scnet": ("scnet_document_parser", _scnet),
}


def theirs(vendor: str, fault: Fault) -> Found | None:
    """The vendor's client, in a process of its own that is given up after `LONGEST`."""
    if fault.twist(vendor) is None:
        return None
    ours_end, its_end = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_alone, args=(vendor, fault, its_end))
    child.start()
    found = Found(*ours_end.recv()) if ours_end.poll(LONGEST) else Found(f"still waiting after {LONGEST:g} s", 1)
    child.kill()
    child.join()
    return found


def _alone(vendor: str, fault: Fault, pipe: Any) -> None:
    held: list[str] = []
    with tempfile.TemporaryDirectory() as folder, listening() as ear, scene(vendor, fault.twist(vendor)) as on:
        path = Path(folder) / "one.pdf"
        path.write_bytes(document("one"))
        try:
            text = THEIRS[vendor][1](on, str(path), held)
            said = "ok" if all(f"Sheet {n} of one" in text for n in (1, 2, 3)) else "a part, taken for the whole"
        except Exception as error:  # noqa: BLE001  (whatever a stranger raises is the finding)
            said = f"`{type(error).__name__}`, " + (
                "id in the caller's hand" if held else "**job lost**" if on.bills else "no job"
            )
        pipe.send((said, on.bills["one"], ear.leaked))


def table(vendors: list[str], run: Callable[[str, Fault], Found | None]) -> str:
    """A Markdown table with a row for each fault."""
    lines = [f"| one fault | {' | '.join(vendors)} |", "|---" * (len(vendors) + 1) + "|"]
    for fault in faults():
        cells = [found.cell if (found := run(vendor, fault)) else "–" for vendor in vendors]
        lines.append(f"| {fault.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def written(page: str, name: str, text: str) -> str:
    """The page with another text between the markers of that name."""
    begin, end = MARK.format(name), MARK.format(f"end of {name}")
    head, _, rest = page.partition(begin)
    _, _, tail = rest.partition(end)
    return f"{head}{begin}\n{text}\n{end}{tail}"


def main() -> None:
    """Print the tables, and put them into a page if asked to."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--write", type=Path)
    asked.add_argument("--ours", action="store_true", help="leave the vendors' clients out")
    options = asked.parse_args()
    tables = {"ours": table(list(CONFIGS), ours)}
    print(tables["ours"])
    installed = [vendor for vendor, (module, _) in THEIRS.items() if find_spec(module)]
    if missing := sorted(set(THEIRS) - set(installed)):
        print(f"\nnot installed, left out: {', '.join(missing)} (uv run --group conformance …)")
    if not options.ours and installed:
        tables["theirs"] = table(installed, theirs)
        print("\n" + tables["theirs"])
    if options.write:
        page = options.write.read_text(encoding="utf-8")
        for name, text in tables.items():
            page = written(page, name, text)
        options.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
