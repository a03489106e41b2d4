"""The client: every operation as a method, and event streams that resume by themselves."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from pydantic import ValidationError

from ._generated.models import KNOWN_EVENTS, Event
from ._generated.operations import Operations
from .caller import segment
from .event_stream import ConnectionState, Gap, RawEvent, StreamSource, event_stream


class AegisClient(Operations):
    """Every operation as a method, and event streams that resume by themselves. Threads may share a client.

    `auth_token` is another name of `token`. A call may take `timeout` seconds altogether, what is tried again included.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        auth_token: str | None = None,
        timeout: float | None = 60,
    ) -> None:
        super().__init__(base_url, auth_token if token is None else token, timeout=timeout)

    def events(
        self,
        session_id: str | None = None,
        *,
        after: int = 0,
        silence: float = 30,
        on_connection: Callable[[ConnectionState], None] | None = None,
    ) -> Generator[Event | Gap, None, None]:
        """Events of one session, or of all, after the `seq` that was read last, and then live.

        Ends with the session; a gap says what the log no longer has. Leaving the loop and closing the generator closes
        the connection. One that is silent for so many seconds is given up and made anew.
        """
        with closing(self.raw_events(session_id, after=after, silence=silence, on_connection=on_connection)) as items:
            for item in items:
                yield item.event if isinstance(item, RawEvent) else item

    def raw_events(
        self,
        session_id: str | None = None,
        *,
        after: int = 0,
        silence: float = 30,
        on_connection: Callable[[ConnectionState], None] | None = None,
    ) -> Generator[RawEvent | Gap, None, None]:
        """The same with each event's text: for those who print or store what they read."""
        path = "/v1/events" if session_id is None else f"/v1/sessions/{segment(session_id)}/events"
        source = StreamSource(
            transport=self._transport,
            path=path,
            create_token=lambda: self.create_sse_token(session_id=session_id, timeout=silence),
            silence=silence,
            on_connection=on_connection,
        )
        return event_stream(source, after)


def as_known(event: Event) -> Event:
    """The event as what its type says (`ApprovalRequestedEvent`…), with typed data; as it is where it is not known."""
    kind = KNOWN_EVENTS.get(event.type)
    if kind is None:
        return event
    try:
        return kind.model_validate(event.model_dump(by_alias=True))
    except ValidationError:
        # A later server's: it is still an event.
        return event
