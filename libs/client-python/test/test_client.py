"""Calls: what is sent, what is tried again, and how failures come back."""

from __future__ import annotations

import inspect
import json
import re
import socket
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from play_server import Asked, play_server

from aegis_python_client import UNSET, AegisClient, AegisProblem, models
from aegis_python_client._generated.operations import Operations

VERSION = {"version": "1", "apiVersion": "1", "node": "n"}
KEY = {
    "id": "k",
    "name": "n",
    "role": "admin",
    "permissions": [],
    "userId": "u",
    "tenantId": "t",
    "createdAt": "2026-01-01T00:00:00.000Z",
}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits, which take no time here."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    return waits


def test_sends_what_an_operation_takes_with_the_token_and_gives_what_it_answers() -> None:
    seen: list[str] = []

    def play(asked: Asked) -> None:
        seen.append(f"{asked.method} {asked.path} {asked.headers['Authorization']} {asked.body.decode()}")
        asked.answer(200, {"ok": True, "items": [], "turnId": "t", "queued": True, "attempts": 0, "delivered": False})

    with play_server(play) as url:
        client = AegisClient(f"{url}/", "secret")
        client.send_message("a/b", "Grüße", when_busy="queue")
        client.interrupt_session("s1")
        client.answer_question("s1", content={"name": ["x"], "none": None})
        client.list_sessions(status="idle", limit=3, work_dir="/a b&c")
        with pytest.raises(AegisProblem):
            client.batch_kill_sessions(id=["s1", "a b"], status="idle", idempotency_key="k")
    assert seen == [
        'POST /v1/sessions/a%2Fb/send Bearer secret {"text": "Grüße", "whenBusy": "queue"}',
        "POST /v1/sessions/s1/interrupt Bearer secret ",
        'POST /v1/sessions/s1/answer Bearer secret {"content": {"name": ["x"], "none": null}}',
        "GET /v1/sessions?status=idle&workDir=%2Fa+b%26c&limit=3 Bearer secret ",
        "DELETE /v1/sessions/batch?id=s1&id=a+b&status=idle Bearer secret ",
    ]


def test_the_token_may_be_called_auth_token_too_and_be_none() -> None:
    seen: list[str | None] = []

    def play(asked: Asked) -> None:
        seen.append(asked.headers.get("Authorization"))
        asked.answer(200, VERSION)

    with play_server(play) as url:
        AegisClient(base_url=url, auth_token="one").get_version()
        AegisClient(base_url=url, token="two").get_version()
        AegisClient(url).get_version()
    assert seen == ["Bearer one", "Bearer two", None]


def test_tells_what_is_left_as_it_is_from_what_is_taken_away() -> None:
    bodies: list[bytes] = []

    def play(asked: Asked) -> None:
        bodies.append(asked.body)
        asked.answer(200, KEY)

    with play_server(play) as url:
        client = AegisClient(url, "x")
        client.update_api_key("k", name="n", expires_at=UNSET)
        client.update_api_key("k", expires_at=None)
        berlin = timezone(timedelta(hours=1))
        client.update_api_key("k", expires_at=datetime(2026, 1, 1, 1, tzinfo=berlin))
    assert bodies == [b'{"name": "n"}', b'{"expiresAt": null}', b'{"expiresAt": "2026-01-01T00:00:00Z"}']


def test_takes_models_and_plain_mappings_and_sends_only_what_they_were_given() -> None:
    bodies: list[Any] = []

    def play(asked: Asked) -> None:
        bodies.append(json.loads(asked.body))
        asked.answer(200, {"ok": True, "problems": []})

    rule: dict[str, Any] = {"id": "r", "match": {"time": {"from": "08:00", "to": "09:00"}}, "decision": "ask"}
    match = models.PolicyRuleMatch(time=models.PolicyRuleMatchTime(from_="08:00", to="09:00"))
    with play_server(play) as url:
        client = AegisClient(url, "x")
        for policy in (
            {"version": 1, "rules": [rule]},
            models.Policy(version=1, rules=[models.PolicyRule(id="r", match=match, decision="ask")]),
            models.Policy.model_validate({"version": 1, "rules": [rule]}),
        ):
            with pytest.raises(AegisProblem, match="not one of Aegis"):
                client.simulate_policy(policy)
    assert bodies == [{"policy": {"version": 1, "rules": [rule]}}] * 3


def test_a_version_that_was_read_is_named_where_something_is_replaced() -> None:
    seen: list[str | None] = []

    def play(asked: Asked) -> None:
        seen.append(asked.headers.get("If-Match"))
        asked.answer(200, {"ok": True})

    with play_server(play) as url:
        AegisClient(url, "x").delete_memory("a/b", if_version=3)
        AegisClient(url, "x").delete_memory("a/b")
    assert seen == ['"3"', None]


