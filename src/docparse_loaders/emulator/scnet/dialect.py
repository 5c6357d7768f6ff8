"""How SCNet's answers differ between its tables, its samples and what its own client was written for."""

from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

from docparse_loaders.emulator.scnet.words import CODES, NUMBERS, STATUS
from docparse_loaders.errors import ConfigError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which of the documented forms is spoken.

    `style` "client" is what the published client reads (code "0", `data`, snake_case), "documented" the JSON of the page (code
    "200"), "samples" what its Python and Go samples read (`output` on top, camelCase, upper-case words, `estimatedSeconds`).
    `ids` are 19 digits or UUIDs, `numeric_ids` writes the digits as a number. A result has `pages_per_file` pages a file (0:
    all in one), in the `shape` "nested", "flat" or "list"; boxes are four numbers, eight, four points or fractions.
    `sub_types` marks headings; without it they show in the page's Markdown only. `failure` is why a failed task failed. A task
    is not found by the first `unseen` questions about it; what is not found is `missing`: status "unknown", or null.
    `errors` are objects whose `code` is a word of the page's table ("words") or, as in its sample, a number with the word as
    `type` ("numbers"), or `code` and `msg` on top as the gateway writes its own ("gateway").
    """

    style: Literal["client", "documented", "samples"] = "client"
    ids: Literal["digits", "uuid"] = "digits"
    numeric_ids: bool = False
    pages_per_file: int = 0
    shape: Literal["nested", "flat", "list"] = "nested"
    bbox: Literal["four", "eight", "points", "fractions"] = "four"
    sub_types: bool = True
    failure: str = "provider_error"
    unseen: int = 0
    missing: Literal["unknown", "null"] = "unknown"
    errors: Literal["words", "numbers", "gateway"] = "words"

    def __post_init__(self) -> None:
        for name, form in get_type_hints(type(self)).items():
            values = get_args(form)
            if values and getattr(self, name) not in values:
                raise ConfigError(f"there is no {name} {getattr(self, name)!r}.", hint=f"It is one of {', '.join(values)}.")

    @property
    def on_top(self) -> bool:
        """Whether `output` stands at the top, and its names are in camelCase."""
        return self.style == "samples"

    def submitted(self, task_id: str) -> Json:
        """The answer to a submit."""
        output = self.output(task_id, "pending")
        if self.on_top:
            return {"requestId": "5e726f4f", "output": output}
        return {"code": self._code, "msg": "", "data": {"output": output, "request_id": "4909100c-7b5a-9f92"}}

    def results(self, outputs: list[Json | None], counts: list[int]) -> Json:
        """The answer about tasks; None is one that was not found."""
        if self.on_top:
            return {"code": self._code, "msg": "", "requestId": "5e726f4f", "output": outputs[0]}
        entries = [
            output and {"output": output, "usage": {"image_count": count}, "request_id": "5e726f4f7d518259"}
            for output, count in zip(outputs, counts, strict=True)
        ]
        return {"code": self._code, "msg": "success", "data": entries}

    def output(self, task_id: str, word: str, **more: Any) -> Json:
        """A task's own object."""
        number: str | int = int(task_id) if self.numeric_ids and task_id.isdecimal() else task_id
        named: Json = {
            "task_id": number,
            "task_status": word,
            **{name: value for name, value in more.items() if value is not None},
        }
        if not self.on_top:
            return named
        return {_camel(name): value.upper() if name == "task_status" else value for name, value in named.items()}

    def not_found(self, task_id: str) -> Json | None:
        """What stands for a task that is not there, or not there yet."""
        return None if self.missing == "null" else self.output(task_id, "unknown")

    def refusal(self, code: str, reason: str) -> tuple[int, Json]:
        """HTTP status and body of an error: in the form of `errors`, or the gateway's for its own codes."""
        sentence = CODES.get(code, "Unknown error")
        message = f"{sentence}: {reason}" if reason else sentence
        if code.isdecimal() or self.errors == "gateway":
            return STATUS.get(code, 200), {"code": code, "msg": message}
        number = NUMBERS.get(code) if self.errors == "numbers" else None
        error = {"code": str(number) if number else code, "type": code, "message": message}
        return number or 200, {"request_id": "c61fe158-c0de", "error": error}

    @property
    def _code(self) -> str:
        return "0" if self.style == "client" else "200"


def _camel(name: str) -> str:
    """The page writes the error's names with an underscore in either case."""
    if name.startswith("error_"):
        return name
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
