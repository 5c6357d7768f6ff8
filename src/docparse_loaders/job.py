"""A job that a vendor has: ask how far it is, wait for it, or carry its token away."""

from typing import Any, Protocol, Self

from docparse_loaders.document import ParsedDocument
from docparse_loaders.engine import bridge
from docparse_loaders.errors import job_of
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Progress


class Resumes(Protocol):
    """What a job needs of its parser."""

    async def aresume(self, token: str, *, source: Source | None = None) -> ParsedDocument:
        """Wait for the document."""

    async def aprogress(self, token: str, *, source: Source | None = None) -> Progress | ParsedDocument:
        """Ask once."""


class Job:
    """A document that the vendor has. `token` is what is needed to go on elsewhere (`DocParser.resume`).

    Here the job also knows the document itself, in case that the vendor must be given it again. A copy made by pickle does not.
    """

    def __init__(
        self,
        parser: Resumes,
        token: str,
        *,
        document: ParsedDocument | None = None,
        progress: Progress | None = None,
        source: Source | None = None,
    ) -> None:
        self.token = token
        self._source = source
        self._parser = parser
        self._document = document
        self._progress = progress or Progress("done")

    @property
    def id(self) -> str | None:
        """What the vendor calls the job, to look it up there; None if it has named none, as the local vendor."""
        return job_of(self.token)

    def result(self) -> ParsedDocument:
        """Wait for the document. Raises as `DocParser.parse`."""
        return bridge.run(self.aresult)

    async def aresult(self) -> ParsedDocument:
        """Wait for the document; as `result`."""
        if self._document is None:
            self._document = await self._parser.aresume(self.token, source=self._source)
            self._progress = Progress("done")
        return self._document

    def wait(self) -> Self:
        """Wait until the job is done, and return it."""
        self.result()
        return self

    def progress(self) -> Progress:
        """Ask the vendor once how far the job is."""
        return bridge.run(self.aprogress)

    async def aprogress(self) -> Progress:
        """Ask the vendor once; as `progress`."""
        if self._document is None:
            reached = await self._parser.aprogress(self.token, source=self._source)
            if isinstance(reached, Progress):
                self._progress = reached
            else:
                self._document, self._progress = reached, Progress("done")
        return self._progress

    def __getstate__(self) -> dict[str, Any]:
        """All but the document, which may be large, open, or at an address that is signed."""
        return {**self.__dict__, "_source": None}

    def __repr__(self) -> str:
        return f"Job(status={self._progress.status!r})"
