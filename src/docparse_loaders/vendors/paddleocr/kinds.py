"""PaddleOCR's labels in our vocabulary: those of its layout models, and those that only its post-processing knows."""

from collections.abc import Mapping
from types import MappingProxyType

from docparse_loaders.model import Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "doc_title": "title",
        "paragraph_title": "title",
        "abstract_title": "title",
        "text": "text",
        "abstract": "text",
        "vertical_text": "text",
        "ocr": "text",
        "spotting": "text",
        "table": "table",
        "image": "figure",
        "figure": "figure",
        "flowchart": "figure",
        "chart": "chart",
        "figure_title": "caption",
        "table_title": "caption",
        "chart_title": "caption",
        "figure_table_chart_title": "caption",
        "vision_footnote": "caption",
        "display_formula": "equation",
        "inline_formula": "equation",
        "formula": "equation",
        "formula_number": "equation",
        "algorithm": "code",
        "seal": "seal",
        "content": "toc",
        "content_title": "toc",
        "reference": "reference",
        "reference_content": "reference",
        "reference_title": "reference",
        "header": "header",
        "header_image": "header",
        "footer": "footer",
        "footer_image": "footer",
        "number": "page_number",
        "footnote": "footnote",
        "aside_text": "aside",
    }
)
"""Label → kind. `content` is the table of contents, `figure_title` the caption of figures and of tables."""


def kind_of(label: str) -> Kind:
    """The kind of a label, also of one in capitals or with blanks; `other` for those that are not known."""
    return KINDS.get(label) or KINDS.get(label.strip().lower().replace("-", "_").replace(" ", "_"), "other")
