"""Streams: each event once and in order, whatever happens to the connections."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from play_server import Asked, bye, event_text, frame, play_server

from aegis_python_client import AegisClient, AegisProblem, ConnectionState, Gap, RawEvent, as_known, models
from aegis_python_client.sse_frames import SseFrame, sse_frames

END = bye("session-ended")
FAR = "2999-01-01T00:00:00.000Z"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits, which take no time here."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    return waits


@dataclass
class Streams:
    """What was asked of a server that plays streams one after the other."""

    client: AegisClient
    asked: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    credentials: list[str | None] = field(default_factory=list)

    def read(self, after: int = 0, silence: float = 30) -> list[object]:
        """Numbers and gaps, to the end."""
        items = self.client.raw_events("s1", after=after, silence=silence)
        return [item.seq if isinstance(item, RawEvent) else (item.from_, item.to) for item in items]


@contextmanager
def streams(*plays: Callable[[Asked], object], expires_at: str = FAR) -> Iterator[Streams]:
    """A play for each connection; what they are asked for is kept."""

    def play(asked: Asked) -> None:
        if asked.path == "/v1/auth/sse-token":
            seen.tokens.append(asked.body.decode())
            asked.answer(201, {"token": f"sse_{len(seen.tokens)}", "expiresAt": expires_at})
            return
        seen.credentials.append(asked.headers.get("Authorization"))
        seen.asked.append(asked.after)
        plays[len(seen.asked) - 1](asked)

    with play_server(play) as url:
        seen = Streams(AegisClient(url, "key"))
        yield seen


def says(*texts: str) -> Callable[[Asked], object]:
    """A stream of these words, which then ends."""
    return lambda asked: asked.open_stream().write("".join(texts))


def refuses(status: int, code: str) -> Callable[[Asked], object]:
    """A problem instead of a stream."""
    return lambda asked: asked.answer(status, {"code": code, "detail": "No."})


def cuts(_asked: Asked) -> None:
    """No answer at all."""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_cut_connection_is_resumed_each_event_once(line_end: str, waits: list[float]) -> None:
    def events(*seqs: int) -> str:
        return "".join(frame(seq, line_end) for seq in seqs)

    whole = f"retry: 1\n\n{events(1, 2)}: seq=2 hash=ab{line_end}{line_end}{events(3)}".encode()
    connections: dict[str, int] = {}

    def play(asked: Asked) -> None:
        if asked.path == "/v1/auth/sse-token":
            asked.answer(201, {"token": "sse_1", "expiresAt": FAR})
            return
        cut = asked.path.split("/")[3]
        connections[cut] = connections.get(cut, 0) + 1
        if connections[cut] == 1:
            asked.open_stream().write(whole[: int(cut)])
        else:
            # It sends one too many, as a server may that does not know what has arrived.
            asked.open_stream().write(events(*(seq for seq in (1, 2, 3) if seq >= asked.after)) + END)

    with play_server(play) as url:
        for cut in range(0, len(whole) + 1, 3):
            items = AegisClient(url, "key").raw_events(str(cut))
            texts = [item.json for item in items if isinstance(item, RawEvent)]
            assert texts == [event_text(seq) for seq in (1, 2, 3)]
    assert set(connections.values()) == {2}


def test_frames_are_the_same_however_they_are_cut() -> None:
    text = f"\ufeffretry: 5\r\rid: 1\r\nevent: x\ndata: a\ndata: grüße \U0001f600\n\n: note\n\nid:2\ndata\n\n{END}id: 3"
    data = text.encode()
    expected = [
        SseFrame(retry=5),
        SseFrame(id="1", event="x", data="a\ngrüße \U0001f600"),
        SseFrame(comment="note"),
        SseFrame(id="2", data=""),
        SseFrame(event="bye", data='{"reason":"session-ended"}'),
    ]
    assert list(sse_frames([data])) == expected
    assert list(sse_frames(data[at : at + 1] for at in range(len(data)))) == expected
    chance = random.Random(1)
    for _ in range(300):
        edges = sorted({0, len(data), *(chance.randrange(len(data)) for _ in range(chance.randrange(9)))})
        assert list(sse_frames(data[one:other] for one, other in pairwise(edges))) == expected


def test_waits_as_long_as_the_server_asked_and_ever_longer_while_nobody_answers(waits: list[float]) -> None:
    with streams(
        says("retry: 3000\n\n", frame(1), bye("shutdown")),
        cuts,
        refuses(503, "starting"),
        refuses(429, "rate-limited"),
        says(frame(2), END),
    ) as played:
        assert played.read() == [1, 2]
    assert played.asked == [0, 1, 1, 1, 1]
    assert [least <= wait <= 1.5 * least for least, wait in zip((3, 3, 6, 12), waits, strict=True)] == [True] * 4


def test_says_when_it_is_connected_and_when_it_is_not_and_why(waits: list[float]) -> None:
    states: list[tuple[str, str | None, bool]] = []

    def tell(state: ConnectionState) -> None:
        states.append((state.type, None if state.error is None else state.error.code, state.retry_seconds > 0))

    with streams(says("retry: 1\n\n", frame(1)), refuses(503, "starting"), says(frame(2), END)) as played:
        assert len(list(played.client.events("s1", on_connection=tell))) == 2
    lost = [("lost", None, True), ("lost", "starting", True)]
    assert states == [("open", None, False), *lost, ("open", None, False)]


def test_a_stream_token_is_asked_for_the_session_or_for_all_and_sent_as_a_bearer() -> None:
    with streams(says(END), says(END)) as played:
        assert list(played.client.events("s1")) == []
        assert list(played.client.events()) == []
    assert [json.loads(token) for token in played.tokens] == [{"sessionId": "s1"}, {}]
    assert played.credentials == ["Bearer sse_1", "Bearer sse_2"]


def test_a_stream_token_is_renewed_when_it_has_ended_and_when_it_is_refused(waits: list[float]) -> None:
    with streams(
        says("retry: 7000\n\n", frame(1), bye("token-expired")),
        says("retry: 7000\n\n", frame(2)),
        refuses(503, "starting"),
        refuses(401, "credential-missing"),
        says("retry: 7000\n\n", bye("token-expired")),
        says(frame(3), END),
    ) as played:
        assert played.read() == [1, 2, 3]
    assert played.asked == [0, 1, 2, 2, 2, 2]
    assert [str(credential)[-1] for credential in played.credentials] == ["1", "2", "2", "2", "3", "4"]
    # It costs no wait while events flow; one that was refused at once would lead in circles.
    assert len(waits) == 3


def test_a_stream_token_is_not_used_after_its_end(waits: list[float]) -> None:
    with streams(says("retry: 1\n\n", frame(1)), says(END), expires_at="2020-01-01T00:00:00.000Z") as played:
        assert played.read() == [1]
    assert played.credentials == ["Bearer sse_1", "Bearer sse_2"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "session-not-found"), (400, "cursor-invalid"), (401, "credential-missing"), (503, "starting")],
)
def test_a_stream_that_cannot_be_ends_with_the_problem(status: int, code: str) -> None:
    with streams(*[refuses(status, code)] * 3) as played, pytest.raises(AegisProblem) as raised:
        played.read()
    assert (raised.value.status, raised.value.code) == (status, code)


def test_a_stream_that_may_not_be_read_any_longer_ends_with_the_problem(waits: list[float]) -> None:
    with (
        streams(says(frame(1)), refuses(404, "session-not-found")) as played,
        pytest.raises(AegisProblem) as raised,
    ):
        played.read()
    assert raised.value.code == "session-not-found"


def test_nobody_there_at_first_is_a_problem(waits: list[float]) -> None:
    with streams(cuts) as played, pytest.raises(AegisProblem) as raised:
        played.read()
    assert (raised.value.status, raised.value.code) == (0, "unreachable")


@pytest.mark.parametrize(
    "play",
    [
        lambda asked: asked.answer_bytes(200, b"<html>", {"Content-Type": "text/html"}),
        says("id: 1\nevent: x\ndata: {\n\n"),
        says('id: 1\nevent: x\ndata: {"seq": "one"}\n\n'),
        says("event: gap\ndata: {}\n\n"),
        says("event: bye\ndata: 1\n\n"),
    ],
)
def test_what_is_no_stream_of_aegis_ends_it(play: Callable[[Asked], object]) -> None:
    with streams(play) as played, pytest.raises(AegisProblem) as raised:
        played.read()
    assert raised.value.code == "answer-unreadable"


def test_a_gap_is_told_and_what_follows_it_is_given(waits: list[float]) -> None:
    gap = 'event: gap\ndata: {"from":3,"to":6}\n\n'
    with streams(says("retry: 1\n\n", gap), says(frame(7), END)) as played:
        assert played.read(after=2) == [(3, 6), 7]
    assert played.asked == [2, 6]


def test_a_gap_of_a_log_that_was_set_back_takes_the_reader_back(waits: list[float]) -> None:
    gap = 'event: gap\ndata: {"from":9,"to":4}\n\n'
    with streams(says("retry: 1\n\n", gap, frame(5)), says(frame(6), END)) as played:
        items = list(played.client.events("s1", after=9))
    assert [item if isinstance(item, Gap) else item.seq for item in items] == [Gap(9, 4), 5, 6]
    assert played.asked == [9, 5]


def test_what_has_no_number_is_no_event(waits: list[float]) -> None:
    with streams(says("event: later\ndata: [1]\n\n", "id: 9\n\n", frame(1), END)) as played:
        assert played.read() == [1]


def test_a_server_that_falls_silent_is_left_and_asked_anew(waits: list[float]) -> None:
    def falls_silent(asked: Asked) -> None:
        asked.open_stream().write("retry: 1\n\n" + frame(1)).wait_for_leave()

    with streams(falls_silent, says(frame(2), END)) as played:
        assert played.read(silence=0.05) == [1, 2]
    assert played.asked == [0, 1]


@pytest.mark.parametrize("leave", ["close", "break"])
def test_leaving_the_loop_closes_the_connection(leave: str) -> None:
    left: list[bool] = []

    def waits_for_leave(asked: Asked) -> None:
        asked.open_stream().write(frame(1)).wait_for_leave()
        left.append(True)

    with streams(waits_for_leave) as played:
        events = played.client.events("s1")
        if leave == "close":
            next(events)
            events.close()
        else:
            for _event in events:
                break
            del events
    # The server ends when all that it plays has ended.
    assert left == [True]


def test_an_event_is_known_by_its_type_with_its_data_and_left_as_it_is_where_it_is_not() -> None:
    event = models.Event.model_validate_json(event_text(1))
    known = as_known(event)
    assert isinstance(known, models.MessageDeltaEvent)
    assert known.data.text.startswith("grüße 1")
    assert (known.seq, known.at, known.actor) == (event.seq, event.at, event.actor)
    for change in ({"type": "moon.landed"}, {"data": {"later": True}}, {"data": None}):
        other = event.model_copy(update=change)
        assert as_known(other) is other
