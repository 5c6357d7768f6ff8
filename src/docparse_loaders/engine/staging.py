"""Documents put into the user's own storage, for vendors that take an address and no upload."""

import shutil
from functools import partial
from typing import Any

import anyio.to_thread

from docparse_loaders.engine.endpoint import Stage
from docparse_loaders.errors import ConfigError, DocParseError, EndpointUnreachable, MissingExtra
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Reply, Staging


async def stage(target: Staging, to: Stage | None, source: Source) -> Reply:
    """Put the document there, unless it is there, and answer with a signed link to it.

    Raises `ConfigError` if that storage cannot sign links, `MissingExtra` without its package, and `EndpointUnreachable`
    if it does not take the file.
    """
    if to is None:
        raise ConfigError("there is no storage to put the file in.", hint='Set staging="s3://bucket/prefix".')
    work = partial(_staged, target.name, to, source)
    return Reply(200, json={"url": await anyio.to_thread.run_sync(work, abandon_on_cancel=True)})


def _staged(name: str, to: Stage, source: Source) -> str:
    fs, folder = _opened(to)
    path = f"{folder.rstrip('/')}/{name}"
    try:
        if not _is_there(fs, path, source.facts.size):
            with source.open() as document, fs.open(path, "wb") as place:
                shutil.copyfileobj(document, place, 1 << 20)
        return str(fs.sign(path, expiration=to.seconds))
    except NotImplementedError:
        kind = to.folder.partition("://")[0]
        raise ConfigError(
            f"{kind}:// cannot sign links.", hint="Use storage that can, such as s3://, gs:// or abfs://."
        ) from None
    except DocParseError:
        raise
    except Exception as error:  # whatever the library of that storage raises; it has no common root
        hint = "Check staging=, its permissions and staging_options=."
        raise EndpointUnreachable(f"{to.folder} did not take the file ({type(error).__name__}: {error}).", hint=hint) from error


def _opened(to: Stage) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs

        fs, folder = url_to_fs(to.folder, **to.options)
    except ImportError as error:
        hint = 'pip install "docparse-loaders[s3]" for s3://, or the fsspec package of that storage.'
        raise MissingExtra(f"{to.folder} cannot be opened: {error}.", hint=hint) from None
    except ValueError as error:
        raise ConfigError(
            f"staging={to.folder!r} is not storage: {error}.", hint='It looks like "s3://bucket/prefix".'
        ) from None
    return fs, str(folder)


def _is_there(fs: Any, path: str, size: int) -> bool:
    """Whether it was put there before: the name is the hash of the content, so the same size means the same file."""
    try:
        return bool(fs.info(path)["size"] == size)
    except FileNotFoundError:
        return False
