"""The zip of a result, in the layouts that services and releases have."""

import io
import json
import zipfile
from typing import Any

from docparse_loaders.emulator.mineru import tree, tree4
from docparse_loaders.emulator.mineru.lists import content_list, content_list_v2, markdown
from docparse_loaders.emulator.mineru.paper import Paper


def files_of(paper: Paper, job_id: str, total: int, *, page_tree: bool = True, lists: bool = True) -> dict[str, bytes]:
    """Every file of a result by its name, as the hosted service has them."""
    files: dict[str, bytes] = {"full.md": markdown(paper).encode()}
    new = paper.release == "4.x"
    if page_tree:
        made = tree4.tree(paper, total) if new else tree.tree(paper)
        files["middle_json.json" if new else "layout.json"] = _json(made)
    if lists:
        files["content_list.json" if new else f"{job_id}_content_list.json"] = _json(content_list(paper))
        if paper.backend == "vlm" and not new:
            files["content_list_v2.json"] = _json(content_list_v2(paper))
    return files | {f"images/{name}": data for name, data in paper.images.items()}


def packed(files: dict[str, bytes], *, stem: str, backend: str, nested: bool) -> bytes:
    """All files in one archive; `nested` as the self-hosted service packs them, in folders and under the document's name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items():
            target.writestr(_nested(name, stem, backend) if nested else name, data)
    return archive.getvalue()


def _nested(name: str, stem: str, backend: str) -> str:
    folder = f"{stem}/{'auto' if backend == 'pipeline' else 'vlm'}"
    known = {
        "full.md": f"{stem}.md",
        "layout.json": f"{stem}_middle.json",
        "content_list_v2.json": f"{stem}_content_list_v2.json",
    }
    if name.endswith("_content_list.json"):
        return f"{folder}/{stem}_content_list.json"
    return f"{folder}/{known.get(name, name)}"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
