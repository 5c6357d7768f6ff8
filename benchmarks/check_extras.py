"""Install the wheel and the sdist into fresh environments, with no extra and with each alone, and try what should work there.

    uv run python benchmarks/check_extras.py

For each environment it prints its distributions, its size and the seconds of the install, and for each probe `ok`, `says how`
(the extra is missing and the error names the install command), or `WRONG` with what was said. The status is 1 if any is wrong.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "examples" / "data" / "report.pdf"
EXTRAS = ("", "langchain", "llama-index", "local", "ocr", "cli", "emulator", "s3", "all")
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
"""A picture of one pixel, as PNG in base64."""


@dataclass(frozen=True)
class Probe:
    """Something to try; `needs` are the extras of which one brings all of it ("" for none), the first is the one to name."""

    name: str
    code: str
    says: str
    needs: tuple[str, ...]


PROBES = (
    Probe(
        "core",
        "import docparse_loaders as dl; from docparse_loaders.engine.transport import Transport\n"
        'result = {"pages": [{"page_num": 0, "page_size": {"w": 1, "h": 1}, "blocks": []}]}\n'
        'print(dl.from_result(result, vendor="somark"))',
        "pages=1",
        EXTRAS,
    ),
    Probe(
        "local",
        f"import docparse_loaders as dl; print(dl.parse({str(REPORT)!r}))",
        "pages=8",
        ("local", "ocr", "emulator", "all"),
    ),
    Probe(
        "ocr",
        f"import base64, docparse_loaders as dl; print(dl.parse(base64.b64decode({DOT!r}), name='dot.png', vendor='local'))",
        "pages=1",
        ("ocr", "all"),
    ),
    Probe(
        "langchain",
        "from docparse_loaders.langchain import DocParseLoader; print(DocParseLoader('a.pdf', vendor='somark').load.__name__)",
        "load",
        ("langchain", "all"),
    ),
    Probe(
        "llama-index",
        "from docparse_loaders.llama_index import DocParseReader; print(DocParseReader(vendor='somark').class_name())",
        "DocParseReader",
        ("llama-index", "all"),
    ),
    Probe("cli", "", "Usage: docparse-loaders", ("cli", "all")),
    Probe(
        "emulator",
        "import docparse_loaders as dl; from docparse_loaders.emulator import Emulator\n"
        "with Emulator('somark') as emulator:\n"
        "    vendor = dl.SoMark(base_url=emulator.base_url, api_key=emulator.keys[0])\n"
        f"    print(dl.parse({str(REPORT)!r}, vendor=vendor))",
        "vendor='somark', pages=8",
        ("emulator", "all"),
    ),
)


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command's result, whatever it is."""
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, encoding="utf-8", cwd=cwd, timeout=600, check=False)  # noqa: S603  # ours


def uv(*arguments: str | Path) -> str:
    """What uv prints; ends the script if it fails."""
    program = os.environ.get("UV") or shutil.which("uv") or sys.exit("this needs uv: pip install uv")
    done = run(program, *arguments)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def installed(artefact: Path, extra: str, home: Path) -> str:
    """Make an environment in `home`; its size and the time that it took, as one line."""
    uv("venv", "--quiet", "--no-project", "--python", sys.executable, home)
    start = time.perf_counter()
    wanted = f"docparse-loaders{f'[{extra}]' if extra else ''} @ {artefact.as_uri()}"
    uv("pip", "install", "--quiet", "--python", home, "--reinstall-package", "docparse-loaders", wanted)
    seconds = time.perf_counter() - start
    size = sum(file.stat().st_size for file in home.rglob("*") if file.is_file() and not file.is_symlink())
    count = len(uv("pip", "list", "--quiet", "--python", home, "--format", "freeze").splitlines())
    return f"{count:4} distributions {size / 1e6:7.1f} MB {seconds:6.1f} s"


def tried(probe: Probe, extra: str, home: Path) -> str:
    """What came of a probe in an environment."""
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    command = (scripts / "python", "-I", "-W", "error", "-c", probe.code)
    done = run(*command, cwd=home) if probe.code else run(scripts / "docparse-loaders", "--help", cwd=home)
    if extra in probe.needs:
        right = done.returncode == 0 and probe.says in done.stdout and not done.stderr
        return "ok" if right else f"WRONG: {done.stdout[-300:]}{done.stderr[-300:]}"
    last = (done.stderr.strip().splitlines() or [""])[-1]
    right = done.returncode == 1 and last.endswith(f'pip install "docparse-loaders[{probe.needs[0]}]"')
    return "says how" if right else f"WRONG: {last}"


def checked(artefact: Path, folder: Path) -> Iterator[bool]:
    """Print a line for each extra, and tell whether all was as it should be."""
    for extra in EXTRAS:
        home = folder / f"{artefact.suffix[1:]}-{extra or 'none'}"
        print(f"{artefact.suffix[1:]:4} [{extra or '-':11}] {installed(artefact, extra, home)}  ", end="", flush=True)
        results = {probe.name: tried(probe, extra, home) for probe in PROBES}
        print(" · ".join(f"{name}: {result}" for name, result in results.items()), flush=True)
        shutil.rmtree(home)
        yield all(not result.startswith("WRONG") for result in results.values())


def main() -> None:
    """Build both, check both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        uv("build", "--quiet", "--out-dir", folder, ROOT)
        artefacts = [next(folder.glob(pattern)) for pattern in ("*.whl", "*.tar.gz")]
        for artefact in artefacts:
            print(f"{artefact.name}: {artefact.stat().st_size / 1000:.0f} kB")
        fine = [result for artefact in artefacts for result in checked(artefact, folder)]
    sys.exit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
