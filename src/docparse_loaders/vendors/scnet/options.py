"""SCNet's options under its own names, and the fields of a submit that they become."""

from typing import ClassVar, Literal

from pydantic import JsonValue

from docparse_loaders.vendors.config import RemoteConfig

_PATH = "/api/llm/v1"
_SLASHES = len("//")


class SCNet(RemoteConfig):
    """Options of SCNet's document service.

    Key and endpoint default to `SCNET_API_KEY` and `SCNET_BASE_URL`; the endpoint ends in `/api/llm/v1`, which is added to an
    address that is only a host. An option that is None is not sent, and the service decides. `infer_links` joins
    paragraphs and tables over pages where it is plain that they go on, because SCNet says nothing of it. `extra_options`
    become further fields of the request, such as `pageIndex`, whose counting SCNet's clients describe in different ways.
    """

    wire: ClassVar[str] = "docparse_loaders.vendors.scnet.wire:SCNetVendor"
    key_env: ClassVar[str] = "SCNET_API_KEY"
    url_env: ClassVar[str] = "SCNET_BASE_URL"
    default_url: ClassVar[str] = "https://api.scnet.cn/api/llm/v1"

    ocr_type: Literal["DOC_PARING"] = "DOC_PARING"
    is_table_cls: bool | None = None
    is_doc_ori: bool | None = None
    enforce_seal: bool | None = None
    is_inline_formula: bool | None = None
    infer_links: bool = True

    @classmethod
    def rooted(cls, url: str) -> str:
        """With the path; SCNet's own client is given the host alone."""
        return f"{url}{_PATH}" if url.count("/") == _SLASHES else url

    def order(self) -> dict[str, JsonValue]:
        """What a submit says besides the address.

        The page documents `ocr_type`. The rest is spelled as the published client sends it in JSON, which the service is
        known to take: in camel case, with its `enfoceSeal`.
        """
        named: dict[str, JsonValue] = {
            "isTableCls": self.is_table_cls,
            "isDocOri": self.is_doc_ori,
            "enfoceSeal": self.enforce_seal,
            "isInlineFormula": self.is_inline_formula,
        }
        given = {name: value for name, value in named.items() if value is not None}
        return {"ocr_type": self.ocr_type, **given, **self.extra_options}
