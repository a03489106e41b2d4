"""Where calls go, with which credential, what is tried again, and how failures come back."""

from __future__ import annotations

import json
import random
import secrets
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import TypeVar
from urllib.parse import quote, urlencode

from pydantic import TypeAdapter, ValidationError

from .problem import AegisProblem, retry_after_of
from .transport import Answer, Deadline, Lines, Request, Transport
from .wire import UNSET, Model, to_wire

TRIES = 3
# Who is asked to wait longer is told so, instead of being kept waiting.
LONGEST_WAIT_SECONDS = 10

M = TypeVar("M", bound=Model)
V = TypeVar("V")


@dataclass(frozen=True)
class Call:
    """An operation with what it is given. Arguments that are None are not sent, except those that may be `null`."""

    method: str
    path: str
    query: Mapping[str, object] | None = None
    body: Mapping[str, object] | None = None
    nullable: Collection[str] = ()
    idempotency_key: str | None = None
    if_version: int | None = None
    timeout: float | None = None


class Caller:
    """Calls to one server. Threads may share it."""

    def __init__(self, base_url: str, token: str | None = None, *, timeout: float | None = 60) -> None:
        self._transport = Transport(base_url)
        self._token = token
        self._timeout = timeout

    @property
    def base_url(self) -> str:
        """Where the server is."""
        return self._transport.base_url

    def _model(self, kind: type[M], call: Call) -> M:
        status, body = self._whole(call)
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            raise AegisProblem.unreadable(status, error) from error

    def _value(self, kind: TypeAdapter[V], call: Call) -> V:
        status, body = self._whole(call)
        try:
            return kind.validate_json(body)
        except ValidationError as error:
            raise AegisProblem.unreadable(status, error) from error

    def _text(self, call: Call) -> str:
        return self._whole(call)[1].decode(errors="replace")

    def _nothing(self, call: Call) -> None:
        self._whole(call)

    def _lines(self, call: Call) -> Lines:
        answer = self._answer(call, Deadline(self._seconds(call)))
        return Lines(answer, self.base_url, self._seconds(call))

    def _whole(self, call: Call) -> tuple[int, bytes]:
        deadline = Deadline(self._seconds(call))
        answer = self._answer(call, deadline)
        return answer.status, self._read(answer, deadline)

    def _answer(self, call: Call, deadline: Deadline) -> Answer:
        try:
            answer = self._patient_answer(call, deadline)
        except TimeoutError as error:
            raise AegisProblem.timed_out(self.base_url) from error
        except (OSError, HTTPException) as error:
            raise AegisProblem.unreachable(self.base_url) from error
        if answer.status >= 300:
            raise AegisProblem.from_answer(answer.status, self._read(answer, deadline), answer.headers)
        return answer

    # Tried again where that is safe: what only reads and what carries an Idempotency-Key, when nobody answered or the
    # server asked to wait. Who ran out of time is not kept waiting once more.
    def _patient_answer(self, call: Call, deadline: Deadline) -> Answer:
        request = self._request(call)
        is_safe = call.method == "GET" or call.idempotency_key is not None
        for attempt in range(1, TRIES if is_safe else 1):
            try:
                answer = self._transport.send(request, deadline.remaining())
            except (OSError, HTTPException):
                _pause(0.1 * 2**attempt * (1 + random.random() / 2), deadline)
                continue
            seconds = retry_after_of(answer.headers) if answer.status in (429, 503) else None
            if seconds is None or seconds > LONGEST_WAIT_SECONDS:
                return answer
            answer.close()
            _pause(seconds, deadline)
        return self._transport.send(request, deadline.remaining())

    def _read(self, answer: Answer, deadline: Deadline) -> bytes:
        try:
            return answer.read(deadline)
        except TimeoutError as error:
            raise AegisProblem.timed_out(self.base_url) from error
        except (OSError, HTTPException) as error:
            raise AegisProblem.unreachable(self.base_url) from error

    def _seconds(self, call: Call) -> float | None:
        return self._timeout if call.timeout is None else call.timeout

    def _request(self, call: Call) -> Request:
        headers = {"Accept": "*/*"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        if call.idempotency_key is not None:
            headers["Idempotency-Key"] = call.idempotency_key
        if call.if_version is not None:
            headers["If-Match"] = f'"{call.if_version}"'
        query = urlencode(
            [pair for name, value in _given(call.query or {}, ()).items() for pair in _query(name, value)]
        )
        path = f"{call.path}?{query}" if query else call.path
        if call.body is None:
            return Request(call.method, path, headers)
        headers["Content-Type"] = "application/json"
        body = json.dumps(to_wire(_given(call.body, call.nullable)), ensure_ascii=False, allow_nan=False)
        return Request(call.method, path, headers, body.encode())


def new_key() -> str:
    """An Idempotency-Key that nobody else has."""
    return secrets.token_hex(16)


def segment(value: str) -> str:
    """A value as one part of a path."""
    return quote(value, safe="")


def _pause(seconds: float, deadline: Deadline) -> None:
    remaining = deadline.remaining()
    time.sleep(seconds if remaining is None else min(seconds, remaining))


def _given(values: Mapping[str, object], nullable: Collection[str]) -> dict[str, object]:
    return {
        name: value for name, value in values.items() if value is not UNSET and (value is not None or name in nullable)
    }


def _query(name: str, value: object) -> list[tuple[str, str]]:
    """A parameter of several values is said once for each."""
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [(name, _query_text(one)) for one in values]


def _query_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(to_wire(value))
