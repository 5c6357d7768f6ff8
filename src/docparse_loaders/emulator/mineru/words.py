"""The vocabulary of Parse4AI's and MinerU's API docs: fields, values, codes, limits, types of blocks. Data only."""

from collections.abc import Mapping
from types import MappingProxyType

from docparse_loaders.model import Kind

MAX_BYTES = 200 * 1024 * 1024
MAX_PAGES = 600
MAX_BATCH: Mapping[str, int] = MappingProxyType({"parse4ai": 200, "mineru": 50})

LANGUAGE, EXTRA_FORMATS = "ch", frozenset({"docx", "html", "latex"})
MODELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"parse4ai": ("pipeline", "vlm"), "mineru": ("pipeline", "vlm", "MinerU-HTML")}
)

CODES: Mapping[str, str] = MappingProxyType(
    {
        "-20002": "Token 错误",
        "-20011": "Token 过期",
        "A0202": "user authentication failed",
        "A0211": "token expired",
        "-500": "传参错误",
        "-10001": "服务异常",
        "-10002": "请求参数错误",
        "-60001": "生成上传 URL 失败",
        "-60002": "获取匹配的文件格式失败",
        "-60003": "文件读取失败",
        "-60004": "空文件",
        "-60005": "文件大小超出限制",
        "-60006": "文件页数超过限制",
        "-60007": "模型服务暂时不可用",
        "-60008": "文件读取超时",
        "-60009": "任务提交队列已满",
        "-60010": "解析失败",
        "-60011": "获取有效文件失败",
        "-60012": "找不到任务",
        "-60013": "没有权限访问该任务",
        "-60014": "运行中的任务暂不支持删除",
        "-60015": "文件转换失败",
        "-60016": "文件转换为指定格式失败",
        "-60017": "页码余额不足",
        "-60018": "每日解析任务数量已达上限",
        "-60019": "html 文件解析额度不足",
        "-60022": "网页读取失败",
        "-30001": "文件大小超出限制",
        "-30002": "不支持的文件类型",
        "-30003": "文件页数超过限制",
        "-30004": "请求参数错误",
    }
)
"""Code → what the docs say with it. The four of the token-less API are there to be asked for only."""

AUTH: Mapping[str, str] = MappingProxyType({"-20002": "A0202", "-20011": "A0211"})
"""What mineru.net's gateway says for the codes about keys."""

STATES: Mapping[str, str] = MappingProxyType(
    {"queuing": "pending", "processing": "running", "success": "done", "failed": "failed", "unknown": "postprocessing"}
)

TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        "title": "title",
        "text": "text",
        "list": "list",
        "table": "table",
        "figure": "image",
        "chart": "chart",
        "caption": "caption",
        "equation": "interline_equation",
        "code": "code",
        "seal": "seal",
        "toc": "index",
        "reference": "ref_text",
        "header": "header",
        "footer": "footer",
        "page_number": "page_number",
        "footnote": "page_footnote",
        "aside": "aside_text",
        "other": "text",
    }
)
"""Our kind → the type of a block in the page tree of MinerU 3.x."""

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"

SUFFIXES: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {
        ".pdf": (b"%PDF-",),
        ".png": (b"\x89PNG\r\n\x1a\n",),
        ".jpg": (b"\xff\xd8\xff",),
        ".jpeg": (b"\xff\xd8\xff",),
        ".doc": (_OLE,),
        ".ppt": (_OLE,),
        ".docx": (_ZIP,),
        ".pptx": (_ZIP,),
    }
)
"""File suffix → how such a file begins. Web pages are for the model MinerU-HTML only."""

WEB = frozenset({".html", ".htm"})
