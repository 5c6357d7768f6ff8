"""Programs run beside this process for in-process work: the only module that starts a process."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from pydantic import JsonValue
from pydantic_core import to_json

from docparse_loaders.engine.apart import DOCUMENT, OPTIONS, RESULT
from docparse_loaders.vendors.programs import FOLDER, MOST_BYTES, Program, Ran

_LOG = ".output"
_LAST_WORDS = 400
_APART = "docparse_loaders.engine.apart"
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
"""Names of variables that a program has no use for: it reads a document that a stranger may have made."""


class Workshop:
    """Runs programs for one piece of work; fits `vendors.programs.Tools`.

    After `close` nothing that it started is left running, and nothing more is started.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def run(self, program: Program) -> Ran:
        """Run a program in a folder of its own and wait for it, at most `program.seconds`."""
        command = next((found for name in program.names if (found := shutil.which(name))), None)
        if command is None:
            return Ran(fault="missing", message=f"none of {', '.join(program.names)} is installed")
        with TemporaryDirectory(prefix="docparse-", ignore_cleanup_errors=True) as made:
            folder = Path(made).resolve()
            _fill(folder, program)
            arguments = [argument.replace(FOLDER, folder.as_uri()) for argument in program.arguments]
            in_time = self._finish(folder, [command, *arguments], program)
            return _result(folder, program) if in_time else Ran(fault="timeout", message=f"{program.seconds:g} s were over")

    def apart(self, function: str, data: bytes, options: JsonValue, seconds: float) -> Ran:
        """Call `function` in a second interpreter; in this one where the program is frozen and there is no other."""
        if getattr(sys, "frozen", False) or not sys.executable:
            return _here(function, data, options)
        files = {DOCUMENT: data, OPTIONS: to_json(options)}
        # The child finds what this process finds, also where the path was changed or is relative.
        paths = {"PYTHONPATH": os.pathsep.join(str(Path(place).absolute()) for place in sys.path)}
        return self.run(Program((sys.executable,), ("-P", "-m", _APART, function), files, RESULT, seconds, paths))

    def close(self) -> None:
        """End what runs, and start nothing more."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            _end(process)

    def _finish(self, folder: Path, command: list[str], program: Program) -> bool:
        """Whether it ended by itself in time."""
        with (folder / _LOG).open("wb") as log:
            with self._lock:
                if self._closed:
                    return False
                process = subprocess.Popen(  # noqa: S603 - a program that a vendor's code names, no shell
                    command,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**_without_secrets(os.environ), **program.environment},
                    start_new_session=True,
                )
                self._running.add(process)
            try:
                process.wait(program.seconds)
            except subprocess.TimeoutExpired:
                return False
            finally:
                with self._lock:
                    self._running.discard(process)
                _end(process)
        return True


def _without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if not _SECRET.search(name)}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it, if it still runs, with all that it has started, which is in its session."""
    if process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except AttributeError:
        process.kill()  # Windows knows no sessions
    except ProcessLookupError:
        pass
    process.wait()


def _fill(folder: Path, program: Program) -> None:
    for name, data in program.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _result(folder: Path, program: Program) -> Ran:
    made = folder / program.result
    if not made.is_file():
        words = (folder / _LOG).read_bytes()[-_LAST_WORDS:].decode(errors="replace").strip()
        return Ran(fault="failed", message=words.rpartition("\n")[2] or "it made nothing and said nothing")
    if made.stat().st_size > MOST_BYTES:
        return Ran(fault="failed", message=f"its result is larger than {MOST_BYTES >> 20} MiB")
    return Ran(made.read_bytes())


def _here(function: str, data: bytes, options: JsonValue) -> Ran:
    module, name = function.split(":")
    return Ran(to_json(getattr(import_module(module), name)(data, options)))
