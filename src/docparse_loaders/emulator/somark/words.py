"""SoMark's vocabulary as its API docs list it: fields, values, codes, types, limits. Data only."""

from collections.abc import Mapping
from types import MappingProxyType

from docparse_loaders.model import Kind

MAX_BYTES = 200 * 1024 * 1024
MAX_PAGES = 300
FREE_PAGES_A_DAY, FREE_PAGES_A_MONTH = 500, 2000

OUTPUTS = ("markdown", "json", "zip")
DEFAULT_OUTPUTS = ("markdown", "json")

ELEMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "image": ("url", "base64", "file", "none"),
        "formula": ("latex", "mathml", "ascii"),
        "table": ("html", "markdown", "image"),
        "cs": ("image",),
    }
)
"""Option of `element_formats` → its values, the default first."""

FEATURES: Mapping[str, bool] = MappingProxyType(
    {
        "enable_text_cross_page": False,
        "enable_table_cross_page": False,
        "enable_title_level_recognition": False,
        "enable_inline_image": True,
        "enable_table_image": True,
        "enable_image_understanding": True,
        "keep_header_footer": False,
    }
)
"""Option of `feature_config` → its default."""

CODES: Mapping[int, str] = MappingProxyType(
    {
        1101: "Too many requests",
        1102: "Parse timed out",
        1104: "Unsupported file type",
        1105: "Invalid parameter",
        1106: "PDF file is invalid or damaged",
        1107: "Invalid API key",
        1108: "No balance or no plan",
        1111: "File not found",
        1118: "File is larger than 200 MB",
        1120: "API error",
        1123: "Not enough pages left",
        1124: "QPS limit exceeded",
        1132: "File exceeds 200 MB or 300 pages",
        1133: "Invalid parameter",
        1137: "Parse failed",
        1138: "API error",
        2000: "Invalid params",
    }
)

TYPES: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        "title": ("title", "Title"),
        "text": ("text", "Text"),
        "list": ("text", "Text"),
        "table": ("table", "Table"),
        "figure": ("figure", "Picture"),
        "chart": ("figure", "Picture"),
        "caption": ("figure_caption", "Caption"),
        "equation": ("equation", "Formula"),
        "code": ("code", "Code Block"),
        "seal": ("stamp", "Stamp"),
        "toc": ("cate", "Text"),
        "reference": ("reference", "Text"),
        "header": ("header", "Page-header"),
        "footer": ("footer", "Page-footer"),
        "page_number": ("footer", "Page-footer"),
        "footnote": ("footnote", "Footnote"),
        "aside": ("sider", "Text"),
        "other": ("text", "Text"),
    }
)
"""Our kind → the hosted service's type, and the self-hosted server's."""

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_BRANDED = b"ftyp"

SUFFIXES: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {
        ".pdf": (b"%PDF-",),
        ".png": (b"\x89PNG\r\n\x1a\n",),
        ".jpg": (b"\xff\xd8\xff",),
        ".jpeg": (b"\xff\xd8\xff",),
        ".bmp": (b"BM",),
        ".dib": (b"BM", b"\x28\x00\x00\x00"),
        ".tiff": (b"II", b"MM"),
        ".jp2": (b"\x00\x00\x00\x0cjP", b"\xff\x4f\xff\x51"),
        ".ppm": (b"P3", b"P6"),
        ".pgm": (b"P2", b"P5"),
        ".pbm": (b"P1", b"P4"),
        ".gif": (b"GIF8",),
        ".heic": (_BRANDED,),
        ".heif": (_BRANDED,),
        ".webp": (b"RIFF",),
        ".xpm": (b"/* XPM",),
        ".tga": (),
        ".dds": (b"DDS ",),
        ".xbm": (b"#define",),
        ".doc": (_OLE,),
        ".ppt": (_OLE,),
        ".xls": (_OLE,),
        ".docx": (_ZIP,),
        ".pptx": (_ZIP,),
        ".xlsx": (_ZIP,),
        ".xlsm": (_ZIP,),
    }
)
"""File suffix → how such a file may begin; nothing means that the format has no signature."""
