"""Options of both services under the names of MinerU's API v4, and the request bodies that they become."""

import re
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from docparse_loaders.vendors.config import RemoteConfig, StagedConfig

ExtraFormat = Literal["docx", "html", "latex"]
Images = Literal["file", "base64"]

_SEED = re.compile(r"[A-Za-z0-9_]{1,64}")
_OURS = frozenset({"url", "files", "data_id", "dataId", "page_ranges", "pageRanges"})
_LIMITED = "when callback is given, seed must be, too: 1 to 64 letters, digits and underscores"


class _Options(RemoteConfig):
    """What both services take."""

    unseen: ClassVar[frozenset[str]] = RemoteConfig.unseen | {"callback", "seed"}

    is_ocr: bool = False
    enable_formula: bool = True
    enable_table: bool = True
    language: str = "ch"
    extra_formats: tuple[ExtraFormat, ...] = ()
    callback: str | None = None
    seed: str | None = None
    images: Images = "file"
    infer_links: bool = True

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.callback is not None and not _SEED.fullmatch(self.seed or ""):
            raise ValueError(_LIMITED)
        return self

    @field_validator("extra_options")
    @classmethod
    def _leaves_the_document_alone(cls, extra: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if taken := sorted(_OURS & extra.keys()):
            message = f"{', '.join(taken)} is made for each document, whose result would not be found by another: leave it out"
            raise ValueError(message)
        return extra

    def common(self) -> dict[str, JsonValue]:
        """The part of a request that is the same for all documents."""
        body: dict[str, JsonValue] = {
            "enable_formula": self.enable_formula,
            "enable_table": self.enable_table,
            "language": self.language,
        }
        body |= {} if self.callback is None else {"callback": self.callback, "seed": self.seed}
        body |= {"extra_formats": list(self.extra_formats)} if self.extra_formats else {}
        return body | self.extra_options


class Parse4AI(_Options, StagedConfig):
    """Options of Parse4AI, which fetches documents from addresses and takes no uploads.

    Key and endpoint default to `PARSE4AI_API_KEY` and `PARSE4AI_BASE_URL`; the endpoint ends in `/api`. A local file goes
    through `staging`: it is put into storage of your own, and its signed link is submitted. `is_ocr`, `enable_formula`,
    `enable_table` and `language` count for the model "pipeline" only. With `callback` the service also POSTs the outcome,
    signed with `seed`: see `verify_callback`. `images="base64"` puts figures, charts and seals into the document; otherwise
    they are named as the result's archive names them. `infer_links` joins text and tables over pages where it is plain that
    they go on and the result does not say so. `extra_options` become further fields of the request.
    """

    unseen: ClassVar[frozenset[str]] = StagedConfig.unseen | {"callback", "seed"}
    wire: ClassVar[str] = "docparse_loaders.vendors.mineru.wire:Parse4AIVendor"
    key_env: ClassVar[str] = "PARSE4AI_API_KEY"
    url_env: ClassVar[str] = "PARSE4AI_BASE_URL"
    default_url: ClassVar[str] = "http://8.148.69.123:8088/api"

    model_version: Literal["pipeline", "vlm"] = "pipeline"

    @classmethod
    def rooted(cls, url: str) -> str:
        """Without the version, which is part of the paths; its docs write the base both with and without it."""
        return url.removesuffix("/v1")

    def common(self) -> dict[str, JsonValue]:
        """With the model."""
        return {"model_version": self.model_version, **super().common()}


class MinerU(_Options):
    """Options of mineru.net (API v4), which takes uploads and addresses.

    Key and endpoint default to `MINERU_TOKEN` and `MINERU_BASE_URL`; the endpoint ends in `/api/v4`. The model
    "MinerU-HTML" is for web pages. `no_cache` makes the service fetch an address anew, `cache_tolerance` (seconds) is how old
    its copy may be. All else is as for `Parse4AI`, apart from `staging`.
    """

    wire: ClassVar[str] = "docparse_loaders.vendors.mineru.wire:MinerUVendor"
    key_env: ClassVar[str] = "MINERU_TOKEN"
    url_env: ClassVar[str] = "MINERU_BASE_URL"
    default_url: ClassVar[str] = "https://mineru.net/api/v4"

    model_version: Literal["pipeline", "vlm", "MinerU-HTML"] = "pipeline"
    no_cache: bool | None = None
    cache_tolerance: int | None = Field(default=None, ge=0)

    def common(self) -> dict[str, JsonValue]:
        """With the model and what concerns its cache."""
        body: dict[str, Any] = {"no_cache": self.no_cache, "cache_tolerance": self.cache_tolerance}
        named = {name: value for name, value in body.items() if value is not None}
        return {"model_version": self.model_version, **named, **super().common()}
