"""PaddleOCR on AI Studio: PP-OCR, PP-StructureV3 and PaddleOCR-VL over one wire of asynchronous jobs."""

from docparse_loaders.vendors.paddleocr.options import PaddleOCR

__all__ = ["PaddleOCR"]
