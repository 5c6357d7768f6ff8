"""What comes in is bounded in size, in time and in how much it grows, over a real socket."""

import asyncio
import gzip
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from docparse_loaders import errors
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.transport import Transport
from docparse_loaders.policy import Limits, MiB, Policy, Timeouts
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Call, Effect, Foreign, Reply
from docparse_loaders.vendors.readers import as_float, as_int, as_text, parse_json
from raw_server import Arrived, Speak, answering, serving

pytestmark = pytest.mark.anyio
SOURCE = Source.of(b"%PDF-1.4 x", name="a.pdf")
LARGE = Call(Effect.READ, "GET", "result", large=True)
TEXT = b'{"text": "' + b"".join(b"%d, " % number for number in range(60_000)) + b'"}'


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def asked(speak: Speak, policy: Policy | None = None, *, foreign: bool = False) -> Reply:
    async with serving(speak) as server, Transport(Endpoint(server.url), policy or Policy()) as wire:
        call = Call(Effect.READ, "GET", Foreign(server.url), expect="blob", large=True) if foreign else LARGE
        return await wire.perform(call, SOURCE)


def packed(data: bytes, kind: str) -> bytes:
    if kind == "gzip":
        return gzip.compress(data)
    if kind == "gzips":
        return gzip.compress(data[:70_000]) + gzip.compress(data[70_000:])
    return zlib.compress(data) if kind == "deflate" else data


@pytest.mark.parametrize("kind", ["gzip", "gzips", "deflate", "identity"])
@pytest.mark.parametrize("foreign", [False, True])
async def test_a_packed_answer_is_read(kind: str, foreign: bool) -> None:
    header = f"content-encoding: {kind.removesuffix('s')}\r\n"
    reply = await asked(answering(packed(TEXT, kind), headers=header), foreign=foreign)
    assert (reply.blob.data if reply.blob else reply.json) == (TEXT if foreign else parse_json(TEXT))


@pytest.mark.parametrize(
    "data", [gzip.compress(TEXT)[:-9], gzip.compress(TEXT)[:-1], b"no gzip", TEXT, gzip.compress(TEXT) + b"x"]
)
async def test_what_is_packed_badly_is_lost(data: bytes) -> None:
    with pytest.raises(errors.ReplyLost):
        await asked(answering(data, headers="content-encoding: gzip\r\n"))


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "x" * 500])
async def test_an_encoding_that_was_not_asked_for_is_lost(encoding: str) -> None:
    with pytest.raises(errors.ReplyLost):
        await asked(answering(TEXT, headers=f"content-encoding: {encoding}\r\n"))


@pytest.mark.parametrize("foreign", [False, True])
async def test_a_bomb_below_the_limit_of_bytes_is_known_by_its_ratio(foreign: bool) -> None:
    bomb = gzip.compress(bytes(50 * MiB))
    assert (await asked(answering(bomb, headers="content-encoding: gzip\r\n"), foreign=foreign)).problem == "too_big"
    allowed = Policy(limits=Limits(reply_ratio=2000))
    assert (await asked(answering(bomb, headers="content-encoding: gzip\r\n"), allowed, foreign=foreign)).problem != "too_big"


BOMBED = """
import asyncio, gzip, resource, sys
sys.path.insert(0, {tests!r})
import test_caps
from raw_server import answering
from docparse_loaders.policy import Limits, MiB, Policy

async def main():
    bomb = gzip.compress(bytes(100 * MiB))
    speak = answering(bomb, headers="content-encoding: gzip\\r\\n")
    await test_caps.asked(answering(b"{{}}"))
    for policy in (Policy(), Policy(limits=Limits(reply_ratio=10**9, result_bytes=8 * MiB))):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        reply = await test_caps.asked(speak, policy)
        print(len(bomb), reply.problem, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

asyncio.run(main())
"""


async def test_a_bomb_takes_little_memory() -> None:
    """100 MiB from 100 KB, in a process of its own, as the kernel counts its memory (KiB)."""
    script = BOMBED.format(tests=str(Path(__file__).parent))
    ran = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], capture_output=True, text=True, check=False)
    told = [line.split() for line in ran.stdout.splitlines()]
    assert [problem for _, problem, _ in told] == ["too_big", "too_big"], ran.stderr
    assert all(int(wire) < 110_000 and int(grown) < 64 * 1024 for wire, _, grown in told), told


def dripping(pause: float, *, size: int = 1) -> Speak:
    async def drip(_: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        for _piece in range(100_000 // size):
            writer.write(b" " * size)
            await writer.drain()
            await asyncio.sleep(pause)

    return drip


@pytest.mark.parametrize("foreign", [False, True])
async def test_a_body_that_only_trickles_is_given_up_long_before_the_deadline(foreign: bool) -> None:
    policy = Policy(timeouts=Timeouts(request=60.0, slow=0.3), limits=Limits(bytes_per_second=1024))
    with pytest.raises(errors.ReplyLost, match="TooSlow"):
        await asked(dripping(0.02), policy, foreign=foreign)


async def test_a_steady_body_may_take_longer_than_that() -> None:
    policy = Policy(timeouts=Timeouts(request=60.0, slow=0.2), limits=Limits(bytes_per_second=1024))
    reply = await asked(dripping(0.02, size=2000), policy, foreign=True)
    assert reply.blob is not None
    assert len(reply.blob.data) == 100_000


async def test_an_answer_that_stands_still_is_given_up() -> None:
    async def stop(_: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        await asyncio.sleep(5)

    policy = Policy(timeouts=Timeouts(request=60.0, slow=0.2))
    with pytest.raises(errors.ReplyLost, match="TooSlow"):
        await asked(stop, policy)


async def test_headers_may_take_as_long_as_the_work_behind_them() -> None:
    async def work(_: Arrived, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    assert (await asked(work, Policy(timeouts=Timeouts(slow=0.2)))).json == {}


@pytest.mark.parametrize("text", [b"NaN", b"Infinity", b"-Infinity", b'{"a":[NaN]}', b"nan", b"[inf]"])
def test_words_for_what_is_no_number_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected|invalid"):
        parse_json(text)


@pytest.mark.parametrize("text", [b"1e999", b"-1e999", b"1" * 400 + b".5"])
def test_a_number_beyond_all_measure_costs_no_result_and_is_no_number(text: bytes) -> None:
    value = parse_json(text)
    assert (as_float(value), as_int(value), as_text(value)) == (None, None, "")


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("depth", [201, 5_000, 1_000_000])
def test_json_that_is_too_deep_is_refused(opening: bytes, depth: int) -> None:
    closing = opening[::-1].translate(bytes.maketrans(b"[{", b"]}"), b'":a')
    for text in (opening * depth, opening * depth + b"1" + closing * depth):
        with pytest.raises(ValueError, match=r"recursion|EOF|depth|expected"):
            parse_json(text)


def test_json_that_is_deep_but_usual_is_read() -> None:
    assert parse_json(b"[" * 100 + b"]" * 100)
