"""Bodies of requests, read within their bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gridmap.api.limits import Limits
from gridmap.errors import InputError, TooLargeError

#: Bytes of JSON that are read at once: some 50 us.
_SMALL = 16 * 1024


def media_type(request: Request) -> str:
    """Return the media type of a request's body in lower case, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_json(request: Request, limits: Limits, *, most: int | None = None) -> Any:
    """Return the value of a JSON body.

    Parameters
    ----------
    request
        The request.
    limits
        Its bounds.
    most
        Bytes that it may have; without it those of a list.

    Raises
    ------
    TooLargeError
        If the body has more bytes than allowed.
    InputError
        If it is not JSON.
    HTTPException
        408 if the client is too slow.
    """
    body = await read_bytes(request, limits, most=most or limits.json_bytes)
    try:
        if len(body) <= _SMALL:
            # to hand it to a thread takes longer than to read it
            return orjson.loads(body)
        return await run_in_threadpool(orjson.loads, body)
    except orjson.JSONDecodeError as error:
        raise InputError(f"the body is not JSON: {error}", expected="JSON in UTF-8") from error


async def read_bytes(request: Request, limits: Limits, *, most: int) -> bytes:
    """Return a body as it is.

    Raises
    ------
    TooLargeError
        If the body has more bytes than allowed.
    HTTPException
        408 if the client is too slow.
    """
    body = bytearray()
    async for piece in _pieces(request, most, limits.stall_s):
        body += piece
    return bytes(body)


async def read_file(request: Request, limits: Limits, *, suffix: str = ".csv", most: int | None = None) -> IO[bytes]:
    """Return an open temporary file that holds the body; it is gone when it is closed.

    The whole body is taken before anything is answered: most clients send all before they read, so answering row by
    row into their full pipe would leave both sides waiting for each other.

    Parameters
    ----------
    request
        The request.
    limits
        Its bounds.
    suffix
        Ending of the file's name.
    most
        Bytes that it may have; without it those of a workbook, or of a CSV.

    Raises
    ------
    TooLargeError
        If the body has more bytes than allowed.
    HTTPException
        408 if the client is too slow.
    """
    most = most or (limits.csv_bytes if suffix == ".csv" else limits.sheet_bytes)
    file = NamedTemporaryFile(prefix="gridmap-", suffix=suffix)  # noqa: SIM115 - whoever streams the answer closes it
    try:
        async for piece in _pieces(request, most, limits.stall_s):
            file.write(piece)
        file.flush()
    except BaseException:
        file.close()
        raise
    return file


def path_of(file: IO[bytes]) -> Path:
    """Return where a temporary file lies."""
    return Path(file.name)


async def _pieces(request: Request, most: int, stall_s: float) -> AsyncIterator[bytes]:
    """The body piece by piece; refused as soon as it is known to be too large."""
    announced = request.headers.get("content-length", "0")
    _check_size(int(announced) if announced.isdecimal() else 0, most)
    taken, more = 0, True
    while more:
        message = await _next_message(request, stall_s)
        piece: bytes = message.get("body", b"")
        taken += len(piece)
        _check_size(taken, most)
        yield piece
        more = message.get("more_body", False)


async def _next_message(request: Request, stall_s: float) -> Any:
    try:
        async with asyncio.timeout(stall_s):
            message = await request.receive()
    except TimeoutError as error:
        raise HTTPException(408, f"nothing more of the body came for {stall_s:.0f} s") from error
    if message["type"] == "http.disconnect":
        raise HTTPException(400, "the client left before its body was sent")
    return message


def _check_size(given: int, most: int) -> None:
    if given > most:
        raise TooLargeError(
            f"a body of {given} bytes or more",
            expected=f"at most {most}",
            do="send it in parts, or use gridmap locate --in",
        )
