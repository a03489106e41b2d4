"""Every operation of the contract, once at least, and streams over a restart: against a server with the demo agent."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from pydantic import BaseModel

from aegis_python_client import AegisClient, AegisProblem, Event, Gap, Lines, as_known, models

URL = os.environ["AEGIS_URL"]
TOKEN = os.environ["AEGIS_AUTH_TOKEN"]
FOLDER = Path(os.environ["AEGIS_TEST_FOLDER"])
RESTART = os.environ["AEGIS_TEST_RESTART"]
METRICS_TOKEN = os.environ["AEGIS_METRICS_TOKEN"]

POLICY: dict[str, object] = {"version": 1, "rules": [{"id": "asks", "match": {"tool": "Bash"}, "decision": "ask"}]}
THRIFTY: dict[str, object] = {**POLICY, "budgets": [{"scope": "session", "usd": 1}]}

# Behind an address that refuses what does not fit the contract, where there is one.
aegis = AegisClient(os.environ.get("AEGIS_JUDGED_URL", URL), TOKEN)


def script(*lines: str) -> str:
    """A prompt that the demo agent plays."""
    return "\n".join(["#script", *lines])


def session(*lines: str) -> str:
    """A session of its own in a folder of its own, which plays these lines if there are any."""
    count = sum(1 for _ in FOLDER.iterdir())
    folder = FOLDER / f"project-{count}"
    folder.mkdir()
    prompt = script(*lines) if lines else None
    return aegis.create_session(str(folder), prompt=prompt, reuse=False).id


def until(session_id: str, kind: str) -> Event:
    """The session's first event of a type; waits for it."""
    with closing(aegis.events(session_id)) as events:
        return next(event for event in events if isinstance(event, Event) and event.type == kind)


def session_with(kind: str, *lines: str) -> str:
    """A session that has come that far."""
    one = session(*lines)
    until(one, kind)
    return one


def approval() -> str:
    """A session with an open approval of its own."""
    return session_with("approval.requested", "run echo hello")


def question() -> str:
    """A session with an open question."""
    return session_with("question.asked", "ask Which? | a | b")


def working() -> str:
    """A session in the middle of a turn."""
    return session_with("message.delta", "say Working", "wait")


@cache
def spoken() -> str:
    """A session that has done a turn; all look at the same."""
    return session_with("turn.ended", "say Hello")


def take_screenshot() -> models.Screenshot:
    """A picture, where there is a browser."""
    try:
        return aegis.take_screenshot(session(), f"{URL}/v1/health", width=400, height=300)
    except AegisProblem as problem:
        if problem.code == "browser-missing":
            pytest.skip(str(problem))
        raise


def driven() -> str:
    """A session that only this key may send to."""
    one = session()
    aegis.claim_driver(one)
    return one


@cache
def asking() -> str:
    """A session that waits for an approval; all look at the same."""
    return approval()


def family() -> tuple[str, str]:
    """A session and its child."""
    parent = session()
    return parent, aegis.spawn_child(parent, script("say Hello")).id


def key() -> str:
    """The id of a key."""
    return aegis.create_api_key("Somebody", "viewer").id


def template() -> str:
    """The id of a template."""
    count = len(aegis.list_templates().items)
    return aegis.create_template(f"template-{count}", prompt="Hello").id


def pipeline() -> str:
    """The id of a pipeline."""
    return aegis.create_pipeline("One", [{"name": "a", "prompt": script("say Hello")}], work_dir=str(FOLDER)).id


def routine() -> str:
    """The id of a routine."""
    return aegis.create_routine("Yearly", "0 0 1 1 *", prompt=script("say Hello"), work_dir=str(FOLDER)).id


def ran() -> str:
    """The id of a routine that has had a run."""
    found = routine()
    aegis.run_routine(found)
    return found


def memory(name: str) -> str:
    """The key of something that is remembered."""
    return aegis.set_memory(f"test/{name}", "42").key


def first_of(events: Iterator[Event | Gap]) -> Event | Gap:
    """The first event of a stream that is left then."""
    return next(events)


