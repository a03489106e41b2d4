"""Requests over the standard library's `http.client`: a connection each, so that clients may be shared by threads."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import socket
from types import TracebackType
from urllib.parse import urlsplit

from .problem import AegisProblem

CHUNK = 65536


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Deadline:
    """When a call has to be over, everything that belongs to it included."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def remaining(self) -> float | None:
        """The seconds that are left; raises TimeoutError where there are none."""
        if self._end is None:
            return None
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class Answer:
    """An answer whose body may still be on its way. Close it."""

    def __init__(self, response: HTTPResponse, wire: socket) -> None:
        self.status = response.status
        self.headers = response.headers
        self._response = response
        self._wire = wire

    def read(self, deadline: Deadline) -> bytes:
        """All of the body, and then the end of the connection. Raises OSError or HTTPException where it is cut."""
        with self:
            return b"".join(iter(lambda: self.read_some(deadline.remaining()), b""))

    def read_some(self, timeout: float | None) -> bytes:
        """What has arrived of the body, at least a byte of it; nothing at its end."""
        # Later versions of Python close it with its last byte, and not only at its end.
        if not self._response.isclosed():
            self._wire.settimeout(timeout)
        chunk = self._response.read1(CHUNK)
        # http.client takes a body for whole that ends before its length.
        if not chunk and self._response.length:
            raise HTTPException("the answer was cut")
        return chunk

    def close(self) -> None:
        """Leaves what has not been read. Twice is fine."""
        self._response.close()
        self._wire.close()

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Transport:
    """The way to one server."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        url = urlsplit(self.base_url)
        if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
            raise ValueError(f"{base_url!r} is no address of a server: it looks like http://127.0.0.1:9100.")
        self._is_secure = url.scheme == "https"
        self._host = url.hostname
        self._port = url.port
        self._path = url.path

    def send(self, request: Request, timeout: float | None) -> Answer:
        """The head of the answer. Raises OSError or HTTPException where none comes."""
        connection = self._connection(timeout)
        try:
            connection.connect()
            wire = connection.sock
            headers = {**request.headers, "Connection": "close"}
            connection.request(request.method, self._path + request.path, body=request.body, headers=headers)
            return Answer(connection.getresponse(), wire)
        except BaseException:
            connection.close()
            raise

    def _connection(self, timeout: float | None) -> HTTPConnection:
        if not self._is_secure:
            return HTTPConnection(self._host, self._port, timeout=timeout)
        return HTTPSConnection(self._host, self._port, timeout=timeout, context=ssl.create_default_context())


class Lines(Iterator[str]):
    """The lines of a long answer, each with its end, as they come. Leaving `with` closes the connection."""

    def __init__(self, answer: Answer, base_url: str, timeout: float | None) -> None:
        self._answer = answer
        self._base_url = base_url
        self._timeout = timeout
        self._lines = self._read()

    def __next__(self) -> str:
        return next(self._lines)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Leaves what has not been read. Twice is fine."""
        self._answer.close()

    def _read(self) -> Iterator[str]:
        begun: list[bytes] = []
        for chunk in self._chunks():
            *whole, rest = chunk.split(b"\n")
            for line in whole:
                yield (b"".join([*begun, line]) + b"\n").decode(errors="replace")
                begun = []
            begun.append(rest)
        if last := b"".join(begun):
            yield last.decode(errors="replace")

    def _chunks(self) -> Iterator[bytes]:
        with self._answer:
            try:
                while chunk := self._answer.read_some(self._timeout):
                    yield chunk
            except TimeoutError as error:
                raise AegisProblem.timed_out(self._base_url) from error
            except (OSError, HTTPException) as error:
                raise AegisProblem.unreachable(self._base_url) from error
