"""Office files: converted to PDF by LibreOffice, in a folder and with a profile of its own.

No macro is run, no link is followed and nothing is fetched: the profile says so, and it names a proxy that does not exist.
"""

from types import MappingProxyType
from xml.sax.saxutils import escape

from pydantic import JsonValue

from docparse_loaders.vendors.local.faults import fault
from docparse_loaders.vendors.programs import FOLDER, Program, Tools
from docparse_loaders.vendors.readers import Object, as_float, as_text

PROGRAMS = (
    "soffice",
    "libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
)
_ZIP, _OLE, _RTF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OPEN_DOCUMENT_KEY = b"manifest:encryption-data"
_SECONDS = 120.0

_FILTERS = MappingProxyType(
    {
        ("text", _ZIP): "MS Word 2007 XML",
        ("text", _OLE): "MS Word 97",
        ("text", _RTF): "Rich Text Format",
        ("sheet", _ZIP): "Calc MS Excel 2007 XML",
        ("sheet", _OLE): "MS Excel 97",
        ("slides", _ZIP): "Impress MS PowerPoint 2007 XML",
        ("slides", _OLE): "MS PowerPoint 97",
    }
)
"""Kind of document and how its bytes begin → LibreOffice's filter. Left to itself, it takes what is damaged for plain text."""
_OPEN_DOCUMENT = MappingProxyType({"odt": "writer8", "ods": "calc8", "odp": "impress8"})
_SHEETS, _SLIDES = frozenset({"xlsx", "xls", "ods"}), frozenset({"pptx", "ppt", "odp"})

_SETTINGS = MappingProxyType(
    {
        ("Common/Security/Scripting", "MacroSecurityLevel"): "3",
        ("Common/Security/Scripting", "DisableMacrosExecution"): "true",
        ("Common/Security/Scripting", "DisableActiveContent"): "true",
        ("Common/Security/Scripting", "BlockUntrustedRefererLinks"): "true",
        ("Common/Save/Document", "CreateBackup"): "false",
        ("Writer/Content/Update", "Link"): "0",
        ("Calc/Content/Update", "Link"): "1",
        ("Common/Misc", "UseLocking"): "false",
        ("Common/Java/ApplicationPlugin", "Enable"): "false",
    }
)
"""Links are updated never (Writer counts from 0, Calc too, where 1 is never)."""
_PROXY = MappingProxyType(
    {
        "ooInetProxyType": "1",
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
        "ooInetFTPProxyName": "127.0.0.1",
        "ooInetFTPProxyPort": "9",
        "ooInetNoProxy": "",
    }
)


def converted(data: bytes, asked: Object, tools: Tools | None) -> bytes | JsonValue:
    """An office file as a PDF, or the fault for which there is none."""
    if not data:
        return fault("empty", "the file has no bytes.")
    suffix = as_text(asked.get("suffix")) or "docx"
    if (known := _filter(data, suffix)) is None:
        return fault("not_office", "the file is not an office document, whatever its name says.")
    if (data.startswith(_OLE) and _ENCRYPTED in data) or (data.startswith(_ZIP) and _OPEN_DOCUMENT_KEY in data):
        return fault("encrypted", "the file wants a password.")
    if tools is None:
        return fault("no_office", "office files are converted by LibreOffice, for which there is no place here.")
    ran = tools.run(_conversion(data, suffix, known, as_float(asked.get("office_timeout"))))
    if ran.fault == "missing":
        return fault("no_office", "office files are converted by LibreOffice, which is not installed.")
    if ran.fault == "timeout":
        return fault("office_timeout", f"LibreOffice took too long: {ran.message}.")
    if ran.fault or not ran.data.startswith(b"%PDF-"):
        return fault("office_failed", f"LibreOffice could not convert the file: {ran.message or 'it made no PDF'}.")
    return ran.data


def _filter(data: bytes, suffix: str) -> str | None:
    """The filter that reads the file, whatever of its kind it is: a .doc is often RTF, and sometimes a .docx."""
    start = next((magic for magic in (_ZIP, _OLE, _RTF) if data.startswith(magic)), b"")
    if start == _ZIP and suffix in _OPEN_DOCUMENT:
        return _OPEN_DOCUMENT[suffix]
    kind = "sheet" if suffix in _SHEETS else "slides" if suffix in _SLIDES else "text"
    return _FILTERS.get((kind, start))


def _conversion(data: bytes, suffix: str, known: str, seconds: float | None) -> Program:
    profile = f"-env:UserInstallation={FOLDER}/profile"
    quiet = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo")
    return Program(
        names=PROGRAMS,
        arguments=(profile, *quiet, f"--infilter={known}", "--convert-to", "pdf", "--outdir", "made", f"document.{suffix}"),
        files={f"document.{suffix}": data, "profile/user/registrymodifications.xcu": _profile()},
        result="made/document.pdf",
        seconds=seconds or _SECONDS,
    )


def _profile() -> bytes:
    items = [_item(f"/org.openoffice.Office.{path}", name, value) for (path, name), value in _SETTINGS.items()]
    items += [_item("/org.openoffice.Inet/Settings", name, value) for name, value in _PROXY.items()]
    schemas = 'xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<oor:items {schemas}>{"".join(items)}</oor:items>'.encode()


def _item(path: str, name: str, value: str) -> str:
    prop = f'<prop oor:name="{name}" oor:op="fuse"><value>{escape(value)}</value></prop>'
    return f'<item oor:path="{path}">{prop}</item>'
