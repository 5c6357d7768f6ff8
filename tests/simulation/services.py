"""The vendors as state machines over `Call` and `Reply`, from their documents: what they take, bill and answer.

They are far smaller than the emulators, which speak HTTP: here ten thousand lives must fit into seconds.
"""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Blob, Call, Foreign, Reply

STORE = "https://files.test/"
Clock = Callable[[], float]


@dataclass
class SimJob:
    """A job at a vendor. `document` is what the test knows the file by."""

    id: str
    document: str
    ready: float
    data_id: str = ""
    batch: str = ""
    arrived: bool = True


@dataclass
class Service:
    """What all of them share. `links` is how long a link to a result lives, in seconds."""

    now: Clock
    seconds: Callable[[], float]
    links: float = 60.0
    jobs: dict[str, SimJob] = field(default_factory=dict)
    bills: Counter[str] = field(default_factory=Counter)

    def take(self, document: str, **more: Any) -> SimJob:
        """A new job, which is billed."""
        job = SimJob(f"job-{len(self.jobs) + 1}", document, self.now() + self.seconds(), **more)
        self.jobs[job.id] = job
        self.bills[document] += job.arrived
        return job

    def is_ready(self, job: SimJob) -> bool:
        return job.arrived and self.now() >= job.ready

    def link(self, job: SimJob) -> str:
        """A link to a result, which says itself until when it lives."""
        return f"{STORE}{job.id}/{self.now() + self.links}"

    def answer(self, call: Call, source: Source) -> Reply:
        """The answer to a call, and what it changes here."""
        if isinstance(call.url, Foreign) and call.method == "GET":
            name, until = call.url.url.removeprefix(STORE).split("/")
            if self.now() > float(until):
                return Reply(403, problem="not_json", snippet="<Error><Code>AccessDenied</Code></Error>")
            return Reply(200, blob=Blob(self.result(self.jobs[name])))
        return self.told(call, source)

    def told(self, call: Call, source: Source) -> Reply:
        raise NotImplementedError

    def result(self, job: SimJob) -> bytes:
        raise NotImplementedError


def ok(data: Any, code: Any = 0) -> Reply:
    return Reply(200, json={"code": code, "msg": "ok", "data": data})


def body(call: Call) -> dict[str, Any]:
    return call.json if isinstance(call.json, dict) else {}


def document(url: str) -> str:
    """A document by its address: `https://docs.test/<name>.pdf`."""
    return url.rpartition("/")[2].partition(".")[0]


def name_of(source: Source) -> str:
    return source.facts.name.partition(".")[0]


class SoMarkService(Service):
    """The result is inside the answer."""

    def told(self, call: Call, source: Source) -> Reply:
        if call.url == "parse/async":
            return ok({"task_id": self.take(name_of(source)).id, "status": "QUEUING"})
        job = self.jobs[dict(call.form)["task_id"]]
        if not self.is_ready(job):
            return ok({"task_id": job.id, "status": "PROCESSING"})
        return ok({"task_id": job.id, "status": "SUCCESS", "result": {"outputs": {"json": {"document": job.document}}}})


class PaddleOCRService(Service):
    """Jobs alone or asked for by batch; the result is lines of JSON behind a link."""

    def told(self, call: Call, source: Source) -> Reply:
        path = str(call.url).removeprefix("api/v2/ocr/jobs").strip("/")
        if call.method == "POST":
            url = body(call).get("fileUrl")
            batch = str(body(call).get("batchId") or dict(call.form).get("batchId") or "")
            job = self.take(document(url) if url else name_of(source), batch=batch)
            return ok({"jobId": job.id})
        if path.startswith("batch/"):
            entries = [self._entry(job) for job in self.jobs.values() if job.batch == path.removeprefix("batch/")]
            return ok({"extractResult": entries}) if entries else Reply(404, json={"code": 11001, "msg": "no such batch"})
        return ok(self._entry(self.jobs[path]))

    def _entry(self, job: SimJob) -> dict[str, Any]:
        if not self.is_ready(job):
            return {"jobId": job.id, "state": "running", "extractProgress": {"totalPages": 1, "extractedPages": 0}}
        progress = {"totalPages": "1", "extractedPages": "1"}
        return {"jobId": job.id, "state": "done", "extractProgress": progress, "resultUrl": {"jsonUrl": self.link(job)}}

    def result(self, job: SimJob) -> bytes:
        return json.dumps({"result": {"document": job.document}}).encode()


