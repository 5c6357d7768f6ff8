"""A vendor on its emulator behind a gateway, documents to parse, and who was billed for what."""

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

import docparse_loaders as dl
from docparse_loaders.document import ParsedDocument
from docparse_loaders.emulator import Emulator
from docparse_loaders.engine.transport import Transport
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.outcome import Outcome
from docparse_loaders.policy import Limits, Policy, Poll, Retry, Timeouts
from docparse_loaders.source import Source
from docparse_loaders.vendors.config import RemoteConfig
from gateway import Gateway, Twister

CONFIGS: dict[str, type[RemoteConfig]] = {
    "somark": dl.SoMark,
    "mineru": dl.MinerU,
    "parse4ai": dl.Parse4AI,
    "paddleocr": dl.PaddleOCR,
    "scnet": dl.SCNet,
}
VENDORS = tuple(CONFIGS)
INLINE = frozenset({"somark"})
"""Vendors whose result is part of the last answer to a poll."""
BY_ADDRESS = frozenset({"parse4ai"})
QUICK = Policy(
    poll=Poll(first=0.02, growth=1.1, longest=0.1, together=0.0),
    retry=Retry(base=0.01, longest=0.05),
    timeouts=Timeouts(connect=2.0, request=5.0, job=30.0),
    limits=Limits(retry_credit=1e9),
)
PAGES = 3
_TRUST = httpx.create_ssl_context()
"""Made once, because reading all certificates takes longer than all else that a document needs; nothing here is https."""


def pages_of(data: bytes) -> list[Page]:
    """Three pages; each says which it is, and of what file."""
    name = data.rsplit(b"\n", 1)[-1].decode("latin-1")
    return [
        Page(n, 600.0, 800.0, "point", 0, (Block(f"p{n}-0", "text", f"Sheet {n} of {name}.", regions=(_region(n),)),))
        for n in range(1, PAGES + 1)
    ]


def _region(page: int) -> Region:
    return Region(page, BBox(0.1, 0.1, 0.9, 0.2))


def document(name: str) -> bytes:
    """A file that an emulator takes for a PDF."""
    return b"%PDF-1.4\n%%EOF\n" + name.encode()


def is_whole(parsed: ParsedDocument | None, name: str) -> bool:
    """Whether nothing is missing."""
    return parsed is not None and [b.text for b in parsed.blocks] == [f"Sheet {n} of {name}." for n in range(1, PAGES + 1)]


@dataclass
class Scene:
    """What a test needs of it. `bills` counts how often the vendor took each file, by its name."""

    vendor: str
    emulator: Emulator
    gateway: Gateway
    files: Emulator
    bills: Counter[str] = field(default_factory=Counter)

    def config(self, **options: Any) -> RemoteConfig:
        return CONFIGS[self.vendor](base_url=self.gateway.base_url, api_key=self.emulator.keys[0], **options)

    def parser(self, policy: Policy = QUICK, **settings: Any) -> dl.DocParser:
        return dl.DocParser(self.config(), policy=policy, **settings)

    def source(self, name: str) -> Any:
        """The file of that name, in memory or behind an address."""
        if self.vendor in BY_ADDRESS:
            return self.files.offer(f"{name}.pdf", document(name))
        return Source.of(document(name), name=f"{name}.pdf")

    def parse(self, names: Sequence[str], policy: Policy = QUICK, **settings: Any) -> list[Outcome]:
        """An outcome for each name, all of them at once."""
        store = settings.pop("store", None)
        given = [self.source(name) for name in names]
        return list(self.parser(policy, store=store).parse_many(given, **{"concurrency": len(given), **settings}))

    def outcome(self, name: str = "one", policy: Policy = QUICK) -> ParsedDocument | DocParseError:
        """What became of one file."""
        found = self.parse([name], policy)[0]
        result = found.document or found.error
        assert result is not None
        return result


@contextmanager
def scene(vendor: str, twist: Twister | None = None, **settings: Any) -> Iterator[Scene]:
    """A vendor that reads files with `pages_of`. Its key is new, so that no pause of an earlier test holds."""
    bills: Counter[str] = Counter()

    def parse(data: bytes) -> list[Page]:
        bills[data.rsplit(b"\n", 1)[-1].decode("latin-1")] += 1
        return pages_of(data)

    key = f"sk-{secrets.token_hex(8)}"
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(Transport, "_trust", _TRUST)
        emulator = stack.enter_context(Emulator(vendor, **{"parse": parse, "keys": (key,), **settings}))
        files = stack.enter_context(Emulator("mineru")) if vendor in BY_ADDRESS else emulator
        gateway = stack.enter_context(Gateway(emulator, twist))
        yield Scene(vendor, emulator, gateway, files, bills)
