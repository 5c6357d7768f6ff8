"""How services and releases of MinerU differ, as settings of the emulator."""

from dataclasses import dataclass
from typing import Any, Literal

from docparse_loaders.emulator.mineru.paper import Release
from docparse_loaders.errors import ConfigError

Json = dict[str, Any]
_CHOICES = {
    "layout": ("2.7", "3.x", "4.x"),
    "counts": ("int", "str"),
    "codes": ("int", "str"),
    "urls": ("file_urls", "files", "object"),
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """`layout` is the release whose files are in the zip, `nested` packs them in folders as the self-hosted service does;
    `page_tree` and `lists` say which are there, and without `archive` there is only the Markdown.

    `counts` and `codes` are written as numbers or strings; `urls` is how upload addresses are listed. `failure` is the code
    of a job that fails on demand, told only with `err_codes`. `balance` is the number of pages that the account has left,
    `uid` what signs callbacks besides the seed.
    """

    layout: Release = "3.x"
    nested: bool = False
    page_tree: bool = True
    lists: bool = True
    archive: bool = True
    counts: Literal["int", "str"] = "int"
    codes: Literal["int", "str"] = "int"
    urls: Literal["file_urls", "files", "object"] = "file_urls"
    err_codes: bool = True
    failure: str = "-60010"
    balance: int | None = None
    uid: str = "uid-emulator"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                hint = f"It is one of: {', '.join(choices)}."
                raise ConfigError(f"there is no {name} {getattr(self, name)!r}.", hint=hint)

    def code(self, code: str) -> int | str:
        """A code as this service writes it."""
        return int(code) if self.codes == "int" and code.lstrip("-").isdecimal() else code

    def count(self, number: int) -> int | str:
        """A number of pages as this service writes it."""
        return number if self.counts == "int" else str(number)
