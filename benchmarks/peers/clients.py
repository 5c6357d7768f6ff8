"""Everybody who loads: our loader and reader, those of others, and the vendors' own clients, each at a vendor's emulator.

A `Load` takes the address of the emulator and paths, and gives the Documents. Where a loader has no setting for the address,
its client is replaced after it was made: its own would go to the vendor's host.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import docparse_loaders as dl
from docparse_loaders.policy import Policy, Timeouts
from peers.stage import Address

CONFIGS = {"mineru": dl.MinerU, "paddleocr": dl.PaddleOCR, "somark": dl.SoMark, "scnet": dl.SCNet}
STORE = "jobs.db"
MOST = 50
"""How many files a batch of MinerU takes."""


class Doc(NamedTuple):
    """What a framework's Document holds."""

    id: str
    text: str
    metadata: Mapping[str, Any]


@dataclass
class Loaded:
    """Documents, what is said of files that failed, and ids that the caller has in hand, also if nothing else came."""

    documents: list[Doc] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)


Load = Callable[[Address, Sequence[str], Loaded], None]


@dataclass(frozen=True)
class Client:
    """One of them. `best` is how it is fastest by its own documentation, `careful` how it loses least; None: as by default."""

    name: str
    vendor: str
    package: str
    kind: str
    modules: tuple[str, ...]
    load: Load
    setting: str
    best: Load | None = None
    best_setting: str = ""
    careful: Load | None = None
    careful_setting: str = ""
    one_by_one: bool = False

    @property
    def is_loader(self) -> bool:
        """Whether it makes Documents of a framework."""
        return self.kind != "client"


def clients() -> list[Client]:
    """All, by vendor; of a vendor ours come first."""
    mineru = [*_ours("mineru"), _langchain_mineru(), _llama_index_mineru(), _mineru()]
    paddleocr = [*_ours("paddleocr"), _langchain_paddleocr(), _paddleocr()]
    return [*mineru, *paddleocr, _ours("somark")[0], _somark(), _ours("scnet")[0], _scnet()]


# Ours.


def _ours(vendor: str) -> list[Client]:
    modules = ("langchain_core.documents", "llama_index.core.schema")
    made = [
        ("DocParseLoader (ours)", "LangChain loader", _our_loader),
        ("DocParseReader (ours)", "LlamaIndex reader", _our_reader),
    ]
    return [
        Client(
            name,
            vendor,
            "docparse-loaders",
            kind,
            (module,),
            load(vendor, at_once=8),
            "concurrency=8, the default",
            load(vendor, at_once=0),
            "concurrency=files",
            load(vendor, at_once=8, careful=True),
            'store=…, on_error="collect"',
        )
        for (name, kind, load), module in zip(made, modules, strict=True)
    ]


def _settings(vendor: str, address: Address, paths: Sequence[str], at_once: int, careful: bool) -> dict[str, Any]:
    config = CONFIGS[vendor](base_url=address.base_url, api_key=address.key)
    settings: dict[str, Any] = {"vendor": config, "concurrency": at_once or len(paths)}
    if address.patience:
        settings["policy"] = Policy(timeouts=Timeouts(connect=1.0, request=address.patience, job=30.0))
    if careful:
        settings |= {"store": Path(paths[0]).parent / STORE, "on_error": "collect"}
    return settings


