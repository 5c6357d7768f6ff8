"""The options of the local vendor."""

from typing import ClassVar, Literal

from pydantic import Field, JsonValue, field_validator

from docparse_loaders.vendors.config import VendorConfig


class Local(VendorConfig):
    """Options of the local vendor: it needs neither key nor endpoint.

    `furniture` recognises repeated headers, footers and page numbers; `drawings` finds charts and diagrams among vector
    graphics; `infer_links` joins paragraphs and tables over pages where it is plain that they go on; `images` keeps the
    bytes of embedded pictures, in base64. `isolated` runs LiteParse in a process of its own, which costs about 0.1 s a
    file, because a damaged PDF can crash it.
    `ocr` reads pages that have no text layer (auto), none (never) or every page (always), with the extra `ocr`; it may take
    `ocr_timeout` seconds a page. Office files are converted by LibreOffice, which may take `office_timeout` seconds.
    `extra_options` become arguments of `LiteParse(…)`.
    There is no option for a password, because options are stored with a job.
    """

    wire: ClassVar[str] = "docparse_loaders.vendors.local.wire:LocalVendor"

    furniture: bool = True
    drawings: bool = True
    infer_links: bool = True
    images: bool = False
    ocr: Literal["auto", "never", "always"] = "auto"
    ocr_timeout: float = Field(default=60.0, gt=0, exclude=True)
    office_timeout: float = Field(default=120.0, gt=0, exclude=True)
    isolated: bool = Field(default=True, exclude=True)

    @field_validator("extra_options")
    @classmethod
    def _keeps_no_secret(cls, extra: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if "password" in extra:
            message = "passwords are not taken, because options are stored with a job: remove it from the file first"
            raise ValueError(message)
        return extra

    def request(self) -> dict[str, JsonValue]:
        """What `work.parse` and `decode` are told."""
        return {
            "furniture": self.furniture,
            "drawings": self.drawings,
            "infer_links": self.infer_links,
            "images": self.images,
            "isolated": self.isolated,
            "ocr": self.ocr,
            "ocr_timeout": self.ocr_timeout,
            "office_timeout": self.office_timeout,
            "liteparse": dict(self.extra_options),
        }