def test_raises_a_problem_with_all_that_the_server_said_of_it() -> None:
    problem = {
        "type": "about:blank",
        "title": "Bad request",
        "status": 400,
        "code": "request-invalid",
        "detail": "Wrong.",
        "requestId": "r1",
        "errors": [{"path": "workDir", "message": "missing"}],
    }
    headers = {"Retry-After": "7", "Content-Type": "application/problem+json"}
    with (
        play_server(lambda asked: asked.answer(400, problem, headers)) as url,
        pytest.raises(AegisProblem) as raised,
    ):
        AegisClient(url, "x").create_session("")
    error = raised.value
    assert str(error) == "Wrong. workDir: missing"
    assert (error.status, error.code, error.title, error.detail) == (400, "request-invalid", "Bad request", "Wrong.")
    assert (error.request_id, error.retry_after_seconds) == ("r1", 7)
    assert [(one.path, one.message) for one in error.errors] == [("workDir", "missing")]


def test_tells_an_answer_that_is_not_from_aegis_and_a_place_where_nobody_is(waits: list[float]) -> None:
    with play_server(lambda asked: asked.answer_bytes(502, b"<html>")) as url, pytest.raises(AegisProblem) as raised:
        AegisClient(url).get_version()
    assert (raised.value.status, raised.value.code) == (502, "answer-unreadable")
    with pytest.raises(AegisProblem, match="ag server start") as raised:
        AegisClient(f"http://127.0.0.1:{_free_port()}").create_session("/")
    assert (raised.value.status, raised.value.code) == (0, "unreachable")
    assert len(waits) == 2


@pytest.mark.parametrize("body", [b"<html>", b'{"version":', b"[]", b'{"version": 1}', b"{}", b"\xff"])
def test_tells_an_answer_that_is_not_what_was_asked_for(body: bytes) -> None:
    with play_server(lambda asked: asked.answer_bytes(200, body)) as url, pytest.raises(AegisProblem) as raised:
        AegisClient(url).get_version()
    assert (raised.value.status, raised.value.code) == (200, "answer-unreadable")


def test_names_what_an_older_server_leaves_out() -> None:
    with play_server(lambda asked: asked.answer(200, {"version": "1"})) as url, pytest.raises(AegisProblem) as raised:
        AegisClient(url).get_version()
    assert [error.path for error in raised.value.errors] == ["apiVersion", "node"]


def test_tells_an_answer_that_is_cut() -> None:
    headers = {"Content-Length": "100"}
    with (
        play_server(lambda asked: asked.answer_bytes(200, b'{"version": "1"}', headers)) as url,
        pytest.raises(AegisProblem) as raised,
    ):
        AegisClient(url).get_version()
    assert (raised.value.status, raised.value.code) == (0, "unreachable")


@pytest.mark.parametrize(("status", "code"), [(503, "storage-full"), (429, "rate-limited")])
def test_tries_again_when_asked_to_wait_and_what_could_happen_twice_never(
    status: int, code: str, waits: list[float]
) -> None:
    calls: list[str] = []

    def play(asked: Asked) -> None:
        calls.append(asked.method)
        if asked.method == "GET" and len(calls) > 2:
            asked.answer(200, VERSION)
        else:
            asked.answer(status, {"code": code, "detail": "Not now."}, {"Retry-After": "3"})

    with play_server(play) as url:
        client = AegisClient(url, "x")
        assert client.get_version().version == "1"
        assert (len(calls), waits) == (3, [3, 3])
        with pytest.raises(AegisProblem, match=r"Not now\."):
            client.create_login_code()
        assert len(calls) == 4
        with pytest.raises(AegisProblem, match=r"Not now\."):
            client.interrupt_session("s")
        assert len(calls) == 7


def test_tries_again_when_nobody_answered_each_write_with_a_key_of_its_own(waits: list[float]) -> None:
    calls: list[tuple[str, str | None]] = []
    with play_server(lambda asked: calls.append((asked.method, asked.headers.get("Idempotency-Key")))) as url:
        client = AegisClient(url, "x")
        for call in (
            client.get_version,
            lambda: client.create_session("/"),
            lambda: client.create_session("/"),
            lambda: client.kill_session("s", idempotency_key="mine"),
            client.create_login_code,
        ):
            with pytest.raises(AegisProblem, match="No server answers"):
                call()
    assert [method for method, _ in calls] == ["GET"] * 3 + ["POST"] * 6 + ["DELETE"] * 3 + ["POST"]
    first, second, *rest = dict.fromkeys(key for _, key in calls if key is not None)
    assert re.fullmatch("[0-9a-f]{32}", str(first))
    assert re.fullmatch("[0-9a-f]{32}", str(second))
    assert rest == ["mine"]
    assert all(0.2 <= wait <= 0.6 for wait in waits)