def _our_loader(vendor: str, *, at_once: int, careful: bool = False) -> Load:
    def load(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        kind = import_module("docparse_loaders.langchain").DocParseLoader
        loader = kind(list(paths), **_settings(vendor, address, paths, at_once, careful))
        loaded.documents += _of_langchain(loader.load())
        loaded.failed += [f"{source}: {error}" for source, error in loader.report.errors.items()]

    return load


def _our_reader(vendor: str, *, at_once: int, careful: bool = False) -> Load:
    def load(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        kind = import_module("docparse_loaders.llama_index").DocParseReader
        reader = kind(**_settings(vendor, address, paths, at_once, careful))
        loaded.documents += _of_llama_index(reader.load_data(list(paths)))
        loaded.failed += [f"{source}: {error}" for source, error in reader.report.errors.items()]

    return load


def _of_langchain(found: Iterable[Any]) -> list[Doc]:
    return [Doc(one.id or "", one.page_content, one.metadata) for one in found]


def _of_llama_index(found: Iterable[Any]) -> list[Doc]:
    return [Doc(one.id_, one.text, one.metadata) for one in found]


# MinerU.


def _mineru_client(address: Address) -> Any:
    if address.patience:
        vars(import_module("mineru._api"))["REQUEST_TIMEOUT"] = address.patience
    return import_module("mineru").MinerU(token=address.key, base_url=address.base_url)


def _with_client(made: Any, address: Address) -> Any:
    """A loader of MinerU's with a client that goes to the emulator."""
    made._client = _mineru_client(address)  # noqa: SLF001  (there is no other way)
    return made


def _langchain_mineru(*, split: bool = False) -> Client:
    def load(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        kind = import_module("langchain_mineru").MinerULoader
        waits = {"timeout": 30} if address.patience else {}
        made = kind(list(paths), mode="precision", token=address.key, split_pages=split, **waits)
        loaded.documents += _of_langchain(_with_client(made, address).load())

    name = "langchain-mineru" + (", split_pages=True" if split else "")
    setting = 'mode="precision"; no setting for the address: its client was replaced'
    return Client(name, "mineru", "langchain-mineru", "LangChain loader", ("langchain_mineru",), load, setting, one_by_one=True)


def split_pages() -> Client:
    """langchain-mineru with a job for each page, which is how its Documents know their page."""
    return _langchain_mineru(split=True)


def _llama_index_mineru() -> Client:
    def load(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        kind = import_module("llama_index.readers.mineru").MinerUReader
        waits = {"timeout": 30} if address.patience else {}
        made = kind(mode="precision", token=address.key, **waits)
        loaded.documents += _of_llama_index(_with_client(made, address).load_data(list(paths)))

    package, setting = "llama-index-readers-mineru", 'mode="precision"; no setting for the address: its client was replaced'
    modules = ("llama_index.readers.mineru",)
    return Client(package, "mineru", package, "LlamaIndex reader", modules, load, setting, one_by_one=True)


def _mineru() -> Client:
    def one_by_one(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        with _mineru_client(address) as client:
            for path in paths:
                _take(client.extract(path, **_wait(address)), loaded)

    def batch(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        with _mineru_client(address) as client:
            for at in range(0, len(paths), MOST):
                for found in client.extract_batch(list(paths[at : at + MOST]), **_wait(address)):
                    _take(found, loaded)

    package, setting = "mineru-open-sdk", "extract, one file after the other"
    batched = f"extract_batch, {MOST} files at a time"
    return Client(
        package, "mineru", package, "client", ("mineru",), one_by_one, setting, batch, batched, batch, batched, one_by_one=True
    )


def _take(found: Any, loaded: Loaded) -> None:
    """A result of MinerU's client, which says of itself whether it failed."""
    if found.state == "done":
        loaded.documents.append(Doc("", found.markdown or "", {}))
    else:
        loaded.failed.append(f"{found.filename}: {found.error}")


def _wait(address: Address) -> dict[str, int]:
    return {"timeout": 30} if address.patience else {}


# PaddleOCR.


def _langchain_paddleocr() -> Client:
    def load(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        kind = import_module("langchain_paddleocr").PaddleOCRVLLoader
        token = import_module("pydantic").SecretStr(address.key)
        loader = kind(list(paths), access_token=token, base_url=address.base_url, **_wait(address))
        loaded.documents += _of_langchain(loader.load())

    package, modules = "langchain-paddleocr", ("langchain_paddleocr",)
    return Client(package, "paddleocr", package, "LangChain loader", modules, load, "base_url=…", one_by_one=True)


def _paddleocr_part(name: str) -> Any:
    """A module of paddleocr's client, without the top of the package, which imports all of PaddleX."""
    spec = find_spec("paddleocr")
    assert spec is not None
    top = ModuleType("paddleocr")
    top.__spec__, top.__path__ = spec, list(spec.submodule_search_locations or ())
    sys.modules["paddleocr"] = top
    return import_module(f"paddleocr._api_client.{name}")


def _paddleocr_settings(address: Address) -> dict[str, Any]:
    waits = {"request_timeout": address.patience, "poll_timeout": 30.0} if address.patience else {}
    return {"token": address.key, "base_url": address.base_url, **waits}


def _paddleocr_doc(found: Any) -> Doc:
    return Doc("", "\n".join(page.markdown_text for page in found.pages), {})


def _paddleocr() -> Client:
    def one_by_one(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        with _paddleocr_part("client").PaddleOCRClient(**_paddleocr_settings(address)) as client:
            loaded.documents += [_paddleocr_doc(client.parse_document(file_path=path)) for path in paths]

    def gathered(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        asyncio.run(_gathered(address, paths, loaded))

    package, best = "paddleocr", "AsyncPaddleOCRClient, asyncio.gather"
    return Client(
        "paddleocr (its client)",
        "paddleocr",
        package,
        "client",
        (package,),
        one_by_one,
        "PaddleOCRClient, one file after the other",
        gathered,
        best,
        gathered,
        best,
        one_by_one=True,
    )


async def _gathered(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
    async with _paddleocr_part("async_client").AsyncPaddleOCRClient(**_paddleocr_settings(address)) as client:
        jobs = [client.parse_document(file_path=path) for path in paths]
        for path, found in zip(paths, await asyncio.gather(*jobs, return_exceptions=True), strict=True):
            if isinstance(found, BaseException):
                loaded.failed.append(f"{path}: {found}")
            else:
                loaded.documents.append(_paddleocr_doc(found))


# SoMark and SCNet.


def _somark() -> Client:
    def parse(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        waits = {"timeout": address.patience} if address.patience else {}
        with import_module("somark").SoMark(api_key=address.key, base_url=address.base_url, **waits) as client:
            if address.patience is None:
                found = client.parser.parse(list(paths), formats=["md"])
            else:  # what goes wrong between submit and result is about its jobs
                tasks = [client.parser.create(path, formats=["md"]) for path in paths]
                loaded.held += [task.id for task in tasks]
                found = [task.wait(poll_interval=0.2, timeout=30.0) for task in tasks]
            loaded.documents += [Doc("", one.md or "", {}) for one in found]

    def at_once(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        os.environ["SOMARK_PARSE_MAX_CONCURRENCY"] = str(len(paths))
        parse(address, paths, loaded)

    package, best = "somark", "SOMARK_PARSE_MAX_CONCURRENCY=files"
    setting = "parser.parse (faults: parser.create, wait)"
    return Client(package, package, package, "client", (package,), parse, setting, at_once, best, one_by_one=True)


def _scnet() -> Client:
    def one_by_one(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        tools = _scnet_tools(address)
        for path in paths:
            loaded.documents.append(_scnet_result(tools, _scnet_submit(tools, path, loaded)))

    def all_first(address: Address, paths: Sequence[str], loaded: Loaded) -> None:
        tools = _scnet_tools(address)
        tasks = [_scnet_submit(tools, path, loaded) for path in paths]
        loaded.documents += [_scnet_result(tools, task) for task in tasks]

    package, best = "scnet-document-parser", "all submits first, then all results"
    setting = "its three tools, one file after the other"
    modules = ("scnet_document_parser",)
    return Client(package, "scnet", package, "client", modules, one_by_one, setting, all_first, best, one_by_one=True)


def _scnet_tools(address: Address) -> Any:
    config, tools = import_module("scnet_document_parser.config"), import_module("scnet_document_parser.tools")
    waits = {"result_download_timeout_ms": int(address.patience * 1000)} if address.patience else {}
    return tools.DocumentParserTools(config.Settings(api_key=address.key, base_url=address.origin, **waits))


def _scnet_submit(tools: Any, path: str, loaded: Loaded) -> str:
    task = str(tools.submit_parse(tools.upload_file(path)["file_url"])["task_id"] or "")
    loaded.held += [task] if task else []
    return task


def _scnet_result(tools: Any, task: str) -> Doc:
    found = tools.get_parse_result(task, format="markdown", max_wait_seconds=30)
    if found["status"] != "completed":
        raise RuntimeError(f"{found['status']}: {found['error']}")
    return Doc("", str(found["result"]["markdown"]), {})


def best_of(client: Client) -> Client:
    """The same at its fastest."""
    return replace(client, load=client.best, setting=client.best_setting, one_by_one=False) if client.best else client