def lift_stop_all() -> models.StopAll:
    aegis.stop_all("Smoke.")
    return aegis.lift_stop_all()


def stop_all() -> models.StopAll:
    stopped = aegis.stop_all("Smoke.")
    aegis.lift_stop_all()
    return stopped


def exchange_login_code() -> models.Login:
    link = aegis.create_login_code().url
    return aegis.exchange_login_code(parse_qs(urlsplit(link).fragment)["code"][0])


def update_policy() -> models.ServedPolicy:
    version = aegis.get_policy().version
    return aegis.update_policy(models.Policy.model_validate(THRIFTY), if_version=version)


def extend_budget() -> models.Session:
    aegis.update_policy(THRIFTY)
    return aegis.extend_budget(session(), usd=5.5, account="session", reason="A big one.")


def export_audit() -> Lines:
    with aegis.export_audit() as lines:
        assert next(lines).startswith("{")
        return lines


def batch_create_sessions() -> models.BatchCreated:
    one = {"workDir": str(FOLDER), "name": "one"}
    two = models.CreateSession(work_dir=str(FOLDER), name="two")
    created = aegis.batch_create_sessions([one, two], atomic=True)
    assert [result.session and result.session.name for result in created.results] == ["one", "two"]
    return created


def batch_kill_sessions() -> models.BatchKilled:
    ids = [session(), session(), "nobody"]
    killed = aegis.batch_kill_sessions(id=ids)
    assert [(result.id, result.session is None) for result in killed.results] == [
        *zip(ids, (False, False, True), strict=True)
    ]
    return killed


def list_sessions() -> models.SessionList:
    one = aegis.create_session(str(FOLDER), labels={"team": "web"}, reuse=False).id
    listed = aegis.list_sessions(label=["team=web"], limit=5)
    assert [item.id for item in listed.items] == [one]
    return listed


def list_children() -> models.SessionList:
    parent, child = family()
    children = aegis.list_children(parent, limit=5)
    assert [item.id for item in children.items] == [child]
    return children


def get_swarm() -> models.Swarm:
    parent, child = family()
    swarm = aegis.get_swarm(limit=1)
    assert [(node.id, node.depth) for node in swarm.items] == [(parent, 0), (child, 1)]
    return swarm


def update_session() -> models.Session:
    one = session()
    renamed = aegis.update_session(one, "Other", labels={"team": "a"})
    assert (renamed.name, renamed.labels) == ("Other", {"team": "a"})
    return renamed


def get_approval() -> models.Approval:
    [opened] = aegis.list_approvals(session_id=asking(), status="open").items
    return aegis.get_approval(opened.approval_id)