@pytest.mark.parametrize("retry_after", [{}, {"Retry-After": "60"}, {"Retry-After": "soon"}])
def test_does_not_try_again_when_there_is_no_telling_or_it_takes_too_long(retry_after: dict[str, str]) -> None:
    calls: list[str] = []

    def play(asked: Asked) -> None:
        calls.append(asked.path)
        asked.answer(503, {"code": "starting", "detail": "Wait."}, retry_after)

    with play_server(play) as url, pytest.raises(AegisProblem) as raised:
        AegisClient(url, "x").get_version()
    assert (raised.value.code, raised.value.may_pass, len(calls)) == ("starting", True, 1)


@pytest.mark.parametrize("begun", [b"", b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"v'])
def test_waits_no_longer_than_it_may_and_says_so(begun: bytes) -> None:
    calls: list[str] = []

    def play(asked: Asked) -> None:
        calls.append(asked.path)
        asked.write(begun).wait_for_leave()

    with play_server(play) as url:
        for client, timeout in ((AegisClient(url, timeout=0.05), None), (AegisClient(url), 0.05)):
            with pytest.raises(AegisProblem) as raised:
                client.get_version(timeout=timeout)
            assert (raised.value.status, raised.value.code) == (0, "timed-out")
    assert len(calls) == 2


def test_the_time_of_a_call_is_for_all_of_it_also_where_bytes_drip() -> None:
    def play(asked: Asked) -> None:
        asked.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            asked.write(b" ")

    with play_server(play) as url, pytest.raises(AegisProblem) as raised:
        AegisClient(url, timeout=0.05).get_version()
    assert raised.value.code == "timed-out"


def test_a_pause_counts_as_time_of_the_call(waits: list[float]) -> None:
    answer = ({"code": "starting", "detail": "Wait."}, {"Retry-After": "10"})
    with play_server(lambda asked: asked.answer(503, *answer)) as url, pytest.raises(AegisProblem):
        AegisClient(url, timeout=5).get_version()
    assert all(wait <= 5 for wait in waits)
    assert len(waits) == 2


def test_long_answers_come_line_by_line_and_may_be_left() -> None:
    lines = ["a,b\r\n", '"grüße\n', '1",2\n', "ü" * 100_000 + "\n", "\n", "é" * 100_000 + "\n", "last"]

    def play(asked: Asked) -> None:
        asked.answer_bytes(200, "".join(lines).encode(), {"Content-Type": "text/csv"})

    with play_server(play) as url:
        client = AegisClient(url, "x")
        assert list(client.export_audit(format="csv")) == lines
        with client.export_audit() as export:
            assert next(export) == lines[0]
        export.close()


def test_bytes_that_are_no_text_do_not_end_it() -> None:
    with play_server(lambda asked: asked.answer_bytes(200, b"a\xff\nb\xff")) as url:
        client = AegisClient(url, "x")
        assert client.get_prometheus_metrics() == "a\ufffd\nb\ufffd"
        assert list(client.export_audit()) == ["a\ufffd\n", "b\ufffd"]


def test_a_long_answer_that_is_cut_is_no_whole_one() -> None:
    headers = {"Content-Length": "100"}
    with (
        play_server(lambda asked: asked.answer_bytes(200, b"one\ntwo", headers)) as url,
        pytest.raises(AegisProblem) as raised,
    ):
        for line in AegisClient(url, "x").export_audit():
            assert line == "one\n"
    assert raised.value.code == "unreachable"


def test_a_later_server_may_say_more_and_other_words() -> None:
    session = {"id": "k", "role": "emperor", "since": "always", "permissions": ["moon.fly"]}
    with play_server(lambda asked: asked.answer(200, {**KEY, **session})) as url:
        key = AegisClient(url, "x").update_api_key("k", name="n")
    assert (key.role, key.permissions, key.model_extra) == ("emperor", ["moon.fly"], {"since": "always"})
    assert key.model_dump(by_alias=True, mode="json")["since"] == "always"


@pytest.mark.parametrize("address", ["127.0.0.1:9100", "ftp://a", "", "http://", "http://a?b"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        AegisClient(address)


def test_a_server_may_live_below_a_path() -> None:
    seen: list[str] = []

    def play(asked: Asked) -> None:
        seen.append(asked.path)
        asked.answer(200, VERSION)

    with play_server(play) as url:
        AegisClient(f"{url}/aegis/").get_version()
    assert seen == ["/aegis/v1/version"]


def test_each_operation_of_the_contract_is_a_method_or_a_stream_or_for_hooks_alone_and_none_else_is() -> None:
    contract = Path(__file__).parents[2] / "openapi-contract" / "openapi.json"
    paths = json.loads(contract.read_text("utf-8"))["paths"]
    ids = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
    names = [re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower() for name in ids]
    methods = [name for name, _ in inspect.getmembers(Operations, inspect.isfunction) if not name.startswith("_")]
    assert len(methods) > 50
    assert sorted({*names, *methods} - ({*names} & {*methods})) == [
        "receive_hook",
        "receive_session_hook",
        "subscribe_events",
        "subscribe_session_events",
    ]


def test_its_types_are_there_for_programs_that_use_it() -> None:
    assert files("aegis_python_client").joinpath("py.typed").is_file()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
