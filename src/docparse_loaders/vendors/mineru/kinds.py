"""MinerU's words for what stands on a page, of every release and every file of its result, in our vocabulary."""

from collections.abc import Mapping
from types import MappingProxyType

from docparse_loaders.model import Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "text": "text",
        "paragraph": "text",
        "abstract": "text",
        "phonetic": "text",
        "vertical_text": "text",
        "formula_number": "equation",
        "title": "title",
        "doc_title": "title",
        "paragraph_title": "title",
        "list": "list",
        "table": "table",
        "table_body": "table",
        "image": "figure",
        "image_body": "figure",
        "chart": "chart",
        "chart_body": "chart",
        "caption": "caption",
        "image_caption": "caption",
        "table_caption": "caption",
        "chart_caption": "caption",
        "code_caption": "caption",
        "algorithm_caption": "caption",
        # A note under a table or picture belongs to it as its caption does; those of the page are `page_footnote`.
        "footnote": "caption",
        "image_footnote": "caption",
        "table_footnote": "caption",
        "chart_footnote": "caption",
        "code_footnote": "caption",
        "algorithm_footnote": "caption",
        "equation": "equation",
        "interline_equation": "equation",
        "equation_interline": "equation",
        "code": "code",
        "code_body": "code",
        "algorithm": "code",
        "algorithm_body": "code",
        "seal": "seal",
        "index": "toc",
        "ref_text": "reference",
        "header": "header",
        "header_image": "header",
        "page_header": "header",
        "footer": "footer",
        "footer_image": "footer",
        "page_footer": "footer",
        "page_number": "page_number",
        "aside_text": "aside",
        "page_aside_text": "aside",
        "page_footnote": "footnote",
    }
)
"""Type of a block in `layout.json`, `content_list.json` or `content_list_v2.json` → our kind.

`discarded` of MinerU 2.x is all furniture in one: see `furniture.told_apart`.
"""

REFERENCES = frozenset({"ref_text", "reference_list"})
"""What a list says of itself when its items are references."""

DISCARDED = "discarded"


def kind_of(label: str) -> Kind:
    """Our kind for one of MinerU's types; `other` for one that is not documented."""
    return KINDS.get(label) or KINDS.get(label.strip().lower().replace("-", "_"), "other")