class MinerUService(Service):
    """One wire in two spellings; parsing starts, and is billed, when an upload is complete. A second upload starts it again."""

    def told(self, call: Call, source: Source) -> Reply:
        if isinstance(call.url, Foreign):
            return self._uploaded(self.jobs[call.url.url.removeprefix(f"{STORE}put/")])
        path = str(call.url).removeprefix("v1/")
        if path == "file-urls/batch":
            batch = f"batch-{len(self.jobs)}"
            files = body(call)["files"]
            jobs = [
                self.take(str(file["name"]).partition(".")[0], data_id=file["data_id"], batch=batch, arrived=False)
                for file in files
            ]
            return ok({"batch_id": batch, "file_urls": [f"{STORE}put/{job.id}" for job in jobs]})
        if path == "extract/task/batch":
            batch = f"batch-{len(self.jobs)}"
            for file in body(call)["files"]:
                self.take(document(file["url"]), data_id=file["data_id"], batch=batch)
            return ok({"batch_id": batch})
        if path == "extract/task":
            return ok({"task_id": self.take(document(str(body(call)["url"]))).id})
        return self._asked(path)

    def _uploaded(self, job: SimJob) -> Reply:
        self.bills[job.document] += 1
        job.arrived, job.ready = True, self.now() + self.seconds()
        return Reply(200, blob=Blob(b""))

    def _asked(self, path: str) -> Reply:
        kind, _, name = path.rpartition("/")
        if kind == "extract/task":
            return ok(self._entry(self.jobs[name]))
        return ok({"batch_id": name, "extract_result": [self._entry(job) for job in self.jobs.values() if job.batch == name]})

    def _entry(self, job: SimJob) -> dict[str, Any]:
        entry = {"task_id": job.id, "data_id": job.data_id, "file_name": f"{job.document}.pdf", "err_msg": ""}
        if self.is_ready(job):
            return {**entry, "state": "done", "full_zip_url": self.link(job)}
        return {**entry, "state": "running" if job.arrived else "waiting-file"}

    def result(self, job: SimJob) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("document.txt", job.document)
        return packed.getvalue()


class SCNetService(Service):
    """Uploads cost nothing; a submitted address does."""

    def told(self, call: Call, source: Source) -> Reply:
        match call.url:
            case Foreign():
                return Reply(204, blob=Blob(b""))
            case "upload/presign":
                name = dict(call.query)["file_name"]
                fields = ("policy", "x_amz_algorithm", "x_amz_credential", "x_amz_date", "x_amz_signature")
                data = {"file_url": f"{STORE}{name}", "upload_url": f"{STORE}put", "key": name} | dict.fromkeys(fields, "x")
                return ok(data, "0")
            case "ocrdoc/submit":
                job = self.take(document(str(body(call)["file_url"])))
                return ok({"output": {"task_id": job.id, "task_status": "pending"}}, "0")
            case _:
                return ok([{"output": self._output(str(task))} for task in body(call)["task_ids"]], "0")

    def _output(self, task: str) -> dict[str, Any]:
        job = self.jobs.get(task)
        if job is None:
            return {"task_id": task, "task_status": "unknown"}
        if not self.is_ready(job):
            return {"task_id": task, "task_status": "running"}
        return {"task_id": task, "task_status": "succeeded", "results": [{"url": self.link(job)}]}

    def result(self, job: SimJob) -> bytes:
        return json.dumps({"document": job.document}).encode()
