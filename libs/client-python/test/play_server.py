"""Small servers on loopback that play what a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """A request, and the ways to answer it."""

    method: str
    path: str
    headers: Message
    body: bytes
    _handler: BaseHTTPRequestHandler

    def answer(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        """The whole answer, as JSON."""
        self.answer_bytes(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})

    def answer_bytes(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """The whole answer, as it is; of a length that the headers may say otherwise."""
        self._begin(status, {"Content-Length": str(len(body)), **(headers or {})})
        self.write(body)

    def open_stream(self) -> Asked:
        """Begins an event stream."""
        self._begin(200, {"Content-Type": "text/event-stream; charset=utf-8"})
        return self

    def write(self, data: bytes | str) -> Asked:
        """More of the body."""
        self._handler.wfile.write(data.encode() if isinstance(data, str) else data)
        self._handler.wfile.flush()
        return self

    def wait_for_leave(self) -> None:
        """Until the other side has closed the connection."""
        self._handler.rfile.read()

    @property
    def after(self) -> int:
        """The cursor that a stream is asked for."""
        return int(parse_qs(urlsplit(self.path).query)["after"][0])

    def _begin(self, status: int, headers: Mapping[str, str]) -> None:
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()


@contextmanager
def play_server(play: Callable[[Asked], object]) -> Iterator[str]:
    """The address of a server that is gone afterwards. A play that answers nothing cuts the connection."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if self.raw_requestline and self.parse_request():
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                play(Asked(self.command, self.path, self.headers, body, self))
            self.close_connection = True

        def log_message(self, *words: Any) -> None:
            """Tests are silent."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that has left in the middle is nothing to print."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def event_text(seq: int) -> str:
    """An event's text."""
    actor = {"kind": "agent", "id": "a", "via": "acp"}
    return json.dumps(
        {
            "seq": seq,
            "type": "message.delta",
            "at": "2026-01-01T00:00:00.000Z",
            "actor": actor,
            "data": {"messageId": "m", "text": f"grüße {seq} \U0001f600"},
            "hash": "0",
        },
        ensure_ascii=False,
    )


def frame(seq: int, end: str = "\n") -> str:
    """An event's frame."""
    return end.join([f"id: {seq}", "event: message.delta", f"data: {event_text(seq)}", "", ""])


def bye(reason: str) -> str:
    """The last frame of a stream that ends for a reason."""
    return f'event: bye\ndata: {{"reason":"{reason}"}}\n\n'
