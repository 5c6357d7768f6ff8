"""Each vendor's page says what its options, defaults, files, limits and codes are, and these are what the code has."""

import re
from typing import Any

import pytest
from pydantic import BaseModel

from doc_pages import DOCS
from docparse_loaders.errors import DocParseError
from docparse_loaders.vendors import BUILT_IN, config_class, vendor_of
from docparse_loaders.vendors.config import RemoteConfig
from docparse_loaders.vendors.mineru.codes import CODES as MINERU
from docparse_loaders.vendors.paddleocr.codes import CODES as PADDLEOCR
from docparse_loaders.vendors.paddleocr.families import EVERY, OPTIONS
from docparse_loaders.vendors.scnet.codes import CODES as SCNET
from docparse_loaders.vendors.somark.codes import CODES as SOMARK

by_vendor = pytest.mark.parametrize("vendor", sorted(BUILT_IN))


def _page(vendor: str) -> str:
    return (DOCS / "vendors" / f"{vendor}.md").read_text(encoding="utf-8")


def _section(vendor: str, title: str) -> str:
    found = re.search(rf"^## {title}[^\n]*\n(.*?)(?=^## |\Z)", _page(vendor), re.MULTILINE | re.DOTALL)
    assert found, f"{vendor} has no section {title}"
    return found[1]


def _rows(text: str) -> list[list[str]]:
    """The cells of each table row that begins with code."""
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("| `")]


def _default(options: Any, name: str) -> str:
    """What the cell of a default must say."""
    kind, value = type(options), getattr(options, name)
    if issubclass(kind, RemoteConfig) and name == "api_key":
        return f"`{kind.key_env}`"
    if issubclass(kind, RemoteConfig) and name == "base_url":
        return f"`{kind.url_env}`, else `{kind.default_url}`"
    return f"`{value.model_dump() if isinstance(value, BaseModel) else value!r}`"


@by_vendor
def test_every_option_is_there_with_its_default(vendor: str) -> None:
    options = config_class(vendor)()
    said = {row[0].strip("`"): row[1] for row in _rows(_section(vendor, "Options"))}
    assert said == {name: _default(options, name) for name in type(options).model_fields}


@by_vendor
def test_every_file_type_is_there(vendor: str) -> None:
    found = re.search(r"^Files: ((?:`\.\w+`[\s.]*)+)", _page(vendor), re.MULTILINE)
    assert found
    assert set(re.findall(r"\.\w+", found[1])) == vendor_of(config_class(vendor)).traits.suffixes


@by_vendor
def test_limits_are_those_that_are_checked(vendor: str) -> None:
    traits, text = vendor_of(config_class(vendor)).traits, _section(vendor, "Costs and limits")
    if traits.max_bytes is not None:
        assert f"{traits.max_bytes // 1_000_000 // 10 * 10} MB" in text
    if traits.max_pages is not None:
        assert f"{traits.max_pages:,} pages" in text


@pytest.mark.parametrize(
    ("vendor", "codes"), [("somark", SOMARK), ("mineru", MINERU), ("paddleocr", PADDLEOCR), ("scnet", SCNET)]
)
def test_every_code_is_there_with_its_error(vendor: str, codes: Any) -> None:
    said: dict[str, str] = {}
    for line in _section(vendor, "Errors").splitlines():
        if found := re.match(r"\| ([^|]+) \| `(\w+)` \|", line):
            said |= {code.strip(" `"): found[2] for code in found[1].split(",")}
    meant: dict[str, type[DocParseError]] = {code: meaning.error for code, meaning in codes.items()}
    assert said == {code: error.__name__ for code, error in meant.items()}


def test_options_of_paddleocr_name_the_models_that_take_them() -> None:
    names = {"ocr": "OCR", "structure": "Structure", "vl": "VL"}
    said = {row[0].strip("`"): row[2] for row in _rows(_section("paddleocr", "Options")) if len(row) > 3}
    takers = {option: [names[family] for family in OPTIONS if option in OPTIONS[family]] for option in EVERY}
    assert said == {option: "all" if len(who) == len(names) else ", ".join(who) for option, who in takers.items()}


def test_the_tables_of_all_vendors_agree() -> None:
    text = (DOCS / "vendors" / "index.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    table = {row[0].strip("` "): row[1:] for row in rows}
    vendors = [cell.strip("` ") for cell in table["name"]]
    assert sorted(vendors) == sorted(BUILT_IN)
    for place, vendor in enumerate(vendors):
        config = config_class(vendor)
        traits = vendor_of(config).traits
        where = [f"`{config.key_env}`", f"`{config.url_env}`"] if issubclass(config, RemoteConfig) else ["none", "none"]
        assert table[vendor] == where
        assert table["web addresses"][place].strip() == ("yes" if traits.takes_urls else "no")
        assert table["selects pages itself"][place].startswith("yes") == traits.selects_pages
