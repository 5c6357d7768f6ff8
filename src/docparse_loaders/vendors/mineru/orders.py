"""What is sent: the submits of one document and of many, the reservation of an upload, and the questions about a job."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.mineru.options import MinerU, Parse4AI
from docparse_loaders.vendors.protocol import Address, Auth, Call, Effect, Reply
from docparse_loaders.vendors.readers import as_list, as_object

_KEY = Auth("bearer")
_PER_FILE = ("url", "name", "data_id", "is_ocr", "page_ranges")


@dataclass(frozen=True, slots=True)
class Profile:
    """How the two services differ on the wire: where their paths begin, and how a single submit writes its fields."""

    name: str
    root: str
    camel: bool


PARSE4AI = Profile("parse4ai", "v1/", camel=True)
MINERU = Profile("mineru", "", camel=False)

_TYPED = frozenset({"data_id", "is_ocr", "page_ranges", "model_version", "enable_formula", "enable_table", "extra_formats"})
"""Fields that have a second name; what a user adds goes out as it is written."""

Order = Mapping[str, JsonValue]


def order_of(facts: SourceFacts, pages: PageSelection | None, options: Parse4AI | MinerU) -> dict[str, JsonValue]:
    """Everything a submit says of one document apart from where it is; names are those of the batch call."""
    order: dict[str, JsonValue] = {"data_id": data_id_of(facts, pages), "is_ocr": options.is_ocr}
    order |= {} if pages is None else {"page_ranges": str(pages)}
    return order | options.common()


def data_id_of(facts: SourceFacts, pages: PageSelection | None) -> str:
    """A name for a document by which its entry is found in a batch: from content, place and pages, the same every time."""
    place = hashlib.sha256(f"{facts.uri}\n{facts.name}\n{pages or ''}".encode("utf-8", "replace")).hexdigest()
    return f"{facts.sha256[:24]}-{place[:16]}"


def submit(profile: Profile, order: Order, link: str = "") -> Call:
    """The submit of one document by a link to it; without one, by its own address."""
    fields = {**_linked(link), **order}
    body = {_camel(name) if name in _TYPED else name: value for name, value in fields.items()} if profile.camel else fields
    slot = None if link else Address(("url",))
    return Call(Effect.CREATE, "POST", f"{profile.root}extract/task", auth=_KEY, json=body, address=slot)


def submit_in_batch(profile: Profile, order: Order, link: str, batch: str) -> Call:
    """The same submit, which may go out together with others."""
    path = f"{profile.root}extract/task/batch"
    body = _listed({**_linked(link), **order})
    slot = None if link else Address(("files", 0, "url"))
    return Call(Effect.CREATE, "POST", path, auth=_KEY, json=body, address=slot, group=f"{path}?{batch}" if batch else "")


def reserve(profile: Profile, order: Order, name: str, batch: str) -> Call:
    """Ask for an address to upload to; nothing is billed before a file arrives there, so this may be asked again."""
    path = f"{profile.root}file-urls/batch"
    body = _listed({"name": name, **order})
    return Call(Effect.PUT, "POST", path, auth=_KEY, json=body, group=f"{path}?{batch}" if batch else "")


def ask(profile: Profile, task_id: str) -> Call:
    """The question about one task."""
    return Call(Effect.READ, "GET", f"{profile.root}extract/task/{task_id}", auth=_KEY)


def ask_batch(profile: Profile, batch_id: str) -> Call:
    """The question about a whole batch, the same for all of its documents."""
    path = f"{profile.root}extract-results/batch/{batch_id}"
    return Call(Effect.READ, "GET", path, auth=_KEY, large=True, group=path)


def merged(calls: Sequence[Call]) -> Call:
    """One call for several that differ in their files only."""
    files = [file for call in calls for file in as_list(as_object(call.json).get("files"))]
    return replace(calls[0], json={**as_object(calls[0].json), "files": files})


def share(reply: Reply, index: int) -> Reply:
    """The upload address of one document out of all of them; every other answer is for all."""
    body = as_object(reply.json)
    data = as_object(body.get("data"))
    for name in ("file_urls", "files"):
        urls = data.get(name)
        if isinstance(urls, list):
            return replace(reply, json={**body, "data": {**data, name: urls[index : index + 1]}})
    return reply


def upload_name(facts: SourceFacts) -> str:
    """A file name that a service takes: what stands in a header or path elsewhere is made harmless, the suffix stays."""
    return re.sub(r"[\x00-\x1f\x7f/\\]+", "_", facts.name)[-200:]


def _linked(link: str) -> Order:
    return {"url": link} if link else {}


def _listed(fields: Order) -> dict[str, JsonValue]:
    """A batch of one: what belongs to the file under `files`, the rest beside it."""
    file: dict[str, JsonValue] = {name: fields[name] for name in _PER_FILE if name in fields}
    files: list[JsonValue] = [file]
    return {"files": files, **{name: value for name, value in fields.items() if name not in _PER_FILE}}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