def get_session_diff() -> models.SessionDiff:
    folder = FOLDER / "repository"
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    folder.mkdir()
    for words in (["init", "--quiet"], [*author, "commit", "--quiet", "--allow-empty", "--message", "empty"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    one = aegis.create_session(str(folder), reuse=False).id
    (folder / "a.txt").write_text("1\n")
    diff = aegis.get_session_diff(one, path="a.txt")
    assert [(file.path, file.status) for file in diff.files] == [("a.txt", "added")]
    return diff


def export_session() -> Lines:
    told = aegis.get_session(asking()).hash
    with aegis.export_session(asking(), format="md") as text:
        assert next(text).startswith("# ")
    with aegis.export_session(asking()) as events:
        *_, last = events
        assert json.loads(last)["hash"] == told
        return events


def resume_session() -> models.Session:
    assert aegis.pause_session(spoken(), "Lunch.").paused
    return aegis.resume_session(spoken())


CALLS: dict[str, Callable[[], object]] = {
    "getHealth": lambda: aegis.get_health(),
    "getVersion": lambda: aegis.get_version(),
    "negotiateHandshake": lambda: aegis.negotiate_handshake(1, client_capabilities=[]),
    "getOpenApiDocument": lambda: aegis.get_open_api_document(),
    "listAgents": lambda: aegis.list_agents(),
    "stopAll": stop_all,
    "liftStopAll": lift_stop_all,
    "createLoginCode": lambda: aegis.create_login_code(),
    "exchangeLoginCode": exchange_login_code,
    "logout": lambda: aegis.logout(),
    "verifyToken": lambda: aegis.verify_token(),
    "createSseToken": lambda: aegis.create_sse_token(),
    "listApiKeys": lambda: aegis.list_api_keys(),
    "createApiKey": lambda: aegis.create_api_key("Special", "custom", permissions=["session.read"]),
    "updateApiKey": lambda: aegis.update_api_key(key(), name="Other", expires_at=None),
    "revokeApiKey": lambda: aegis.revoke_api_key(key()),
    "rotateApiKey": lambda: aegis.rotate_api_key(key(), grace_seconds=60),
    "createSession": lambda: aegis.create_session(str(FOLDER), labels={"a": "b"}, policy=POLICY, reuse=False),
    "batchCreateSessions": batch_create_sessions,
    "batchKillSessions": batch_kill_sessions,
    "updateSession": update_session,
    "setSessionMode": lambda: aegis.set_session_mode(session(), "acceptEdits"),
    "getSessionOptions": lambda: aegis.get_session_options(spoken()),
    "setSessionOptions": lambda: aegis.set_session_options(session(), {"effort": "high"}),
    "claimDriver": lambda: aegis.claim_driver(session(), ttl_seconds=60),
    "releaseDriver": lambda: aegis.release_driver(driven()),
    "transferDriver": lambda: aegis.transfer_driver(driven(), "local"),
    "takeScreenshot": take_screenshot,
    "forkSession": lambda: aegis.fork_session(spoken(), prompt=script("say Forked")),
    "completeWorkDir": lambda: aegis.complete_work_dir(prefix=f"{FOLDER}/"),
    "listParticipants": lambda: aegis.list_participants(spoken()),
    "listSessions": list_sessions,
    "spawnChild": lambda: aegis.spawn_child(session(), script("say Hello"), name="child"),
    "listChildren": list_children,
    "getSwarm": get_swarm,
    "getSession": lambda: aegis.get_session(asking()),
    "killSession": lambda: aegis.kill_session(working()),
    "getSessionHealth": lambda: aegis.get_session_health(spoken()),
    "discoverCommands": lambda: aegis.discover_commands(spoken()),
    "sendMessage": lambda: aegis.send_message(spoken(), script("say Again"), when_busy="queue"),
    "sendCommand": lambda: aegis.send_command(spoken(), "hello there", when_busy="queue"),
    "listApprovals": lambda: aegis.list_approvals(session_id=asking(), status="open", limit=5),
    "getApproval": get_approval,
    "approvePermission": lambda: aegis.approve_permission(approval(), reason="Harmless."),
    "rejectPermission": lambda: aegis.reject_permission(approval()),
    "listSessionApprovals": lambda: aegis.list_session_approvals(asking(), status="open"),
    "answerQuestion": lambda: aegis.answer_question(question(), action="decline"),
    "interruptSession": lambda: aegis.interrupt_session(working()),
    "escapeSession": lambda: aegis.escape_session(approval()),
    "pauseSession": lambda: aegis.pause_session(session(), "Lunch."),
    "resumeSession": resume_session,
    "restartSession": lambda: aegis.restart_session(session_with("turn.ended", "fail 500 Broken"), "Anew."),
    "extendBudget": extend_budget,
    "getSessionPolicy": lambda: aegis.get_session_policy(spoken()),
    "updateSessionPolicy": lambda: aegis.update_session_policy(asking(), policy=POLICY),
    "readMessages": lambda: aegis.read_messages(spoken(), limit=5),
    "getTranscriptCursor": lambda: aegis.get_transcript_cursor(spoken(), role="assistant"),
    "getSessionDiff": get_session_diff,
    "exportSession": export_session,
    "listSessionEvents": lambda: aegis.list_session_events(spoken()),
    "listEvents": lambda: aegis.list_events(after=0, limit=200),
    "subscribeSessionEvents": lambda: first_of(aegis.events(spoken())),
    "subscribeEvents": lambda: first_of(aegis.events()),
    "getSessionStats": lambda: aegis.get_session_stats(),
    "getSessionsHealth": lambda: aegis.get_sessions_health(limit=5),
    "getSessionMetrics": lambda: aegis.get_session_metrics(spoken()),
    "getSessionLatency": lambda: aegis.get_session_latency(spoken()),
    "getSessionTools": lambda: aegis.get_session_tools(asking()),
    "getSessionCost": lambda: aegis.get_session_cost(spoken(), limit=5),
    "getSessionSummary": lambda: aegis.get_session_summary(asking()),
    "listTools": lambda: aegis.list_tools(from_=datetime.now(timezone.utc) - timedelta(days=1)),
    "getCostAnalytics": lambda: aegis.get_cost_analytics(by="label", label="a"),
    "getUsageAnalytics": lambda: aegis.get_usage_analytics(by="agent"),
    "getRateLimitAnalytics": lambda: aegis.get_rate_limit_analytics(limit=5),
    "getMetrics": lambda: aegis.get_metrics(),
    "getPrometheusMetrics": lambda: AegisClient(URL, METRICS_TOKEN).get_prometheus_metrics(),
    "getDiagnostics": lambda: aegis.get_diagnostics(),
    "listAudit": lambda: aegis.list_audit(type="approval.*", limit=5),
    "exportAudit": export_audit,
    "getAuditCheckpoint": lambda: aegis.get_audit_checkpoint(),
    "getAuditProof": lambda: aegis.get_audit_proof(seq=1),
    "verifyAudit": lambda: aegis.verify_audit(),
    "getPolicy": lambda: aegis.get_policy(),
    "updatePolicy": update_policy,
    "listPolicyVersions": lambda: aegis.list_policy_versions(),
    "getShadowPolicy": lambda: aegis.get_shadow_policy(),
    "updateShadowPolicy": lambda: aegis.update_shadow_policy(POLICY),
    "checkPolicy": lambda: aegis.check_policy(POLICY),
    "simulatePolicy": lambda: aegis.simulate_policy(POLICY),
    "suggestPolicy": lambda: aegis.suggest_policy(),
    "setMemory": lambda: aegis.set_memory("test/one", "42", ttl_seconds=60),
    "listMemory": lambda: aegis.list_memory(prefix="test/"),
    "getMemory": lambda: aegis.get_memory(memory("read")),
    "deleteMemory": lambda: aegis.delete_memory(memory("gone")),
    "createTemplate": lambda: aegis.create_template("Fix", prompt="Fix {{what}}", labels={"a": "b"}),
    "listTemplates": lambda: aegis.list_templates(limit=5),
    "getTemplate": lambda: aegis.get_template(template()),
    "updateTemplate": lambda: aegis.update_template(template(), "Mend", prompt="Mend it", if_version=1),
    "createPipeline": lambda: aegis.create_pipeline(
        "Two",
        [
            {"name": "a", "prompt": script("say Hello")},
            {"name": "b", "prompt": script("say {{stages.a.output}}"), "dependsOn": ["a"]},
        ],
        work_dir=str(FOLDER),
    ),
    "listPipelines": lambda: aegis.list_pipelines(limit=5, status="running"),
    "getPipeline": lambda: aegis.get_pipeline(pipeline()),
    "cancelPipeline": lambda: aegis.cancel_pipeline(pipeline()),
    "createRoutine": lambda: aegis.create_routine(
        "Nightly",
        "30 2 * * mon-fri",
        time_zone="Europe/Berlin",
        missed_run="once",
        overlap="queue",
        enabled=False,
        prompt=script("say Hello"),
        work_dir=str(FOLDER),
        labels={"a": "b"},
    ),
    "listRoutines": lambda: aegis.list_routines(limit=5),
    "getRoutine": lambda: aegis.get_routine(ran()),
    "updateRoutine": lambda: aegis.update_routine(routine(), enabled=False, model=None, if_version=1),
    "deleteRoutine": lambda: aegis.delete_routine(routine(), if_version=1),
    "runRoutine": lambda: aegis.run_routine(routine()),
    "listRoutineRuns": lambda: aegis.list_routine_runs(ran(), limit=5),
    "deleteTemplate": lambda: aegis.delete_template(template()),
}


@pytest.mark.parametrize("operation", CALLS)
def test_an_operation_answers_what_the_models_say(operation: str) -> None:
    answer = CALLS[operation]()
    assert isinstance(answer, (BaseModel, Lines)) or (isinstance(answer, str) and answer.count("\n") > 3)
    if isinstance(answer, BaseModel):
        assert unknown_in(answer) == []


def test_each_operation_that_the_server_describes_is_called_here_but_those_of_hooks() -> None:
    document = aegis.get_open_api_document().model_dump()
    served = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert served - {*CALLS} == {"receiveHook", "receiveSessionHook"}
    assert {*CALLS} - served == set()


def test_a_refusal_is_a_problem() -> None:
    with pytest.raises(AegisProblem, match="session") as raised:
        aegis.get_session("00000000-0000-4000-8000-000000000000")
    problem = raised.value
    assert (problem.status, problem.code, bool(problem.title), bool(problem.request_id)) == (
        404,
        "session-not-found",
        True,
        True,
    )
    with pytest.raises(AegisProblem) as raised:
        AegisClient(URL, TOKEN).list_sessions(limit=1000)
    assert (raised.value.status, [error.path for error in raised.value.errors]) == (400, ["limit"])
    with pytest.raises(AegisProblem) as raised:
        AegisClient(URL, "wrong").list_sessions()
    assert raised.value.status == 401


def test_a_write_with_a_key_happens_once() -> None:
    first, second = (aegis.create_template("Once", idempotency_key="once") for _ in range(2))
    assert first == second
    assert [one.name for one in aegis.list_templates(limit=200).items].count("Once") == 1


def test_a_change_of_a_version_that_is_not_there_is_refused_and_changes_nothing() -> None:
    one = aegis.create_template("Versioned")
    with pytest.raises(AegisProblem) as raised:
        aegis.update_template(one.id, "Else", if_version=one.version + 1)
    assert (raised.value.status, raised.value.code) == (412, "version-mismatch")
    assert aegis.get_template(one.id) == one


def test_a_stream_goes_on_over_a_restart_of_the_server_without_gap_or_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    # The server is there again before the stream looks for it.
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    one = session_with("turn.ended", "say Before")
    states: list[str] = []
    seen: list[int] = []
    with closing(aegis.raw_events(one, on_connection=lambda state: states.append(state.type))) as items:
        for item in items:
            assert not isinstance(item, Gap)
            seen.append(item.seq)
            if item.event.type == "turn.ended" and len(states) == 1:
                urlopen(Request(RESTART, method="POST")).close()
                aegis.send_message(one, script("say After"))
            elif item.event.type == "turn.ended":
                aegis.kill_session(one)
    assert states[0] == "open"
    assert states.count("open") >= 2
    log: list[int] = []
    while page := aegis.list_session_events(one, after=log[-1] if log else 0).items:
        log += [event.seq for event in page]
    assert seen == log


def test_every_event_that_was_logged_is_known_with_its_data() -> None:
    events: list[Event] = []
    while page := aegis.list_events(after=events[-1].seq if events else 0, limit=200).items:
        events += page
    kinds = {event.type for event in events}
    assert len(kinds) > 30
    assert {event.type for event in events if type(as_known(event)) is Event} == set()
    assert {f"{event.type}: {name}" for event in events for name in unknown_in(as_known(event))} == set()


def unknown_in(value: object) -> list[str]:
    """The fields that the models do not have, but where the contract leaves it open what there is."""
    if isinstance(value, BaseModel):
        is_open = re.search(r"Content$|^GetOpenApiDocumentAnswer$", type(value).__name__)
        extra = [] if is_open else list(value.model_extra or {})
        return [*extra, *(name for field in type(value).model_fields for name in unknown_in(getattr(value, field)))]
    if isinstance(value, list):
        return [name for item in value for name in unknown_in(item)]
    return []
