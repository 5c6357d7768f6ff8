"""Where emulated vendors keep files: what a signed link permits, and what it refuses."""

from dataclasses import dataclass, field

import httpx
import pytest

from docparse_loaders.emulator.faults import FaultLayer, Script, reset
from docparse_loaders.emulator.fetching import NotFetched
from docparse_loaders.emulator.journal import Journal
from docparse_loaders.emulator.shelf import Shelf

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Storage:
    """A shelf at a time of one's choice."""

    now: float = 1000.0
    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        async def elsewhere(url: str) -> bytes:
            return f"from {url}".encode()

        self.shelf = Shelf(lambda: self.now, lifetime=60.0, fetcher=elsewhere)
        app = FaultLayer(self.shelf.app(), script=Script(), journal=self.journal, clock=lambda: self.now, cut=reset, files=True)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))


async def test_a_link_gives_the_file_until_it_expires() -> None:
    storage = Storage()
    link = storage.shelf.offer("a b/result.zip", b"PK", "application/zip")
    async with storage.client as client:
        found = await client.get(link)
        assert (found.status_code, found.content, found.headers["content-type"]) == (200, b"PK", "application/zip")
        storage.now += 61
        late = await client.get(link)
        assert (late.status_code, "AccessDenied" in late.text) == (403, True)
        assert (await client.get(storage.shelf.link("a b/result.zip"))).content == b"PK"
    assert [arrival.path for arrival in storage.journal.downloads] == ["/bucket/a b/result.zip"] * 3
    assert storage.journal.requests == []


async def test_a_key_besides_the_link_is_refused() -> None:
    storage = Storage()
    async with storage.client as client:
        reply = await client.get(storage.shelf.offer("a", b"x"), headers={"authorization": "Bearer sk"})
    assert (reply.status_code, "InvalidArgument" in reply.text) == (400, True)


@pytest.mark.parametrize(
    "alter", [lambda url: url[:-1] + "#", lambda url: url.replace("/a?", "/b?"), lambda url: url.partition("?")[0]]
)
async def test_an_altered_link_is_refused(alter: object) -> None:
    assert callable(alter)
    storage = Storage()
    storage.shelf.offer("b", b"other")
    async with storage.client as client:
        reply = await client.get(alter(storage.shelf.offer("a", b"x")))
    assert (reply.status_code, "SignatureDoesNotMatch" in reply.text) == (403, True)


async def test_an_upload_takes_bytes_without_a_type_and_only_those() -> None:
    storage = Storage()
    link = storage.shelf.expect("in/a.pdf")
    assert storage.shelf.taken("in/a.pdf") is None
    async with storage.client as client:
        typed = await client.put(link, content=b"%PDF", headers={"content-type": "application/pdf"})
        assert typed.status_code == 403
        assert (await client.get(link)).status_code == 403
        assert (await client.put(link, content=b"%PDF")).status_code == 200
    assert storage.shelf.taken("in/a.pdf") == b"%PDF"
    assert storage.journal.downloads[-1].files == (("", "in/a.pdf", 4),)


async def test_a_form_wants_its_fields_before_the_file() -> None:
    storage = Storage()
    url, fields = storage.shelf.expect_form("in/a.pdf")
    parts = {name: (None, value) for name, value in fields.items()}
    file = {"file": ("a.pdf", b"%PDF")}
    async with storage.client as client:
        assert (await client.post(url, files={**file, **parts})).status_code == 403
        assert (await client.post(url, files={**parts, "key": (None, "in/b.pdf"), **file})).status_code == 403
        assert (await client.post(url, files={**parts, **file}, headers={"authorization": "Bearer sk"})).status_code == 400
        assert (await client.post(url, files={**parts, **file})).status_code == 204
        storage.now += 61
        assert (await client.post(url, files={**parts, **file})).status_code == 403
    assert storage.shelf.taken("in/a.pdf") == b"%PDF"
    assert dict(storage.journal.downloads[-2].form)["x-amz-signature"] == "***"


FORM = ("policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "key")
FILE = ("file", ("a.pdf", b"%PDF"))
Part = tuple[str, tuple[str | None, str | bytes]]


def in_other_order(parts: list[Part]) -> list[list[Part]]:
    """Every place that the file can have before the end, and the whole form backwards."""
    return [[*parts[:place], FILE, *parts[place:]] for place in range(len(parts))] + [[FILE, *reversed(parts)]]


async def test_the_file_comes_last() -> None:
    storage = Storage()
    url, fields = storage.shelf.expect_form("in/a.pdf")
    parts: list[Part] = [(name, (None, value)) for name, value in fields.items()]
    assert [name for name, _ in parts] == list(FORM)
    async with storage.client as client:
        for order in in_other_order(parts):
            reply = await client.post(url, files=order)
            missing = {name for name, _ in parts} - {name for name, _ in order[: order.index(FILE)]}
            assert (reply.status_code, "AccessDenied" in reply.text) == ((403, True) if missing != {"key"} else (400, False))
        for late in (("note", (None, "x")), FILE, ("attachment", ("b.pdf", b"%PDF"))):
            reply = await client.post(url, files=[*parts, FILE, late])
            assert (reply.status_code, "MalformedPOSTRequest" in reply.text) == (400, True)
        assert storage.shelf.taken("in/a.pdf") is None
        assert (await client.post(url, files=[*reversed(parts), FILE])).status_code == 204


@pytest.mark.parametrize("name", FORM)
async def test_no_field_of_the_form_can_be_left_out_or_altered(name: str) -> None:
    storage = Storage()
    url, fields = storage.shelf.expect_form("in/a.pdf")
    async with storage.client as client:
        for value in (None, "", "x"):
            parts: list[Part] = [(field, (None, known)) for field, known in fields.items() if field != name]
            parts += [(name, (None, value))] if value is not None else []
            reply = await client.post(url, files=[*parts, FILE])
            left_out = 400 if name == "key" else 403
            assert reply.status_code == (left_out if value is None else 403), (name, value, reply.text)
    assert storage.shelf.taken("in/a.pdf") is None


@pytest.mark.parametrize("file", [None, ("file", (None, "%PDF")), ("upload", ("a.pdf", b"%PDF"))])
async def test_a_form_without_a_file_is_refused(file: Part | None) -> None:
    storage = Storage()
    url, fields = storage.shelf.expect_form("in/a.pdf")
    parts: list[Part] = [(name, (None, value)) for name, value in fields.items()]
    async with storage.client as client:
        reply = await client.post(url, files=[*parts, *([file] if file else [])])
        assert (reply.status_code, "InvalidArgument" in reply.text) == (400, True)
        assert (await client.post(url, content=b"{}")).status_code == 403


async def test_a_vendor_fetches_its_own_files_and_others_from_the_network() -> None:
    storage = Storage()
    storage.shelf.offer("a b", b"own")
    assert await storage.shelf.fetch(storage.shelf.address("a b")) == b"own"
    assert await storage.shelf.fetch("https://example.test/x.pdf") == b"from https://example.test/x.pdf"
    with pytest.raises(NotFetched):
        await storage.shelf.fetch(storage.shelf.address("nothing"))
