"""Events from a cursor on and then live, over as many connections as it takes."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from http.client import HTTPException
from typing import Any, Literal

from pydantic import ValidationError

from ._generated.models import Event, SseToken
from .problem import AegisProblem
from .sse_frames import SseFrame, sse_frames
from .transport import Answer, Deadline, Request, Transport

LONGEST_WAIT_SECONDS = 60


@dataclass(frozen=True)
class RawEvent:
    """An event as it is on the wire."""

    seq: int
    json: str
    """The event's own text: what a history is verified from."""
    event: Event
    type: Literal["event"] = "event"


@dataclass(frozen=True)
class Gap:
    """The log no longer has, or never had, what lies between. `to` below `from_`: the log was set back to `to`."""

    from_: int
    to: int
    type: Literal["gap"] = "gap"


@dataclass(frozen=True)
class ConnectionState:
    """How a stream stands with its server. It reconnects by itself; this is for those who show it."""

    type: Literal["open", "lost"]
    error: AegisProblem | None = None
    """Why it is lost, where there is a reason beside the cut itself."""
    retry_seconds: float = 0
    """How long until the next attempt."""


@dataclass(frozen=True)
class StreamSource:
    """Where a stream comes from."""

    transport: Transport
    path: str
    create_token: Callable[[], SseToken]
    silence: float
    on_connection: Callable[[ConnectionState], None] | None


@dataclass
class _Place:
    """How far a reader has come, over all its connections."""

    cursor: int
    token: SseToken | None = None
    retry_seconds: float = 1.0
    # Connections since the last one that brought a frame.
    failures: int = 0
    has_connected: bool = False


def event_stream(source: StreamSource, after: int) -> Generator[RawEvent | Gap, None, None]:
    """A cut connection is made anew after the last event that was seen: none comes twice, none is left out.

    Raises when the first connection finds nobody or when it may not read.
    """
    place = _Place(after)
    tell = source.on_connection or (lambda _state: None)
    while True:
        place.failures += 1
        failure: AegisProblem | None = None
        try:
            with _connect(source, place) as answer:
                tell(ConnectionState("open"))
                reason, was_quiet = yield from _read_frames(_chunks_of(answer, source.silence), place)
            if reason == "session-ended":
                return
            if reason == "token-expired":
                place.token = None
                # Nobody waits for a token that was used up; only one that was refused at once would lead in circles.
                if not was_quiet:
                    continue
        except AegisProblem as error:
            if not place.has_connected or not error.may_pass:
                raise
            failure = error
        seconds = _wait_seconds(place)
        tell(ConnectionState("lost", failure, seconds))
        time.sleep(seconds)


def _connect(source: StreamSource, place: _Place) -> Answer:
    """An open stream. A refused token is renewed once: they are short-lived."""
    answer = _ask(source, place)
    if answer.status == 401:
        answer.close()
        place.token = None
        answer = _ask(source, place)
    if answer.status != 200:
        raise AegisProblem.from_answer(answer.status, _refusal_of(answer, source), answer.headers)
    if not answer.headers.get("Content-Type", "").startswith("text/event-stream"):
        answer.close()
        raise AegisProblem.unreadable(answer.status)
    place.has_connected = True
    return answer


def _ask(source: StreamSource, place: _Place) -> Answer:
    if place.token is not None and place.token.expires_at <= datetime.now(timezone.utc):
        place.token = None
    if place.token is None:
        place.token = source.create_token()
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {place.token.token}"}
    request = Request("GET", f"{source.path}?after={place.cursor}", headers)
    try:
        return source.transport.send(request, source.silence)
    except (OSError, HTTPException) as error:
        raise AegisProblem.unreachable(source.transport.base_url) from error


def _refusal_of(answer: Answer, source: StreamSource) -> bytes:
    try:
        return answer.read(Deadline(source.silence))
    except (OSError, HTTPException):
        # Cut: the status says it.
        return b""


def _chunks_of(answer: Answer, silence: float) -> Iterator[bytes]:
    """The body as it arrives. A cut and too long a silence end it like its end does: the rest is asked for anyway."""
    while True:
        try:
            chunk = answer.read_some(silence)
        except (OSError, HTTPException):
            return
        if not chunk:
            return
        yield chunk


def _read_frames(chunks: Iterator[bytes], place: _Place) -> Generator[RawEvent | Gap, None, tuple[str, bool]]:
    was_quiet = True
    for frame in sse_frames(chunks):
        place.failures = 0
        if frame.retry is not None:
            place.retry_seconds = frame.retry / 1000
        if frame.event == "bye":
            return str(_parse(frame).get("reason")), was_quiet
        was_quiet = was_quiet and frame.retry is not None
        item = _to_item(frame)
        # A server that was cut off may send once more what has arrived already.
        if item is None or (isinstance(item, RawEvent) and item.seq <= place.cursor):
            continue
        place.cursor = item.to if isinstance(item, Gap) else item.seq
        yield item
    return "cut", was_quiet


def _to_item(frame: SseFrame) -> RawEvent | Gap | None:
    if frame.data is None:
        return None
    if frame.event == "gap":
        gap = _parse(frame)
        try:
            return Gap(int(gap["from"]), int(gap["to"]))
        except (KeyError, TypeError, ValueError) as error:
            raise AegisProblem.unreadable(200) from error
    # What has no number is no event of the log: something that a later server says beside it.
    if frame.id is None:
        return None
    try:
        event = Event.model_validate_json(frame.data)
    except ValidationError as error:
        raise AegisProblem.unreadable(200, error) from error
    return RawEvent(event.seq, frame.data, event)


def _parse(frame: SseFrame) -> dict[str, Any]:
    try:
        value = json.loads(frame.data or "{}")
    except ValueError as error:
        raise AegisProblem.unreadable(200) from error
    if not isinstance(value, dict):
        raise AegisProblem.unreadable(200)
    return value


# At least what the server asks for; not all readers at once; and ever more slowly where nobody answers.
def _wait_seconds(place: _Place) -> float:
    # The power has a bound: one that reads for weeks must not end at a number that is none any more.
    longer = 2.0 ** min(max(0, place.failures - 1), 16)
    return min(place.retry_seconds * longer * (1 + random.random() / 2), LONGEST_WAIT_SECONDS)
