"""Which options each family of models takes (AI Studio's API docs of the models, and the requests of PaddleX's server)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import JsonValue

Family = Literal["ocr", "structure", "vl"]

_PREFIXES: Mapping[str, Family] = MappingProxyType({"PP-OCR": "ocr", "PP-Structure": "structure", "PaddleOCR-VL": "vl"})

_ALL = "use_doc_orientation_classify use_doc_unwarping visualize log_id"
_DETECTION = (
    "use_textline_orientation text_det_limit_side_len text_det_limit_type text_det_thresh text_det_box_thresh "
    "text_det_unclip_ratio text_rec_score_thresh"
)
_LAYOUT = (
    "use_seal_recognition use_chart_recognition layout_threshold layout_nms layout_unclip_ratio layout_merge_bboxes_mode "
    "format_block_content markdown_ignore_labels prettify_markdown show_formula_number return_markdown_images output_formats"
)
_STRUCTURE = (
    "use_table_recognition use_formula_recognition use_region_detection seal_det_limit_side_len seal_det_limit_type "
    "seal_det_thresh seal_det_box_thresh seal_det_unclip_ratio seal_rec_score_thresh use_wired_table_cells_trans_to_html "
    "use_wireless_table_cells_trans_to_html use_table_orientation_classify use_ocr_results_with_table_cells "
    "use_e2e_wired_table_rec_model use_e2e_wireless_table_rec_model"
)
_VL = (
    "use_layout_detection use_ocr_for_image_block layout_shape_mode prompt_label merge_layout_blocks restructure_pages "
    "merge_tables relevel_titles repetition_penalty temperature top_p min_pixels max_pixels max_new_tokens vlm_extra_args"
)

OPTIONS: Mapping[Family, frozenset[str]] = MappingProxyType(
    {
        "ocr": frozenset(f"{_ALL} {_DETECTION} return_word_box".split()),
        "structure": frozenset(f"{_ALL} {_DETECTION} {_LAYOUT} {_STRUCTURE}".split()),
        "vl": frozenset(f"{_ALL} {_LAYOUT} {_VL}".split()),
    }
)
"""Family → the options that its models take, in snake_case."""

EVERY = frozenset().union(*OPTIONS.values())
"""All options of all families."""

DEFAULTS: Mapping[str, JsonValue] = MappingProxyType(
    {
        # Boxes of a page that was turned or flattened do not fit the source's page.
        "use_doc_orientation_classify": False,
        "use_doc_unwarping": False,
        # Cross-page tables and title levels come with this only.
        "restructure_pages": True,
        # Written out: title levels exist only as the number of "#", and pictures are named.
        "format_block_content": True,
        # Drawings of the boxes, which nobody reads here.
        "visualize": False,
    }
)
"""What is sent to a model of a known family unless the user says otherwise."""


def family_of(model: str) -> Family | None:
    """The family that a model's name says it belongs to; None for names of which nothing is known."""
    return next((family for prefix, family in _PREFIXES.items() if model.lower().startswith(prefix.lower())), None)


def takers(option: str) -> str:
    """In words, which models take an option."""
    names = {family: prefix for prefix, family in _PREFIXES.items()}
    return " and ".join(names[family] for family, options in OPTIONS.items() if option in options)
