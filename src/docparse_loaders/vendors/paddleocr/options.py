"""PaddleOCR's options under its own names, and the payload that they become."""

import re
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from docparse_loaders.errors import ConfigError, UnknownOption
from docparse_loaders.vendors.config import RemoteConfig
from docparse_loaders.vendors.paddleocr.families import DEFAULTS, EVERY, OPTIONS, family_of, takers


def _no_switch(value: Any) -> Any:
    """True is a number to Python and none to PaddleOCR."""
    if isinstance(value, bool):
        raise ValueError("should be a number")
    return value


_NUMBER = BeforeValidator(_no_switch)
MergeMode = Literal["large", "small", "union"]
Share = Annotated[float, _NUMBER, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, _NUMBER, Field(gt=0.0, allow_inf_nan=False)]
FromZero = Annotated[float, _NUMBER, Field(ge=0.0, allow_inf_nan=False)]
Ratio = Positive | tuple[Positive, Positive]
Count = Annotated[int, _NUMBER, Field(gt=0)]


class PaddleOCR(RemoteConfig):
    """Options of PaddleOCR's jobs on AI Studio.

    Key and endpoint default to `PADDLEOCR_ACCESS_TOKEN` and `PADDLEOCR_BASE_URL`; the endpoint is the host alone. `model`
    is "PaddleOCR-VL-1.6", "PaddleOCR-VL-1.5", "PaddleOCR-VL", "PP-StructureV3", "PP-OCRv6", "PP-OCRv5" or any other name,
    which is sent as it is. The default is the newest one that the page on asynchronous jobs names; PaddleOCR's own SDK (3.7)
    sends 1.6, which that page does not know. An option that the model's family does not take is refused (`UnknownOption`);
    one that is None is not sent, and the service decides. `restructure_pages` and `format_block_content` are on and
    `visualize` is off where the family has them; so are `use_doc_orientation_classify` and `use_doc_unwarping`, because boxes
    then fit the source's pages. `infer_links` joins what PaddleOCR does not join itself over pages where it plainly goes on:
    its models join tables, but not paragraphs.
    `batch_id` names a batch of your own; several documents parsed at once are put into one without it, too.
    `extra_options` become further fields of `optionalPayload`.
    """

    wire: ClassVar[str] = "docparse_loaders.vendors.paddleocr.wire:PaddleOCRVendor"
    key_env: ClassVar[str] = "PADDLEOCR_ACCESS_TOKEN"
    url_env: ClassVar[str] = "PADDLEOCR_BASE_URL"
    default_url: ClassVar[str] = "https://paddleocr.aistudio-app.com"
    unseen: ClassVar[frozenset[str]] = RemoteConfig.unseen | {"batch_id", "log_id"}

    model: str = Field(default="PaddleOCR-VL-1.5", min_length=1)
    batch_id: str | None = Field(default=None, min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.:-]+$")
    infer_links: bool = True

    # Every family
    use_doc_orientation_classify: bool | None = None
    use_doc_unwarping: bool | None = None
    visualize: bool | None = None
    log_id: str | None = None

    # PP-OCR and PP-Structure
    use_textline_orientation: bool | None = None
    text_det_limit_side_len: Count | None = None
    text_det_limit_type: Literal["min", "max"] | None = None
    text_det_thresh: Positive | None = None
    text_det_box_thresh: Positive | None = None
    text_det_unclip_ratio: Positive | None = None
    text_rec_score_thresh: Share | None = None

    # PP-OCR
    return_word_box: bool | None = None

    # PP-Structure and PaddleOCR-VL
    use_seal_recognition: bool | None = None
    use_chart_recognition: bool | None = None
    layout_threshold: Share | dict[str, Share] | None = None
    layout_nms: bool | None = None
    layout_unclip_ratio: Ratio | dict[str, Ratio] | None = None
    layout_merge_bboxes_mode: MergeMode | dict[str, MergeMode] | None = None
    format_block_content: bool | None = None
    markdown_ignore_labels: tuple[str, ...] | None = None
    prettify_markdown: bool | None = None
    show_formula_number: bool | None = None
    return_markdown_images: bool | None = None
    output_formats: tuple[Literal["docx"], ...] | None = None

    # PP-Structure
    use_table_recognition: bool | None = None
    use_formula_recognition: bool | None = None
    use_region_detection: bool | None = None
    seal_det_limit_side_len: Count | None = None
    seal_det_limit_type: Literal["min", "max"] | None = None
    seal_det_thresh: Positive | None = None
    seal_det_box_thresh: Positive | None = None
    seal_det_unclip_ratio: Positive | None = None
    seal_rec_score_thresh: Share | None = None
    use_wired_table_cells_trans_to_html: bool | None = None
    use_wireless_table_cells_trans_to_html: bool | None = None
    use_table_orientation_classify: bool | None = None
    use_ocr_results_with_table_cells: bool | None = None
    use_e2e_wired_table_rec_model: bool | None = None
    use_e2e_wireless_table_rec_model: bool | None = None

    # PaddleOCR-VL
    use_layout_detection: bool | None = None
    use_ocr_for_image_block: bool | None = None
    layout_shape_mode: Literal["rect", "quad", "poly", "auto"] | None = None
    prompt_label: Literal["ocr", "formula", "table", "chart", "seal", "spotting"] | None = None
    merge_layout_blocks: bool | None = None
    restructure_pages: bool | None = None
    merge_tables: bool | None = None
    relevel_titles: bool | None = None
    repetition_penalty: Positive | None = None
    temperature: FromZero | None = None
    top_p: Annotated[Share, Field(gt=0.0)] | None = None
    min_pixels: Count | None = None
    max_pixels: Count | None = None
    max_new_tokens: Count | None = None
    vlm_extra_args: dict[str, JsonValue] | None = None

    @classmethod
    def rooted(cls, url: str) -> str:
        """The host alone; the docs' samples and some clients write the address with the paths."""
        return re.sub(r"/api/v2/ocr(?:/jobs)?$", "", url)

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        family = family_of(str(given.get("model", cls.model_fields["model"].default)))
        taken = OPTIONS[family] if family else frozenset()
        return {**{name: value for name, value in DEFAULTS.items() if name in taken}, **given}

    @model_validator(mode="after")
    def _of_its_family(self) -> Self:
        family = family_of(self.model)
        for name in EVERY - (OPTIONS[family] if family else EVERY):
            if getattr(self, name) is not None:
                raise _foreign(name, self.model, OPTIONS[family] if family else EVERY)
        return self

    @model_validator(mode="after")
    def _of_some_size(self) -> Self:
        if self.min_pixels is not None and self.max_pixels is not None and self.min_pixels > self.max_pixels:
            said = f"PaddleOCR(min_pixels={self.min_pixels}) is more than max_pixels={self.max_pixels}."
            raise ConfigError(said, hint="No picture has such a size.")
        return self

    def payload(self) -> dict[str, JsonValue]:
        """The `optionalPayload` of a submit, under PaddleOCR's names."""
        options = self.model_dump(mode="json", include=set(EVERY), exclude_none=True)
        return {**{_camel(name): value for name, value in options.items()}, **self.extra_options}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _foreign(name: str, model: str, known: frozenset[str]) -> UnknownOption:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return UnknownOption(
        f"{model} has no option {name!r}.",
        hint=f"{hint}{takers(name)} models take it; anything else goes into extra_options={{…}}.",
    )
