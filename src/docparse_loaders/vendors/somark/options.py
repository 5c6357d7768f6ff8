"""SoMark's options under its own names, and the form fields that they become."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator
from pydantic_core import to_json

from docparse_loaders.vendors.config import RemoteConfig

OutputFormat = Literal["markdown", "json", "zip"]


class ElementFormats(BaseModel):
    """How SoMark writes pictures, formulas, tables and chemical structures (`element_formats` of its API)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: Literal["url", "base64", "file", "none"] = "url"
    formula: Literal["latex", "mathml", "ascii"] = "latex"
    table: Literal["html", "markdown", "image"] = "html"
    cs: Literal["image", "smiles"] = "image"


class SoMark(RemoteConfig):
    """Options of SoMark. Without a key the field is left out, as private deployments want it.

    Key and endpoint default to `SOMARK_API_KEY` and `SOMARK_BASE_URL`; the endpoint includes `/api/v1`. Title levels and
    both cross-page features are on here, because chunks need them; the service itself has them off. `extra_options` become
    further form fields; one named `feature_config` or `element_formats` is merged into ours.
    """

    wire: ClassVar[str] = "docparse_loaders.vendors.somark.wire:SoMarkVendor"
    key_env: ClassVar[str] = "SOMARK_API_KEY"
    url_env: ClassVar[str] = "SOMARK_BASE_URL"
    default_url: ClassVar[str] = "https://somark.cn/api/v1"

    output_formats: tuple[OutputFormat, ...] = ("json",)
    element_formats: ElementFormats = Field(default_factory=ElementFormats)
    enable_text_cross_page: bool = True
    enable_table_cross_page: bool = True
    enable_title_level_recognition: bool = True
    enable_inline_image: bool = False
    enable_table_image: bool = True
    enable_image_understanding: bool = True
    keep_header_footer: bool = True

    @field_validator("output_formats")
    @classmethod
    def _has_json(cls, formats: tuple[OutputFormat, ...]) -> tuple[OutputFormat, ...]:
        if "json" not in formats:
            message = "must contain 'json': pages and boxes come from it"
            raise ValueError(message)
        return formats

    def form(self) -> Iterator[tuple[str, str]]:
        """The text fields of a submit. `feature_config` is always whole, because its defaults differ between the hosts."""
        extra = dict(self.extra_options)
        for output in self.output_formats:
            yield "output_formats", output
        yield "element_formats", _merged(self.element_formats.model_dump(), extra.pop("element_formats", None))
        yield "feature_config", _merged(self._features(), extra.pop("feature_config", None))
        for name, value in extra.items():
            yield name, value if isinstance(value, str) else to_json(value).decode()

    def _features(self) -> dict[str, JsonValue]:
        return {
            "enable_text_cross_page": self.enable_text_cross_page,
            "enable_table_cross_page": self.enable_table_cross_page,
            "enable_title_level_recognition": self.enable_title_level_recognition,
            "enable_inline_image": self.enable_inline_image,
            "enable_table_image": self.enable_table_image,
            "enable_image_understanding": self.enable_image_understanding,
            "keep_header_footer": self.keep_header_footer,
        }


def _merged(ours: dict[str, JsonValue], extra: JsonValue | None) -> str:
    return to_json({**ours, **extra} if isinstance(extra, dict) else ours).decode()
