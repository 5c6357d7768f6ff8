"""SoMark: somark.cn, somark.tech, somark.ai and private deployments, all over one wire."""

from docparse_loaders.vendors.somark.options import ElementFormats, SoMark

__all__ = ["ElementFormats", "SoMark"]
