"""Generated from the contract by scripts/generate.ts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from ..caller import Call, Caller, new_key, segment
from ..transport import Lines
from ..wire import UNSET, Unset
from .models import (
    AgentList,
    ApiKey,
    ApiKeyList,
    Approval,
    ApprovalList,
    ApprovalPage,
    AuditReport,
    BatchCreated,
    BatchKilled,
    BatchKillSessionsStatus,
    CommandList,
    ConsistencyProof,
    CostAnalytics,
    CreateApiKeyPermission,
    CreatedApiKey,
    CreatedSession,
    CreatePipelinePermissionMode,
    CreateRoutinePermissionMode,
    CreateSession,
    CreateSessionPermissionMode,
    Diagnostics,
    Driver,
    EventList,
    GetOpenApiDocumentAnswer,
    Handshake,
    Health,
    InclusionProof,
    ListApprovalsStatus,
    ListRoutineRunsStatus,
    ListSessionApprovalsStatus,
    ListSessionsStatus,
    Login,
    LoginCode,
    MemoryEntry,
    MemoryList,
    Metrics,
    Ok,
    ParticipantList,
    Pipeline,
    PipelineList,
    Policy,
    PolicyCheck,
    PolicySimulation,
    PolicySuggestions,
    PolicyVersions,
    Principal,
    RateLimitAnalytics,
    Routine,
    RoutineList,
    RoutineRun,
    RoutineRunList,
    Screenshot,
    SendMessageContent,
    SentMessage,
    ServedPolicy,
    Session,
    SessionCost,
    SessionDiff,
    SessionHealth,
    SessionLatency,
    SessionList,
    SessionMetrics,
    SessionOptions,
    SessionPermissions,
    SessionPolicy,
    SessionsHealth,
    SessionStats,
    SessionSummary,
    SetModePermissionMode,
    ShadowPolicy,
    SpawnChildPermissionMode,
    SseToken,
    StageWish,
    StopAll,
    Swarm,
    Template,
    TemplateList,
    TemplateWishPermissionMode,
    ToolUseList,
    Transcript,
    TranscriptPage,
    UpdateApiKeyPermission,
    UpdateRoutinePermissionMode,
    UsageAnalytics,
    Version,
    WorkDirList,
)


class Operations(Caller):
    """Every operation of the contract as a method; a problem is raised as AegisProblem."""

    def get_health(self, *, timeout: float | None = None) -> Health:
        """Whether the server is well."""
        call = Call("GET", "/v1/health", timeout=timeout)
        return self._model(Health, call)

    def get_version(self, *, timeout: float | None = None) -> Version:
        """The server's version."""
        call = Call("GET", "/v1/version", timeout=timeout)
        return self._model(Version, call)

    def negotiate_handshake(
        self,
        protocol_version: str | float,
        *,
        client_capabilities: Sequence[str] | None = None,
        client_version: str | None = None,
        timeout: float | None = None,
    ) -> Handshake:
        """What client and server can rely on with each other.

        protocol_version: The protocol that the client speaks: a whole number.
        client_capabilities: What it wants to rely on.
        client_version: Of the client itself.
        """
        call = Call(
            "POST",
            "/v1/handshake",
            body={
                "protocolVersion": protocol_version,
                "clientCapabilities": client_capabilities,
                "clientVersion": client_version,
            },
            timeout=timeout,
        )
        return self._model(Handshake, call)

    def get_open_api_document(self, *, timeout: float | None = None) -> GetOpenApiDocumentAnswer:
        """This document."""
        call = Call("GET", "/v1/openapi.json", timeout=timeout)
        return self._model(GetOpenApiDocumentAnswer, call)

    def list_agents(self, *, timeout: float | None = None) -> AgentList:
        """The agents that can be asked for."""
        call = Call("GET", "/v1/agents", timeout=timeout)
        return self._model(AgentList, call)

    def stop_all(
        self,
        reason: str | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> StopAll:
        """Stop all work: every turn is interrupted, every queue is held."""
        call = Call(
            "POST",
            "/v1/stop-all",
            body={"reason": reason},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(StopAll, call)

    def lift_stop_all(self, *, idempotency_key: str | None = None, timeout: float | None = None) -> StopAll:
        """Let work go on that was stopped."""
        call = Call("DELETE", "/v1/stop-all", idempotency_key=idempotency_key or new_key(), timeout=timeout)
        return self._model(StopAll, call)

    def create_login_code(self, *, timeout: float | None = None) -> LoginCode:
        """A link that opens the dashboard, once."""
        call = Call("POST", "/v1/auth/login-code", timeout=timeout)
        return self._model(LoginCode, call)

    def exchange_login_code(self, code: str, *, timeout: float | None = None) -> Login:
        """Turn a one-time login code into a cookie session."""
        call = Call("POST", "/v1/auth/exchange", body={"code": code}, timeout=timeout)
        return self._model(Login, call)

    def logout(self, *, timeout: float | None = None) -> Ok:
        """Sign out."""
        call = Call("POST", "/v1/auth/logout", timeout=timeout)
        return self._model(Ok, call)

    def verify_token(self, *, timeout: float | None = None) -> Principal:
        """Who one is."""
        call = Call("POST", "/v1/auth/verify", timeout=timeout)
        return self._model(Principal, call)

    def create_sse_token(self, session_id: str | None = None, *, timeout: float | None = None) -> SseToken:
        """A short-lived token for event streams."""
        call = Call("POST", "/v1/auth/sse-token", body={"sessionId": session_id}, timeout=timeout)
        return self._model(SseToken, call)

    def list_api_keys(self, *, timeout: float | None = None) -> ApiKeyList:
        """The keys that are good, newest first."""
        call = Call("GET", "/v1/auth/keys", timeout=timeout)
        return self._model(ApiKeyList, call)

    def create_api_key(
        self,
        name: str,
        role: Literal["admin", "operator", "viewer", "agent", "custom"],
        *,
        permissions: Sequence[CreateApiKeyPermission] | None = None,
        user_id: str | None = None,
        tenant_id: str | None = None,
        expires_at: datetime | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> CreatedApiKey:
        """Let a person or a program in.

        permissions: Of the role `custom`, and of no other.
        user_id: For whom it acts; absent: for the caller.
        tenant_id: Absent: the caller's. Another one only with the local token.
        """
        call = Call(
            "POST",
            "/v1/auth/keys",
            body={
                "name": name,
                "role": role,
                "permissions": permissions,
                "userId": user_id,
                "tenantId": tenant_id,
                "expiresAt": expires_at,
            },
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(CreatedApiKey, call)

    def update_api_key(
        self,
        id: str,
        name: str | None = None,
        *,
        role: Literal["admin", "operator", "viewer", "agent", "custom"] | None = None,
        permissions: Sequence[UpdateApiKeyPermission] | None = None,
        expires_at: datetime | Unset | None = UNSET,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> ApiKey:
        """Change what a key may do, its name or its end.

        id: The key's id.
        permissions: Of the role `custom`, and of no other.
        expires_at: null: it does not end by itself.
        """
        call = Call(
            "PATCH",
            f"/v1/auth/keys/{segment(id)}",
            body={"name": name, "role": role, "permissions": permissions, "expiresAt": expires_at},
            nullable=["expiresAt"],
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(ApiKey, call)

    def revoke_api_key(self, id: str, *, idempotency_key: str | None = None, timeout: float | None = None) -> Ok:
        """End a key for good.

        id: The key's id.
        """
        call = Call(
            "DELETE",
            f"/v1/auth/keys/{segment(id)}",
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Ok, call)

    def rotate_api_key(
        self,
        id: str,
        grace_seconds: int | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> CreatedApiKey:
        """Give a key another secret.

        id: The key's id.
        grace_seconds: How long the secret before stays good. Default: not at all.
        """
        call = Call(
            "POST",
            f"/v1/auth/keys/{segment(id)}/rotate",
            body={"graceSeconds": grace_seconds},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(CreatedApiKey, call)

    def create_session(
        self,
        work_dir: str | None = None,
        *,
        prompt: str | None = None,
        template: str | None = None,
        variables: Mapping[str, str] | None = None,
        name: str | None = None,
        agent: str | None = None,
        permission_mode: CreateSessionPermissionMode | None = None,
        model: str | None = None,
        effort: str | None = None,
        labels: Mapping[str, str] | None = None,
        policy: SessionPolicy | Mapping[str, Any] | None = None,
        parent_id: str | None = None,
        reuse: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Create a session, or reuse an idle one of the same folder.

        work_dir: Where it works; it may be absent where a template says so.
        template: The id of a template that it is begun with. What is said here besides takes the place of the template's.
        variables: What the template leaves open.
        effort: How much its agent thinks, in the agent's own words, as it offers them.
        parent_id: The session that it is to be a child of: a child has its parent's labels, works in its folder and asks no less. What an agent begins is its own session's child in any case.
        """
        call = Call(
            "POST",
            "/v1/sessions",
            body={
                "workDir": work_dir,
                "prompt": prompt,
                "template": template,
                "variables": variables,
                "name": name,
                "agent": agent,
                "permissionMode": permission_mode,
                "model": model,
                "effort": effort,
                "labels": labels,
                "policy": policy,
                "parentId": parent_id,
                "reuse": reuse,
            },
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(CreatedSession, call)

    def list_sessions(
        self,
        *,
        status: ListSessionsStatus | None = None,
        work_dir: str | None = None,
        agent: str | None = None,
        label: Sequence[str] | None = None,
        q: str | None = None,
        owner: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        after: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> SessionList:
        """List sessions, newest first.

        label: `name=value`, said once for each: a session has all of them.
        q: In the name or the folder, in capitals or not.
        owner: The user whose they are.
        from_: Created then or later.
        to: Created before.
        after: nextCursor of the page before.
        """
        call = Call(
            "GET",
            "/v1/sessions",
            query={
                "status": status,
                "workDir": work_dir,
                "agent": agent,
                "label": label,
                "q": q,
                "owner": owner,
                "from": from_,
                "to": to,
                "after": after,
                "limit": limit,
            },
            timeout=timeout,
        )
        return self._model(SessionList, call)

    def batch_create_sessions(
        self,
        sessions: Sequence[CreateSession | Mapping[str, Any]],
        *,
        atomic: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> BatchCreated:
        """Create up to 50 sessions at once.

        sessions: Each as one is created by itself.
        atomic: All of them or none: where one is refused, the whole request is, and says which. Then none is reused, since a prompt that somebody's idle session has got cannot be taken back.
        """
        call = Call(
            "POST",
            "/v1/sessions/batch",
            body={"sessions": sessions, "atomic": atomic},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(BatchCreated, call)

    def batch_kill_sessions(
        self,
        *,
        id: Sequence[str] | None = None,
        status: BatchKillSessionsStatus | None = None,
        work_dir: str | None = None,
        agent: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> BatchKilled:
        """End up to 50 sessions for good; they stay readable.

        id: The sessions' ids: the parameter is said once for each.
        """
        call = Call(
            "DELETE",
            "/v1/sessions/batch",
            query={"id": id, "status": status, "workDir": work_dir, "agent": agent},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(BatchKilled, call)

    def claim_driver(
        self,
        id: str,
        ttl_seconds: int | None = None,
        *,
        fence: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Driver:
        """Have only this key send to a session, for a time.

        id: The session's id.
        ttl_seconds: For how long. Default: 300.
        fence: The number under which the caller drives already: keeps it, for so long from now.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/driver/claim",
            body={"ttlSeconds": ttl_seconds, "fence": fence},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Driver, call)

    def release_driver(
        self,
        id: str,
        fence: int | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Ok:
        """Let everybody send to a session again.

        id: The session's id.
        fence: The number under which the caller drives.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/driver/release",
            body={"fence": fence},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Ok, call)

    def transfer_driver(
        self,
        id: str,
        target_key_id: str,
        *,
        ttl_seconds: int | None = None,
        fence: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Driver:
        """Have another key drive a session.

        id: The session's id.
        target_key_id: The id of a key that may send here, too.
        ttl_seconds: For how long. Default: until when the caller has it.
        fence: The number under which the caller drives.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/driver/transfer",
            body={"targetKeyId": target_key_id, "ttlSeconds": ttl_seconds, "fence": fence},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Driver, call)

    def list_participants(self, id: str, *, timeout: float | None = None) -> ParticipantList:
        """Who has done something in a session, and who drives it.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/participants", timeout=timeout)
        return self._model(ParticipantList, call)

    def take_screenshot(
        self,
        id: str,
        url: str,
        *,
        full_page: bool | None = None,
        width: int | None = None,
        height: int | None = None,
        timeout: float | None = None,
    ) -> Screenshot:
        """Look at a page, as a picture.

        id: The session's id.
        url: The page.
        full_page: All of it, instead of what the window shows.
        width: Of the window, in CSS pixels. Default: 1280.
        height: Of the window. Default: 720.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/screenshot",
            body={"url": url, "fullPage": full_page, "width": width, "height": height},
            timeout=timeout,
        )
        return self._model(Screenshot, call)

    def complete_work_dir(
        self,
        *,
        prefix: str | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> WorkDirList:
        """Folders that a session may work in, by what was typed of their paths.

        prefix: An absolute path, or `~/`; empty: where one may begin.
        """
        call = Call("GET", "/v1/workdirs", query={"prefix": prefix, "limit": limit}, timeout=timeout)
        return self._model(WorkDirList, call)

    def fork_session(
        self,
        id: str,
        name: str | None = None,
        *,
        prompt: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Begin a session that knows what another one knows by now.

        id: The session's id.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/fork",
            body={"name": name, "prompt": prompt},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(CreatedSession, call)

    def spawn_child(
        self,
        id: str,
        prompt: str | None = None,
        *,
        template: str | None = None,
        variables: Mapping[str, str] | None = None,
        name: str | None = None,
        agent: str | None = None,
        permission_mode: SpawnChildPermissionMode | None = None,
        model: str | None = None,
        effort: str | None = None,
        labels: Mapping[str, str] | None = None,
        policy: SessionPolicy | Mapping[str, Any] | None = None,
        work_dir: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Create a child of a session.

        id: The session's id.
        template: The id of a template that it is begun with. What is said here besides takes the place of the template's.
        variables: What the template leaves open.
        effort: How much its agent thinks, in the agent's own words, as it offers them.
        work_dir: Absent: where its template says, or where its parent works.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/spawn",
            body={
                "prompt": prompt,
                "template": template,
                "variables": variables,
                "name": name,
                "agent": agent,
                "permissionMode": permission_mode,
                "model": model,
                "effort": effort,
                "labels": labels,
                "policy": policy,
                "workDir": work_dir,
            },
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(CreatedSession, call)

    def list_children(
        self,
        id: str,
        *,
        limit: int | None = None,
        after: str | None = None,
        timeout: float | None = None,
    ) -> SessionList:
        """A session's children, newest first, also those that have ended.

        id: The session's id.
        after: `nextCursor` of the page before.
        """
        call = Call(
            "GET",
            f"/v1/sessions/{segment(id)}/children",
            query={"limit": limit, "after": after},
            timeout=timeout,
        )
        return self._model(SessionList, call)

    def get_swarm(self, *, limit: int | None = None, after: str | None = None, timeout: float | None = None) -> Swarm:
        """Which sessions live, and which has begun which.

        after: `nextCursor` of the page before.
        """
        call = Call("GET", "/v1/swarm", query={"limit": limit, "after": after}, timeout=timeout)
        return self._model(Swarm, call)

    def get_session_stats(self, *, timeout: float | None = None) -> SessionStats:
        """What all sessions have done so far, in numbers."""
        call = Call("GET", "/v1/sessions/stats", timeout=timeout)
        return self._model(SessionStats, call)

    def get_sessions_health(
        self,
        *,
        limit: int | None = None,
        after: str | None = None,
        timeout: float | None = None,
    ) -> SessionsHealth:
        """How the sessions are that have not ended, newest first.

        after: `nextCursor` of the page before.
        """
        call = Call("GET", "/v1/sessions/health", query={"limit": limit, "after": after}, timeout=timeout)
        return self._model(SessionsHealth, call)

    def get_session(self, id: str, *, timeout: float | None = None) -> Session:
        """A session as it is now.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}", timeout=timeout)
        return self._model(Session, call)

    def update_session(
        self,
        id: str,
        name: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Session:
        """Give a session another name, or other labels.

        id: The session's id.
        labels: All that it has from now on.
        """
        call = Call(
            "PATCH",
            f"/v1/sessions/{segment(id)}",
            body={"name": name, "labels": labels},
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(Session, call)

    def kill_session(self, id: str, *, idempotency_key: str | None = None, timeout: float | None = None) -> Session:
        """End a session for good; it stays readable.

        id: The session's id.
        """
        call = Call(
            "DELETE",
            f"/v1/sessions/{segment(id)}",
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Session, call)

    def get_session_options(self, id: str, *, timeout: float | None = None) -> SessionOptions:
        """What of its agent's options is set, and what it offers.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/options", timeout=timeout)
        return self._model(SessionOptions, call)

    def set_session_options(
        self,
        id: str,
        options: Mapping[str, str | bool],
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Session:
        """Set its agent's options: model, effort and what else it offers.

        id: The session's id.
        options: All that are set from now on: what is not named is as its agent has it by itself.
        """
        call = Call(
            "PUT",
            f"/v1/sessions/{segment(id)}/options",
            body={"options": options},
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(Session, call)

    def set_session_mode(
        self,
        id: str,
        permission_mode: SetModePermissionMode,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Session:
        """Have a session ask more, or less.

        id: The session's id.
        """
        call = Call(
            "PUT",
            f"/v1/sessions/{segment(id)}/mode",
            body={"permissionMode": permission_mode},
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(Session, call)

    def get_session_health(self, id: str, *, timeout: float | None = None) -> SessionHealth:
        """How a session is, and what can be done about it.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/health", timeout=timeout)
        return self._model(SessionHealth, call)

    def discover_commands(self, id: str, *, timeout: float | None = None) -> CommandList:
        """The slash commands that a session's agent has.

        id: The session's id.
        """
        call = Call("POST", f"/v1/sessions/{segment(id)}/discover-commands", timeout=timeout)
        return self._model(CommandList, call)

    def send_message(
        self,
        id: str,
        text: str | None = None,
        *,
        content: Sequence[SendMessageContent | Mapping[str, Any]] | None = None,
        when_busy: Literal["queue", "interrupt", "reject"] | None = None,
        retry_turn: bool | None = None,
        fence: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> SentMessage:
        """Send a prompt.

        id: The session's id.
        retry_turn: Whether the agent gets it once more when it dies in the middle of it. What it has done by then it may do twice.
        fence: The number under which the caller drives the session: refused where it is another by now.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/send",
            body={"text": text, "content": content, "whenBusy": when_busy, "retryTurn": retry_turn, "fence": fence},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(SentMessage, call)

    def send_command(
        self,
        id: str,
        command: str,
        *,
        when_busy: Literal["queue", "interrupt", "reject"] | None = None,
        fence: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> SentMessage:
        """Send one of its agent's slash commands.

        id: The session's id.
        command: With what is said behind it; the slash may be absent.
        fence: The number under which the caller drives the session: refused where it is another by now.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/command",
            body={"command": command, "whenBusy": when_busy, "fence": fence},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(SentMessage, call)

    def approve_permission(
        self,
        id: str,
        approval_id: str | None = None,
        *,
        digest: str | None = None,
        option_id: str | None = None,
        reason: str | None = None,
        remember: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Approval:
        """Approve what waits.

        id: The session's id.
        remember: Whether the same call, leading to the same, is allowed in this session from now on. Not where a rule asks or certain people are needed (not-rememberable).
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/approve",
            body={
                "approvalId": approval_id,
                "digest": digest,
                "optionId": option_id,
                "reason": reason,
                "remember": remember,
            },
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Approval, call)

    def reject_permission(
        self,
        id: str,
        approval_id: str | None = None,
        *,
        digest: str | None = None,
        option_id: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Approval:
        """Reject what waits.

        id: The session's id.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/reject",
            body={"approvalId": approval_id, "digest": digest, "optionId": option_id, "reason": reason},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Approval, call)

    def list_session_approvals(
        self,
        id: str,
        *,
        status: ListSessionApprovalsStatus | None = None,
        timeout: float | None = None,
    ) -> ApprovalList:
        """A session's approvals, newest first.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/approvals", query={"status": status}, timeout=timeout)
        return self._model(ApprovalList, call)

    def list_approvals(
        self,
        *,
        limit: int | None = None,
        after: str | None = None,
        status: ListApprovalsStatus | None = None,
        session_id: str | None = None,
        timeout: float | None = None,
    ) -> ApprovalPage:
        """Approvals of all sessions, newest first.

        after: `nextCursor` of the page before.
        session_id: Only this session's.
        """
        call = Call(
            "GET",
            "/v1/approvals",
            query={"limit": limit, "after": after, "status": status, "sessionId": session_id},
            timeout=timeout,
        )
        return self._model(ApprovalPage, call)

    def get_approval(self, approval_id: str, *, timeout: float | None = None) -> Approval:
        """An approval, open or decided.

        approval_id: The approval's id.
        """
        call = Call("GET", f"/v1/approvals/{segment(approval_id)}", timeout=timeout)
        return self._model(Approval, call)

    def answer_question(
        self,
        id: str,
        question_id: str | None = None,
        *,
        action: Literal["accept", "decline"] | None = None,
        content: Mapping[str, Any] | None = None,
        fence: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Ok:
        """Answer or decline the agent's question.

        id: The session's id.
        action: accept when absent
        fence: The number under which the caller drives the session: refused where it is another by now.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/answer",
            body={"questionId": question_id, "action": action, "content": content, "fence": fence},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Ok, call)

    def interrupt_session(self, id: str, *, idempotency_key: str | None = None, timeout: float | None = None) -> Ok:
        """Interrupt the running turn.

        id: The session's id.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/interrupt",
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Ok, call)

    def escape_session(self, id: str, *, idempotency_key: str | None = None, timeout: float | None = None) -> Ok:
        """Take back what waits for a person, and end the turn.

        id: The session's id.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/escape",
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Ok, call)

    def pause_session(
        self,
        id: str,
        reason: str | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Session:
        """Hold the queue: no prompt goes out until it is resumed.

        id: The session's id.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/pause",
            body={"reason": reason},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Session, call)

    def resume_session(
        self,
        id: str,
        reason: str | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Session:
        """End a pause.

        id: The session's id.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/resume",
            body={"reason": reason},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Session, call)

    def restart_session(
        self,
        id: str,
        reason: str | None = None,
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Session:
        """Start the agent of a session again that has failed or crashed.

        id: The session's id.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/restart",
            body={"reason": reason},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Session, call)

    def extend_budget(
        self,
        id: str,
        usd: float | None = None,
        *,
        tokens: int | None = None,
        account: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Session:
        """Allow more than the limit of a budget that the session counts on.

        id: The session's id.
        usd: US dollars.
        account: Which of the session's budgets, by the name that `exceeded` has; absent: the one that holds it.
        """
        call = Call(
            "POST",
            f"/v1/sessions/{segment(id)}/budget",
            body={"usd": usd, "tokens": tokens, "account": account, "reason": reason},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Session, call)

    def get_session_policy(self, id: str, *, timeout: float | None = None) -> SessionPermissions:
        """What holds in the session besides the server's policy.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/permissions", timeout=timeout)
        return self._model(SessionPermissions, call)

    def update_session_policy(
        self,
        id: str,
        policy: SessionPolicy | Mapping[str, Any] | Unset | None = UNSET,
        *,
        remembered: Sequence[str] | None = None,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> SessionPermissions:
        """Give the session other rules of its own, or have it forget.

        id: The session's id.
        policy: null: none. Absent: as it is.
        remembered: The approvals that are remembered from now on: none but these. Absent: as they are.
        """
        call = Call(
            "PUT",
            f"/v1/sessions/{segment(id)}/permissions",
            body={"policy": policy, "remembered": remembered},
            nullable=["policy"],
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(SessionPermissions, call)

    def read_messages(
        self,
        id: str,
        *,
        offset: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> Transcript:
        """The transcript, by offset.

        id: The session's id.
        """
        call = Call(
            "GET",
            f"/v1/sessions/{segment(id)}/read",
            query={"offset": offset, "limit": limit},
            timeout=timeout,
        )
        return self._model(Transcript, call)

    def get_transcript_cursor(
        self,
        id: str,
        *,
        before_id: int | None = None,
        limit: int | None = None,
        role: Literal["user", "assistant", "system"] | None = None,
        timeout: float | None = None,
    ) -> TranscriptPage:
        """The transcript, by stable message ids, newest page first.

        id: The session's id.
        """
        call = Call(
            "GET",
            f"/v1/sessions/{segment(id)}/transcript/cursor",
            query={"before_id": before_id, "limit": limit, "role": role},
            timeout=timeout,
        )
        return self._model(TranscriptPage, call)

    def get_session_diff(self, id: str, *, path: str | None = None, timeout: float | None = None) -> SessionDiff:
        """What has changed in the session's folder since the session began.

        id: The session's id.
        path: Only this file, or the files of this folder.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/diff", query={"path": path}, timeout=timeout)
        return self._model(SessionDiff, call)

    def export_session(
        self,
        id: str,
        *,
        format: Literal["jsonl", "md", "cassette"] | None = None,
        timeout: float | None = None,
    ) -> Lines:
        """All of a session as a file, as it is now.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/export", query={"format": format}, timeout=timeout)
        return self._lines(call)

    def list_session_events(
        self,
        id: str,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> EventList:
        """A session's events as pages.

        id: The session's id.
        after: Events with a greater seq, oldest first.
        before: Events with a smaller seq; without `after`: newest first.
        """
        call = Call(
            "GET",
            f"/v1/sessions/{segment(id)}/log",
            query={"after": after, "before": before, "limit": limit},
            timeout=timeout,
        )
        return self._model(EventList, call)

    def list_events(
        self,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> EventList:
        """All events as pages.

        after: Events with a greater seq, oldest first.
        before: Events with a smaller seq; without `after`: newest first.
        """
        call = Call("GET", "/v1/log", query={"after": after, "before": before, "limit": limit}, timeout=timeout)
        return self._model(EventList, call)

    def list_audit(
        self,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
        actor: str | None = None,
        type: str | None = None,
        session: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        timeout: float | None = None,
    ) -> EventList:
        """The audit trail: what was wished, decided and done, and by whom.

        after: Entries with a greater seq, oldest first.
        before: Entries with a smaller seq; without `after`: newest first.
        actor: The id of who did it: a key's, `runner`, …
        type: Types of events, with commas; `approval.*` is all that begin so.
        session: Only what belongs to this session.
        from_: Not before this moment.
        to: Before this moment.
        """
        call = Call(
            "GET",
            "/v1/audit",
            query={
                "after": after,
                "before": before,
                "limit": limit,
                "actor": actor,
                "type": type,
                "session": session,
                "from": from_,
                "to": to,
            },
            timeout=timeout,
        )
        return self._model(EventList, call)

    def export_audit(
        self,
        *,
        format: Literal["ndjson", "csv"] | None = None,
        after: int | None = None,
        actor: str | None = None,
        type: str | None = None,
        session: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        timeout: float | None = None,
    ) -> Lines:
        """The audit trail as a file, oldest first.

        after: Entries with a greater seq.
        actor: The id of who did it: a key's, `runner`, …
        type: Types of events, with commas; `approval.*` is all that begin so.
        session: Only what belongs to this session.
        from_: Not before this moment.
        to: Before this moment.
        """
        call = Call(
            "GET",
            "/v1/audit/export",
            query={
                "format": format,
                "after": after,
                "actor": actor,
                "type": type,
                "session": session,
                "from": from_,
                "to": to,
            },
            timeout=timeout,
        )
        return self._lines(call)

    def get_audit_checkpoint(self, *, timeout: float | None = None) -> str:
        """The newest checkpoint: the log's size and root, signed."""
        call = Call("GET", "/v1/audit/checkpoint", timeout=timeout)
        return self._text(call)

    def get_audit_proof(
        self,
        *,
        seq: int | None = None,
        size: int | None = None,
        from_: int | None = None,
        to: int | None = None,
        timeout: float | None = None,
    ) -> InclusionProof | ConsistencyProof:
        """Prove that an entry is in the log, or that the log of then is the beginning of the log of now."""
        call = Call(
            "GET",
            "/v1/audit/proof",
            query={"seq": seq, "size": size, "from": from_, "to": to},
            timeout=timeout,
        )
        kind: TypeAdapter[InclusionProof | ConsistencyProof] = TypeAdapter(InclusionProof | ConsistencyProof)
        return self._value(kind, call)

    def verify_audit(self, *, timeout: float | None = None) -> AuditReport:
        """Look whether the log is still what was signed."""
        call = Call("POST", "/v1/audit/verify", timeout=timeout)
        return self._model(AuditReport, call)

    def get_policy(self, *, version: int | None = None, timeout: float | None = None) -> ServedPolicy:
        """What agents may do, as the server judges it.

        version: As it was in that version.
        """
        call = Call("GET", "/v1/policy", query={"version": version}, timeout=timeout)
        return self._model(ServedPolicy, call)

    def update_policy(
        self,
        policy: Policy | Mapping[str, Any] | None,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> ServedPolicy:
        """Say what agents may do from now on.

        policy: null: none from now on.
        """
        call = Call(
            "PUT",
            "/v1/policy",
            body={"policy": policy},
            nullable=["policy"],
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(ServedPolicy, call)

    def list_policy_versions(
        self,
        *,
        limit: int | None = None,
        after: str | None = None,
        timeout: float | None = None,
    ) -> PolicyVersions:
        """Who changed the policy, when, and what.

        after: `nextCursor` of the page before.
        """
        call = Call("GET", "/v1/policy/versions", query={"limit": limit, "after": after}, timeout=timeout)
        return self._model(PolicyVersions, call)

    def get_shadow_policy(self, *, timeout: float | None = None) -> ShadowPolicy:
        """The policy on trial, and what it would have said since."""
        call = Call("GET", "/v1/policy/shadow", timeout=timeout)
        return self._model(ShadowPolicy, call)

    def update_shadow_policy(
        self,
        policy: Policy | Mapping[str, Any] | None,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> ShadowPolicy:
        """Try a policy: write down what it would say.

        policy: null: none from now on.
        """
        call = Call(
            "PUT",
            "/v1/policy/shadow",
            body={"policy": policy},
            nullable=["policy"],
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(ShadowPolicy, call)

    def check_policy(self, policy: Policy | Mapping[str, Any], *, timeout: float | None = None) -> PolicyCheck:
        """Look for what is wrong in a policy: rules that contradict, or never decide."""
        call = Call("POST", "/v1/policy/check", body={"policy": policy}, timeout=timeout)
        return self._model(PolicyCheck, call)

    def simulate_policy(
        self,
        policy: Policy | Mapping[str, Any],
        *,
        since: datetime | None = None,
        timeout: float | None = None,
    ) -> PolicySimulation:
        """What another policy would have said to all that agents have asked for.

        since: Only what was asked for after that moment.
        """
        call = Call("POST", "/v1/policy/simulate", body={"policy": policy, "since": since}, timeout=timeout)
        return self._model(PolicySimulation, call)

    def suggest_policy(self, *, since: datetime | None = None, timeout: float | None = None) -> PolicySuggestions:
        """Rules that would have allowed what people approved again and again.

        since: Only from what was asked for after that moment.
        """
        call = Call("GET", "/v1/policy/suggestions", query={"since": since}, timeout=timeout)
        return self._model(PolicySuggestions, call)

    def set_memory(
        self,
        key: str,
        value: str,
        *,
        ttl_seconds: int | None = None,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> MemoryEntry:
        """Keep a text under a key.

        key: A namespace, a slash and a name: no spaces, nothing that does not show, and no part that is `.` or `..`.
        ttl_seconds: For how long it is kept; absent: until somebody deletes it.
        """
        call = Call(
            "POST",
            "/v1/memory",
            body={"key": key, "value": value, "ttlSeconds": ttl_seconds},
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(MemoryEntry, call)

    def list_memory(
        self,
        *,
        prefix: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        timeout: float | None = None,
    ) -> MemoryList:
        """What is kept, by key.

        prefix: Of the keys.
        after: `nextCursor` of the page before.
        """
        call = Call("GET", "/v1/memory", query={"prefix": prefix, "limit": limit, "after": after}, timeout=timeout)
        return self._model(MemoryList, call)

    def get_memory(self, key: str, *, timeout: float | None = None) -> MemoryEntry:
        """What is kept under a key.

        key: The whole key, `namespace/name`; its slashes may stay as they are.
        """
        call = Call("GET", f"/v1/memory/{segment(key)}", timeout=timeout)
        return self._model(MemoryEntry, call)

    def delete_memory(
        self,
        key: str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Ok:
        """Forget what is kept under a key.

        key: The whole key, `namespace/name`; its slashes may stay as they are.
        """
        call = Call(
            "DELETE",
            f"/v1/memory/{segment(key)}",
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(Ok, call)

    def create_template(
        self,
        name: str,
        *,
        description: str | None = None,
        work_dir: str | None = None,
        prompt: str | None = None,
        agent: str | None = None,
        permission_mode: TemplateWishPermissionMode | None = None,
        model: str | None = None,
        effort: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Template:
        """Make a template for sessions.

        effort: How much its agent thinks, in the agent's own words, as it offers them.
        """
        call = Call(
            "POST",
            "/v1/templates",
            body={
                "name": name,
                "description": description,
                "workDir": work_dir,
                "prompt": prompt,
                "agent": agent,
                "permissionMode": permission_mode,
                "model": model,
                "effort": effort,
                "labels": labels,
            },
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Template, call)

    def list_templates(
        self,
        *,
        limit: int | None = None,
        after: str | None = None,
        timeout: float | None = None,
    ) -> TemplateList:
        """Templates, newest first, then those that are built in.

        after: `nextCursor` of the page before.
        """
        call = Call("GET", "/v1/templates", query={"limit": limit, "after": after}, timeout=timeout)
        return self._model(TemplateList, call)

    def get_template(self, id: str, *, timeout: float | None = None) -> Template:
        """A template.

        id: The template's id.
        """
        call = Call("GET", f"/v1/templates/{segment(id)}", timeout=timeout)
        return self._model(Template, call)

    def update_template(
        self,
        id: str,
        name: str,
        *,
        description: str | None = None,
        work_dir: str | None = None,
        prompt: str | None = None,
        agent: str | None = None,
        permission_mode: TemplateWishPermissionMode | None = None,
        model: str | None = None,
        effort: str | None = None,
        labels: Mapping[str, str] | None = None,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Template:
        """Replace a template.

        id: The template's id.
        effort: How much its agent thinks, in the agent's own words, as it offers them.
        """
        call = Call(
            "PUT",
            f"/v1/templates/{segment(id)}",
            body={
                "name": name,
                "description": description,
                "workDir": work_dir,
                "prompt": prompt,
                "agent": agent,
                "permissionMode": permission_mode,
                "model": model,
                "effort": effort,
                "labels": labels,
            },
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(Template, call)

    def delete_template(
        self,
        id: str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Ok:
        """Delete a template.

        id: The template's id.
        """
        call = Call(
            "DELETE",
            f"/v1/templates/{segment(id)}",
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(Ok, call)

    def create_pipeline(
        self,
        name: str,
        stages: Sequence[StageWish | Mapping[str, Any]],
        *,
        work_dir: str | None = None,
        permission_mode: CreatePipelinePermissionMode | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Pipeline:
        """Run stages one after the other, each as a session of its own.

        work_dir: Where its stages work that do not say so themselves.
        permission_mode: Of its stages that do not say so themselves.
        """
        call = Call(
            "POST",
            "/v1/pipelines",
            body={"name": name, "workDir": work_dir, "permissionMode": permission_mode, "stages": stages},
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Pipeline, call)

    def list_pipelines(
        self,
        *,
        limit: int | None = None,
        after: str | None = None,
        status: Literal["running", "completed", "failed", "cancelled"] | None = None,
        timeout: float | None = None,
    ) -> PipelineList:
        """Pipelines, newest first.

        after: `nextCursor` of the page before.
        """
        call = Call("GET", "/v1/pipelines", query={"limit": limit, "after": after, "status": status}, timeout=timeout)
        return self._model(PipelineList, call)

    def get_pipeline(self, id: str, *, timeout: float | None = None) -> Pipeline:
        """A pipeline with all its stages were told and have said.

        id: The pipeline's id.
        """
        call = Call("GET", f"/v1/pipelines/{segment(id)}", timeout=timeout)
        return self._model(Pipeline, call)

    def cancel_pipeline(self, id: str, *, idempotency_key: str | None = None, timeout: float | None = None) -> Pipeline:
        """End what runs of a pipeline, and begin nothing more of it; it stays readable.

        id: The pipeline's id.
        """
        call = Call(
            "DELETE",
            f"/v1/pipelines/{segment(id)}",
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Pipeline, call)

    def create_routine(
        self,
        name: str,
        cron: str,
        *,
        time_zone: str | None = None,
        missed_run: Literal["skip", "once"] | None = None,
        overlap: Literal["skip", "queue", "parallel"] | None = None,
        enabled: bool | None = None,
        prompt: str | None = None,
        work_dir: str | None = None,
        agent: str | None = None,
        permission_mode: CreateRoutinePermissionMode | None = None,
        model: str | None = None,
        effort: str | None = None,
        labels: Mapping[str, str] | None = None,
        template: str | None = None,
        variables: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Routine:
        """Have sessions begun by the clock.

        cron: When: minute, hour, day of the month, month, day of the week. Days of both kinds are due on either. What the zone's clock skips is due once, right after the jump; what it shows twice is due the first time.
        time_zone: By whose clock: an IANA name. Default: UTC.
        missed_run: Of times that are over by a minute before anything could begin, since the server was down or all work was stopped. `skip` (default): nothing begins. `once`: one run for all of them.
        overlap: Of a time at which an earlier run has not ended. `skip` (default): nothing begins. `queue`: it waits for that, and no other one besides. `parallel`: it begins.
        enabled: Whether its times are due: false is a pause.
        effort: How much its agent thinks, in the agent's own words, as it offers them.
        template: The id of a template, as it is now. What is said here takes the place of what it says.
        variables: What the template leaves open.
        """
        call = Call(
            "POST",
            "/v1/routines",
            body={
                "name": name,
                "cron": cron,
                "timeZone": time_zone,
                "missedRun": missed_run,
                "overlap": overlap,
                "enabled": enabled,
                "prompt": prompt,
                "workDir": work_dir,
                "agent": agent,
                "permissionMode": permission_mode,
                "model": model,
                "effort": effort,
                "labels": labels,
                "template": template,
                "variables": variables,
            },
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(Routine, call)

    def list_routines(
        self,
        *,
        limit: int | None = None,
        after: str | None = None,
        timeout: float | None = None,
    ) -> RoutineList:
        """Routines, newest first.

        after: `nextCursor` of the page before.
        """
        call = Call("GET", "/v1/routines", query={"limit": limit, "after": after}, timeout=timeout)
        return self._model(RoutineList, call)

    def get_routine(self, id: str, *, timeout: float | None = None) -> Routine:
        """A routine, with when it begins something next, and what became of its last run.

        id: The routine's id.
        """
        call = Call("GET", f"/v1/routines/{segment(id)}", timeout=timeout)
        return self._model(Routine, call)

    def update_routine(
        self,
        id: str,
        name: str | None = None,
        *,
        cron: str | None = None,
        time_zone: str | None = None,
        missed_run: Literal["skip", "once"] | None = None,
        overlap: Literal["skip", "queue", "parallel"] | None = None,
        enabled: bool | None = None,
        prompt: str | None = None,
        work_dir: str | None = None,
        agent: str | None = None,
        permission_mode: UpdateRoutinePermissionMode | None = None,
        model: str | Unset | None = UNSET,
        effort: str | Unset | None = UNSET,
        labels: Mapping[str, str] | None = None,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Routine:
        """Change a routine, pause it, or let it go on.

        id: The routine's id.
        cron: When: minute, hour, day of the month, month, day of the week. Days of both kinds are due on either. What the zone's clock skips is due once, right after the jump; what it shows twice is due the first time.
        time_zone: By whose clock: an IANA name.
        missed_run: Of times that are over by a minute before anything could begin, since the server was down or all work was stopped. `skip` (default): nothing begins. `once`: one run for all of them.
        overlap: Of a time at which an earlier run has not ended. `skip` (default): nothing begins. `queue`: it waits for that, and no other one besides. `parallel`: it begins.
        enabled: Whether its times are due: false is a pause.
        model: null: the one that the agent takes by itself.
        effort: null: as the agent has it by itself.
        labels: All that its sessions have from now on.
        """
        call = Call(
            "PATCH",
            f"/v1/routines/{segment(id)}",
            body={
                "name": name,
                "cron": cron,
                "timeZone": time_zone,
                "missedRun": missed_run,
                "overlap": overlap,
                "enabled": enabled,
                "prompt": prompt,
                "workDir": work_dir,
                "agent": agent,
                "permissionMode": permission_mode,
                "model": model,
                "effort": effort,
                "labels": labels,
            },
            nullable=["model", "effort"],
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(Routine, call)

    def delete_routine(
        self,
        id: str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Ok:
        """Delete a routine: it begins nothing more, and what works of it goes on.

        id: The routine's id.
        """
        call = Call(
            "DELETE",
            f"/v1/routines/{segment(id)}",
            idempotency_key=idempotency_key or new_key(),
            if_version=if_version,
            timeout=timeout,
        )
        return self._model(Ok, call)

    def run_routine(self, id: str, *, idempotency_key: str | None = None, timeout: float | None = None) -> RoutineRun:
        """Begin a run now, also of a routine that is paused.

        id: The routine's id.
        """
        call = Call(
            "POST",
            f"/v1/routines/{segment(id)}/run",
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        return self._model(RoutineRun, call)

    def list_routine_runs(
        self,
        id: str,
        *,
        limit: int | None = None,
        after: str | None = None,
        status: ListRoutineRunsStatus | None = None,
        timeout: float | None = None,
    ) -> RoutineRunList:
        """Runs of a routine, newest first, with the times at which nothing began, and why.

        id: The routine's id.
        after: `nextCursor` of the page before.
        """
        call = Call(
            "GET",
            f"/v1/routines/{segment(id)}/runs",
            query={"limit": limit, "after": after, "status": status},
            timeout=timeout,
        )
        return self._model(RoutineRunList, call)

    def get_session_metrics(self, id: str, *, timeout: float | None = None) -> SessionMetrics:
        """What a session has done so far, in numbers.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/metrics", timeout=timeout)
        return self._model(SessionMetrics, call)

    def get_session_latency(self, id: str, *, timeout: float | None = None) -> SessionLatency:
        """How long things took in a session.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/latency", timeout=timeout)
        return self._model(SessionLatency, call)

    def get_session_tools(self, id: str, *, timeout: float | None = None) -> ToolUseList:
        """The tools that a session's agent has used.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/tools", timeout=timeout)
        return self._model(ToolUseList, call)

    def get_session_cost(
        self,
        id: str,
        *,
        limit: int | None = None,
        after: str | None = None,
        timeout: float | None = None,
    ) -> SessionCost:
        """What a session has cost, in all and by turn.

        id: The session's id.
        after: `nextCursor` of the page before.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/cost", query={"limit": limit, "after": after}, timeout=timeout)
        return self._model(SessionCost, call)

    def get_session_summary(self, id: str, *, timeout: float | None = None) -> SessionSummary:
        """A session's transcript in short.

        id: The session's id.
        """
        call = Call("GET", f"/v1/sessions/{segment(id)}/summary", timeout=timeout)
        return self._model(SessionSummary, call)

    def list_tools(
        self,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        timeout: float | None = None,
    ) -> ToolUseList:
        """The tools that agents have used.

        from_: Absent: thirty days before the end.
        to: Absent: now. At most 366 days behind `from`.
        """
        call = Call("GET", "/v1/tools", query={"from": from_, "to": to}, timeout=timeout)
        return self._model(ToolUseList, call)

    def get_cost_analytics(
        self,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        by: Literal["day", "agent", "model", "key", "label"] | None = None,
        label: str | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> CostAnalytics:
        """What turns have cost, by day, agent, model, key or label.

        from_: Absent: thirty days before the end.
        to: Absent: now. At most 366 days behind `from`.
        by: What is told apart.
        label: Which label, where it is told apart by one.
        limit: How many groups at most.
        """
        call = Call(
            "GET",
            "/v1/analytics/costs",
            query={"from": from_, "to": to, "by": by, "label": label, "limit": limit},
            timeout=timeout,
        )
        return self._model(CostAnalytics, call)

    def get_usage_analytics(
        self,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        by: Literal["day", "agent", "model", "key", "label"] | None = None,
        label: str | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> UsageAnalytics:
        """Turns and tokens, by day, agent, model, key or label.

        from_: Absent: thirty days before the end.
        to: Absent: now. At most 366 days behind `from`.
        by: What is told apart.
        label: Which label, where it is told apart by one.
        limit: How many groups at most.
        """
        call = Call(
            "GET",
            "/v1/analytics/usage",
            query={"from": from_, "to": to, "by": by, "label": label, "limit": limit},
            timeout=timeout,
        )
        return self._model(UsageAnalytics, call)

    def get_rate_limit_analytics(
        self,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        by: Literal["day", "agent", "model", "label"] | None = None,
        label: str | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> RateLimitAnalytics:
        """How often providers wanted agents to wait, by day, agent, model or label.

        from_: Absent: thirty days before the end.
        to: Absent: now. At most 366 days behind `from`.
        by: What is told apart.
        label: Which label, where it is told apart by one.
        limit: How many groups at most.
        """
        call = Call(
            "GET",
            "/v1/analytics/rate-limits",
            query={"from": from_, "to": to, "by": by, "label": label, "limit": limit},
            timeout=timeout,
        )
        return self._model(RateLimitAnalytics, call)

    def get_metrics(self, *, timeout: float | None = None) -> Metrics:
        """What the sessions have done, and how the server is."""
        call = Call("GET", "/v1/metrics", timeout=timeout)
        return self._model(Metrics, call)

    def get_prometheus_metrics(self, *, timeout: float | None = None) -> str:
        """The metrics since the server's start, for Prometheus."""
        call = Call("GET", "/metrics", timeout=timeout)
        return self._text(call)

    def get_diagnostics(self, *, timeout: float | None = None) -> Diagnostics:
        """What one looks at when something is wrong."""
        call = Call("GET", "/v1/diagnostics", timeout=timeout)
        return self._model(Diagnostics, call)
