"""SCNet's envelopes in every published dialect: with `data` or without, object or list, snake_case or camelCase."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import JsonValue

from docparse_loaders.errors import DocParseError
from docparse_loaders.vendors.http import fault_of, retry_after
from docparse_loaders.vendors.protocol import Reply
from docparse_loaders.vendors.readers import Object, as_float, as_id, as_list, as_object, as_text, first
from docparse_loaders.vendors.scnet.codes import CODES, error_of

_SAID_OK = frozenset({"0", "200"})
_OK = _SAID_OK | {""}
_LONGEST_PAUSE = 10.0


class Task(NamedTuple):
    """What an answer says of one task, under one set of names."""

    task_id: str | None
    word: str
    output: Object

    @property
    def status(self) -> str:
        """The status word, whose case differs between the page's table and its samples."""
        return self.word.strip().lower()

    @property
    def code(self) -> str:
        """Why it failed."""
        return as_text(first(self.output, ("error_code", "errorCode"))).strip()

    @property
    def message(self) -> str:
        """Why it failed, in words."""
        return as_text(first(self.output, ("error_message", "errorMessage", "message"))).strip()

    @property
    def pause(self) -> float | None:
        """Seconds until it is worth asking again; the page's samples never wait longer than ten."""
        seconds = as_float(first(self.output, ("estimatedSeconds", "estimated_seconds")))
        return None if seconds is None or seconds <= 0 else min(max(seconds, 1.0), _LONGEST_PAUSE)


def tasks_in(body: JsonValue | None) -> list[Task]:
    """The tasks that an answer tells of, without the null entries that stand for unknown ones."""
    return [_task(output) for entry in _entries(body) for output in _outputs(entry)]


def task_of(body: JsonValue | None, task_id: str, *, alone: bool) -> Task | None:
    """The task of that id; or the only one, if it has no id and nothing else was asked for."""
    tasks = tasks_in(body)
    found = next((task for task in tasks if task.task_id == task_id), None)
    if found is None and alone and len(tasks) == 1 and tasks[0].task_id is None and tasks[0].word:
        return tasks[0]
    return found


def fault(reply: Reply) -> DocParseError | None:
    """The error of a whole answer. Its code counts before the HTTP status, but only if it is documented."""
    code, message = _verdict(as_object(reply.json))
    said = code not in _OK or bool(message)
    if said and code in CODES:
        return error_of(code, message, reply.status, retry_after(reply.headers))
    return fault_of(reply, "scnet") or (error_of(code, message, reply.status, retry_after(reply.headers)) if said else None)


def _verdict(body: Object) -> tuple[str, str]:
    """Code and message of an error, from its own object or from the envelope; both empty where there is none."""
    error = body.get("error")
    if isinstance(error, dict) and error:
        return _named(error), as_text(first(error, ("message", "msg"))).strip() or "no message"
    if isinstance(error, str) and error.strip():
        return error.strip()[:100], as_text(first(body, ("message", "msg"))).strip() or "no message"
    code = as_text(body.get("code")).strip()
    if code in _SAID_OK:
        return code, ""
    named = _named(body) if as_text(body.get("type")).strip() in CODES else code
    return named, as_text(first(body, ("msg", "message"))).strip() if named else ""


def _named(error: Object) -> str:
    """The page's sample has the number "404" as code and the word that its table lists as type."""
    code, kind = as_text(error.get("code")).strip(), as_text(error.get("type")).strip()
    return kind if kind in CODES and not (code in CODES and not code.isdecimal()) else code or kind


def _entries(body: JsonValue | None) -> list[JsonValue]:
    data = as_object(body).get("data")
    if isinstance(data, list):
        return data
    return [data] if isinstance(data, dict) else body if isinstance(body, list) else [body]


def _outputs(entry: JsonValue | None) -> Iterator[Object]:
    if not isinstance(entry, dict):
        return
    output = entry.get("output", entry)
    yield from (item for item in as_list(output) if isinstance(item, dict))
    if isinstance(output, dict):
        yield output


def _task(output: Object) -> Task:
    word = as_text(first(output, ("task_status", "taskStatus")))
    return Task(as_id(first(output, ("task_id", "taskId"))), word, output)
