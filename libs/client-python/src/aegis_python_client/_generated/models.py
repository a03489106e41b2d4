"""Generated from the contract by scripts/generate.ts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from pydantic import Field

from ..wire import Model, Open

__all__ = [
    "KNOWN_EVENTS",
    "Agent",
    "AgentAttachedData",
    "AgentAttachedEvent",
    "AgentDetachedData",
    "AgentDetachedEvent",
    "AgentExitedData",
    "AgentExitedDataError",
    "AgentExitedEvent",
    "AgentList",
    "AgentStartedData",
    "AgentStartedEvent",
    "AgentUpdateData",
    "AgentUpdateEvent",
    "ApiKey",
    "ApiKeyList",
    "ApiKeyPermission",
    "Approval",
    "ApprovalDecidedBy",
    "ApprovalDeliveredData",
    "ApprovalDeliveredEvent",
    "ApprovalFile",
    "ApprovalList",
    "ApprovalOption",
    "ApprovalPage",
    "ApprovalRememberedData",
    "ApprovalRememberedEvent",
    "ApprovalRequestedData",
    "ApprovalRequestedDataFile",
    "ApprovalRequestedDataOption",
    "ApprovalRequestedDataTool",
    "ApprovalRequestedDataToolContent",
    "ApprovalRequestedDataToolLocation",
    "ApprovalRequestedEvent",
    "ApprovalResolvedData",
    "ApprovalResolvedDataOutcome",
    "ApprovalResolvedEvent",
    "ApprovalStatus",
    "ApprovalUndeliverableData",
    "ApprovalUndeliverableEvent",
    "ApprovalVote",
    "ApprovalVoteActor",
    "ApprovalVotedData",
    "ApprovalVotedEvent",
    "AuditExportedData",
    "AuditExportedEvent",
    "AuditReport",
    "AuditReportProblem",
    "AuditReportProblemCode",
    "AuditReportWitness",
    "AuthCodeCreatedData",
    "AuthCodeCreatedEvent",
    "AuthDeniedData",
    "AuthDeniedEvent",
    "AuthFailedData",
    "AuthFailedEvent",
    "AuthLoginData",
    "AuthLoginEvent",
    "AuthLogoutData",
    "AuthLogoutEvent",
    "BatchCreated",
    "BatchCreatedResult",
    "BatchKillSessionsStatus",
    "BatchKilled",
    "BatchKilledResult",
    "BudgetExceededData",
    "BudgetExceededDataGranted",
    "BudgetExceededDataLimit",
    "BudgetExceededDataNeeded",
    "BudgetExceededDataReserved",
    "BudgetExceededDataSpent",
    "BudgetExceededEvent",
    "BudgetExtendedData",
    "BudgetExtendedEvent",
    "BudgetReservedData",
    "BudgetReservedDataAccount",
    "BudgetReservedEvent",
    "BudgetSettledData",
    "BudgetSettledDataAccount",
    "BudgetSettledEvent",
    "CommandList",
    "CommandListCommand",
    "CommandsUpdatedData",
    "CommandsUpdatedDataCommand",
    "CommandsUpdatedEvent",
    "ConsistencyProof",
    "CostAnalytics",
    "CostAnalyticsGroup",
    "CostAnalyticsTotal",
    "CreateApiKeyPermission",
    "CreatePipelinePermissionMode",
    "CreateRoutinePermissionMode",
    "CreateSession",
    "CreateSessionPermissionMode",
    "CreatedApiKey",
    "CreatedSession",
    "Diagnostics",
    "DiagnosticsAgent",
    "DiagnosticsConfig",
    "DiagnosticsFailure",
    "Driver",
    "DriverClaimedData",
    "DriverClaimedDataKind",
    "DriverClaimedEvent",
    "DriverReleasedData",
    "DriverReleasedEvent",
    "Event",
    "EventActor",
    "EventActorKind",
    "EventList",
    "EventStatus",
    "Excess",
    "ExcessGranted",
    "ExcessLimit",
    "ExcessNeeded",
    "ExcessReserved",
    "ExcessSpent",
    "FileChange",
    "FileChangeStatus",
    "GetOpenApiDocumentAnswer",
    "Handshake",
    "Health",
    "HealthAudit",
    "HealthAuditFailure",
    "HealthStorage",
    "HealthStorageFailure",
    "HookReceivedData",
    "HookReceivedDataActivity",
    "HookReceivedDataEvent",
    "HookReceivedEvent",
    "InclusionProof",
    "KeyCreatedData",
    "KeyCreatedEvent",
    "KeyRevokedData",
    "KeyRevokedEvent",
    "KeyRotatedData",
    "KeyRotatedEvent",
    "KeyUpdatedData",
    "KeyUpdatedEvent",
    "LedgerExtendedData",
    "LedgerExtendedEvent",
    "LedgerReservedData",
    "LedgerReservedEvent",
    "LedgerSettledData",
    "LedgerSettledEvent",
    "ListApprovalsStatus",
    "ListRoutineRunsStatus",
    "ListSessionApprovalsStatus",
    "ListSessionsStatus",
    "Login",
    "LoginCode",
    "MemoryDeletedData",
    "MemoryDeletedEvent",
    "MemoryEntry",
    "MemoryEntryUpdatedBy",
    "MemoryEntryUpdatedByKind",
    "MemoryList",
    "MemorySetData",
    "MemorySetEvent",
    "MessageCompletedData",
    "MessageCompletedDataContent",
    "MessageCompletedEvent",
    "MessageDeltaData",
    "MessageDeltaEvent",
    "MessageNoticeData",
    "MessageNoticeEvent",
    "MessageUserData",
    "MessageUserDataContent",
    "MessageUserEvent",
    "Metrics",
    "ModeChangedData",
    "ModeChangedEvent",
    "NamedHealth",
    "Ok",
    "OptionsUpdatedData",
    "OptionsUpdatedEvent",
    "Participant",
    "ParticipantList",
    "Percentiles",
    "Pipeline",
    "PipelineCreatedData",
    "PipelineCreatedDataStage",
    "PipelineCreatedDataStageTemplate",
    "PipelineCreatedEvent",
    "PipelineEndedData",
    "PipelineEndedEvent",
    "PipelineItem",
    "PipelineList",
    "PipelineStageEndedData",
    "PipelineStageEndedDataError",
    "PipelineStageEndedEvent",
    "PipelineStageStartedData",
    "PipelineStageStartedEvent",
    "PlanUpdatedData",
    "PlanUpdatedDataEntry",
    "PlanUpdatedEvent",
    "Policy",
    "PolicyBudget",
    "PolicyBudgetEstimate",
    "PolicyCheck",
    "PolicyCheckFinding",
    "PolicyDecidedData",
    "PolicyDecidedEvent",
    "PolicyDefaults",
    "PolicyRule",
    "PolicyRuleApprovers",
    "PolicyRuleMatch",
    "PolicyRuleMatchKind",
    "PolicyRuleMatchMode",
    "PolicyRuleMatchTime",
    "PolicyShadowUpdatedData",
    "PolicyShadowUpdatedEvent",
    "PolicyShadowedData",
    "PolicyShadowedDataBefore",
    "PolicyShadowedEvent",
    "PolicySimulation",
    "PolicySimulationOutcome",
    "PolicySimulationOutcomeExample",
    "PolicySimulationOutcomeExampleAfter",
    "PolicySimulationOutcomeExampleBefore",
    "PolicySuggestions",
    "PolicySuggestionsItem",
    "PolicySuggestionsItemRule",
    "PolicySuggestionsItemRuleApprovers",
    "PolicySuggestionsItemRuleMatch",
    "PolicySuggestionsItemRuleMatchKind",
    "PolicySuggestionsItemRuleMatchMode",
    "PolicySuggestionsItemRuleMatchTime",
    "PolicyUpdatedData",
    "PolicyUpdatedEvent",
    "PolicyVersions",
    "PolicyVersionsItem",
    "PolicyVersionsItemBy",
    "PolicyVersionsItemByKind",
    "PolicyVersionsItemChange",
    "Principal",
    "Problem",
    "ProblemError",
    "Process",
    "ProcessEventLoop",
    "ProcessMemory",
    "ProcessRequests",
    "PromptDelivery",
    "QuestionAnsweredData",
    "QuestionAnsweredEvent",
    "QuestionAskedData",
    "QuestionAskedEvent",
    "QuestionDeliveredData",
    "QuestionDeliveredEvent",
    "RateLimitAnalytics",
    "RateLimitAnalyticsGroup",
    "RateLimitAnalyticsTotal",
    "RateLimitClearedData",
    "RateLimitClearedEvent",
    "RateLimitHitData",
    "RateLimitHitEvent",
    "Routine",
    "RoutineCreatedData",
    "RoutineCreatedDataRoutine",
    "RoutineCreatedDataRoutineTemplate",
    "RoutineCreatedEvent",
    "RoutineDeletedData",
    "RoutineDeletedEvent",
    "RoutineItem",
    "RoutineList",
    "RoutineRun",
    "RoutineRunDueData",
    "RoutineRunDueDataMissed",
    "RoutineRunDueEvent",
    "RoutineRunEndedData",
    "RoutineRunEndedDataError",
    "RoutineRunEndedEvent",
    "RoutineRunError",
    "RoutineRunList",
    "RoutineRunMissed",
    "RoutineRunStartedData",
    "RoutineRunStartedEvent",
    "RoutineRunStatus",
    "RoutineTemplate",
    "RoutineUpdatedData",
    "RoutineUpdatedDataRoutine",
    "RoutineUpdatedDataRoutineTemplate",
    "RoutineUpdatedEvent",
    "Screenshot",
    "ScreenshotTakenData",
    "ScreenshotTakenEvent",
    "SendMessageContent",
    "SentMessage",
    "ServedPolicy",
    "ServedPolicyBy",
    "ServedPolicyByKind",
    "ServerEndedData",
    "ServerEndedEvent",
    "ServerStartedData",
    "ServerStartedEvent",
    "Session",
    "SessionCompletedData",
    "SessionCompletedEvent",
    "SessionCost",
    "SessionCrashedData",
    "SessionCrashedEvent",
    "SessionCreatedData",
    "SessionCreatedDataForkedFrom",
    "SessionCreatedDataOwner",
    "SessionCreatedDataPipeline",
    "SessionCreatedDataPolicy",
    "SessionCreatedDataRoutine",
    "SessionCreatedDataTemplate",
    "SessionCreatedEvent",
    "SessionDiff",
    "SessionFailure",
    "SessionHealth",
    "SessionHealthAgent",
    "SessionHealthHint",
    "SessionHealthStatus",
    "SessionHealthValue",
    "SessionKilledData",
    "SessionKilledEvent",
    "SessionLatency",
    "SessionList",
    "SessionListItem",
    "SessionListItemPermissionMode",
    "SessionListItemStatus",
    "SessionMetrics",
    "SessionMetricsApprovals",
    "SessionMetricsContext",
    "SessionMetricsMessages",
    "SessionMetricsStatus",
    "SessionMetricsToolCalls",
    "SessionMetricsTurns",
    "SessionOptions",
    "SessionOptionsOffered",
    "SessionOptionsOfferedChoice",
    "SessionParkedData",
    "SessionParkedEvent",
    "SessionPausedData",
    "SessionPausedEvent",
    "SessionPendingQuestion",
    "SessionPermissionMode",
    "SessionPermissions",
    "SessionPermissionsRemembered",
    "SessionPipeline",
    "SessionPolicy",
    "SessionPolicyBudget",
    "SessionPolicyBudgetEstimate",
    "SessionPolicyDefaults",
    "SessionPolicyRule",
    "SessionPolicyRuleApprovers",
    "SessionPolicyRuleMatch",
    "SessionPolicyRuleMatchKind",
    "SessionPolicyRuleMatchMode",
    "SessionPolicyRuleMatchTime",
    "SessionReadyData",
    "SessionReadyEvent",
    "SessionRecoveredData",
    "SessionRecoveredEvent",
    "SessionRestartedData",
    "SessionRestartedEvent",
    "SessionResumedData",
    "SessionResumedEvent",
    "SessionRoutine",
    "SessionStalledData",
    "SessionStalledEvent",
    "SessionStats",
    "SessionStatsApprovals",
    "SessionStatsToolCalls",
    "SessionStatsTurns",
    "SessionStatus",
    "SessionSummary",
    "SessionSummaryFailure",
    "SessionSummaryStatus",
    "SessionTemplate",
    "SessionUpdatedData",
    "SessionUpdatedDataPolicy",
    "SessionUpdatedEvent",
    "SessionUsage",
    "SessionWaiting",
    "SessionWaitingData",
    "SessionWaitingEvent",
    "SessionWokenData",
    "SessionWokenEvent",
    "SessionsHealth",
    "SetModePermissionMode",
    "ShadowPolicy",
    "ShadowPolicyBy",
    "ShadowPolicyByKind",
    "ShadowPolicyOutcome",
    "ShadowPolicyOutcomeExample",
    "ShadowPolicyOutcomeExampleAfter",
    "ShadowPolicyOutcomeExampleBefore",
    "ShortText",
    "SkippedPath",
    "SpawnChildPermissionMode",
    "SseToken",
    "Stage",
    "StageError",
    "StageItem",
    "StageItemError",
    "StageItemStatus",
    "StageStatus",
    "StageTemplate",
    "StageWish",
    "StageWishPermissionMode",
    "Stop",
    "StopAll",
    "StopBy",
    "StopByKind",
    "Swarm",
    "SwarmNode",
    "SwarmNodeSubagent",
    "SystemOpenedData",
    "SystemOpenedEvent",
    "SystemResumedData",
    "SystemResumedEvent",
    "SystemStoppedData",
    "SystemStoppedEvent",
    "Template",
    "TemplateCreatedData",
    "TemplateCreatedDataTemplate",
    "TemplateCreatedEvent",
    "TemplateDeletedData",
    "TemplateDeletedEvent",
    "TemplateList",
    "TemplatePermissionMode",
    "TemplateUpdatedData",
    "TemplateUpdatedDataTemplate",
    "TemplateUpdatedEvent",
    "TemplateVariable",
    "TemplateWishPermissionMode",
    "ThinkingDeltaData",
    "ThinkingDeltaEvent",
    "Tokens",
    "ToolCall",
    "ToolCallContent",
    "ToolCallLocation",
    "ToolEndedData",
    "ToolEndedDataContent",
    "ToolEndedDataLocation",
    "ToolEndedEvent",
    "ToolStartedData",
    "ToolStartedDataContent",
    "ToolStartedDataLocation",
    "ToolStartedEvent",
    "ToolUpdatedData",
    "ToolUpdatedDataContent",
    "ToolUpdatedDataLocation",
    "ToolUpdatedEvent",
    "ToolUse",
    "ToolUseList",
    "Transcript",
    "TranscriptMessage",
    "TranscriptMessageContentType",
    "TranscriptPage",
    "TranscriptStatus",
    "TreeHead",
    "TurnCancelRequestedData",
    "TurnCancelRequestedEvent",
    "TurnCost",
    "TurnEndedData",
    "TurnEndedDataError",
    "TurnEndedDataUsage",
    "TurnEndedEvent",
    "TurnRequestedData",
    "TurnRequestedDataContent",
    "TurnRequestedEvent",
    "TurnStartedData",
    "TurnStartedEvent",
    "UpdateApiKeyPermission",
    "UpdateRoutinePermissionMode",
    "UsageAnalytics",
    "UsageAnalyticsGroup",
    "UsageAnalyticsTotal",
    "UsageUpdatedData",
    "UsageUpdatedEvent",
    "Version",
    "WorkDir",
    "WorkDirList",
]


StopByKind: TypeAlias = Literal["user", "key", "policy", "agent", "system", "channel"]


class StopBy(Model):
    kind: Open[StopByKind]
    id: str
    via: str


class Stop(Model):
    """All work is stopped: who did it, when and why."""

    at: datetime
    by: StopBy
    reason: str


class HealthStorageFailure(Model):
    code: str
    message: str


class HealthStorage(Model):
    engine: str
    version: str
    durable: bool
    head: int
    failure: HealthStorageFailure | None = None


class HealthAuditFailure(Model):
    code: Open[Literal["audit-unavailable", "audit-contradicted"]]
    message: str


class HealthAudit(Model):
    status: Open[Literal["ok", "unavailable"]]
    """unavailable: nothing is granted."""
    size: int
    """Entries that have their place in the tree."""
    checkpoint: int | None = None
    """Entries of the newest checkpoint."""
    failure: HealthAuditFailure | None = None


class Health(Model):
    status: Open[Literal["ok", "degraded"]]
    """degraded: the last write to the log or to the audit failed; reading works."""
    uptime: float
    """Seconds."""
    version: str | None = None
    stop: Stop | None = None
    sessions: dict[str, int] | None = None
    """How many are in each state."""
    storage: HealthStorage | None = None
    audit: HealthAudit | None = None


class Version(Model):
    version: str
    api_version: str
    node: str


class Handshake(Model):
    protocol_version: str
    """The protocol that the server speaks."""
    server_capabilities: list[str]
    negotiated_capabilities: list[str]
    """What both have."""
    warnings: list[str]
    compatible: bool


class GetOpenApiDocumentAnswer(Model):
    openapi: str


class Agent(Model):
    name: str
    installed: bool
    version: str | None = None
    is_default: bool


class AgentList(Model):
    items: list[Agent]


class StopAll(Model):
    stopped: bool
    stop: Stop | None = None
    durable: Open[Literal["emergency"]] | None = None


class LoginCode(Model):
    url: str
    """Opens the dashboard, once."""
    expires_at: datetime


class Login(Model):
    ok: Open[Literal[True]]
    page_token: str
    """The other half of the login: the page keeps it for itself and sends it as `X-Aegis-Page-Token`. Without it the cookie opens nothing, since browsers show a cookie to every port of its host."""


class Ok(Model):
    ok: Open[Literal[True]]


class Principal(Model):
    key_id: str
    user_id: str
    tenant_id: str
    role: str
    permissions: list[str]
    agent_of: str | None = None
    """Of an agent's own key: its session. It has to do with that one's children, and may look at that one."""
    expires_at: datetime | None = None
    """When the credential ends, if it does by itself."""


class SseToken(Model):
    token: str
    expires_at: datetime


ApiKeyPermission: TypeAlias = Literal[
    "session.read",
    "session.create",
    "session.send",
    "session.approve",
    "session.interrupt",
    "session.kill",
    "session.admin",
    "pipeline.read",
    "pipeline.write",
    "memory.read",
    "memory.write",
    "template.read",
    "template.write",
    "routine.read",
    "routine.write",
    "policy.read",
    "policy.write",
    "budget.read",
    "budget.write",
    "key.admin",
    "audit.read",
    "channel.admin",
    "metrics.read",
]


class ApiKey(Model):
    id: str
    name: str
    role: Open[Literal["admin", "operator", "viewer", "agent", "custom"]]
    permissions: list[Open[ApiKeyPermission]] | None = None
    """Of the role `custom`, and of no other."""
    user_id: str
    tenant_id: str
    created_at: datetime
    expires_at: datetime | None = None
    previous_until: datetime | None = None
    """It was rotated, and the secret before is good until then."""


class ApiKeyList(Model):
    items: list[ApiKey]


CreateApiKeyPermission: TypeAlias = Literal[
    "session.read",
    "session.create",
    "session.send",
    "session.approve",
    "session.interrupt",
    "session.kill",
    "session.admin",
    "pipeline.read",
    "pipeline.write",
    "memory.read",
    "memory.write",
    "template.read",
    "template.write",
    "routine.read",
    "routine.write",
    "policy.read",
    "policy.write",
    "budget.read",
    "budget.write",
    "key.admin",
    "audit.read",
    "channel.admin",
    "metrics.read",
]


class CreatedApiKey(ApiKey):
    key: str | None = None
    """The key itself: not kept, and not shown again, not for the same Idempotency-Key either."""


UpdateApiKeyPermission: TypeAlias = Literal[
    "session.read",
    "session.create",
    "session.send",
    "session.approve",
    "session.interrupt",
    "session.kill",
    "session.admin",
    "pipeline.read",
    "pipeline.write",
    "memory.read",
    "memory.write",
    "template.read",
    "template.write",
    "routine.read",
    "routine.write",
    "policy.read",
    "policy.write",
    "budget.read",
    "budget.write",
    "key.admin",
    "audit.read",
    "channel.admin",
    "metrics.read",
]
CreateSessionPermissionMode: TypeAlias = Literal[
    "default",
    "plan",
    "acceptEdits",
    "bypassPermissions",
    "dontAsk",
    "auto",
]


class SessionPolicyDefaults(Model):
    decision: Open[Literal["ask", "deny"]]


SessionPolicyRuleMatchKind: TypeAlias = Literal[
    "read",
    "edit",
    "delete",
    "move",
    "search",
    "execute",
    "think",
    "fetch",
    "switch_mode",
    "other",
]
SessionPolicyRuleMatchMode: TypeAlias = Literal[
    "default",
    "plan",
    "acceptEdits",
    "bypassPermissions",
    "dontAsk",
    "auto",
]


class SessionPolicyRuleMatchTime(Model):
    from_: str
    to: str
    time_zone: str | None = None
    days: list[Open[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]] | None = None


class SessionPolicyRuleMatch(Model):
    tool: str | list[str] | None = None
    kind: Open[SessionPolicyRuleMatchKind] | list[Open[SessionPolicyRuleMatchKind]] | None = None
    path: str | list[str] | None = None
    command: str | list[str] | None = None
    host: str | list[str] | None = None
    mode: Open[SessionPolicyRuleMatchMode] | list[Open[SessionPolicyRuleMatchMode]] | None = None
    agent: str | list[str] | None = None
    labels: dict[str, str | list[str]] | None = None
    owner: str | list[str] | None = None
    time: SessionPolicyRuleMatchTime | None = None


class SessionPolicyRuleApprovers(Model):
    count: int | None = None
    roles: list[Open[Literal["admin", "operator", "custom"]]] | None = None
    not_requester: bool | None = None


class SessionPolicyRule(Model):
    id: str
    match: SessionPolicyRuleMatch
    reason: str | None = None
    decision: Open[Literal["allow", "deny", "ask"]]
    approvers: SessionPolicyRuleApprovers | None = None
    expires_after: str | None = None


class SessionPolicyBudgetEstimate(Model):
    usd: float | None = None
    tokens: int | None = None


class SessionPolicyBudget(Model):
    scope: str
    usd: float | None = None
    tokens: int | None = None
    per: Open[Literal["hour", "day", "week", "month"]] | None = None
    estimate: SessionPolicyBudgetEstimate | None = None
    max_turn_usd: float | None = None


class SessionPolicy(Model):
    """Holds in this session besides the server's policy. It tightens; what is only asked about it allows where its author has policy.write."""

    version: Open[Literal[1]]
    defaults: SessionPolicyDefaults | None = None
    rules: list[SessionPolicyRule] | None = None
    budgets: list[SessionPolicyBudget] | None = None


SessionStatus: TypeAlias = Literal[
    "pending",
    "idle",
    "working",
    "permission_prompt",
    "asking",
    "rate_limit",
    "error",
    "crashed",
    "killed",
    "completed",
    "unknown",
]
SessionPermissionMode: TypeAlias = Literal["default", "plan", "acceptEdits", "bypassPermissions", "dontAsk", "auto"]


class SessionTemplate(Model):
    """What it was begun with, as it was in that version."""

    id: str
    version: int


class SessionPipeline(Model):
    """The stage of a pipeline that it is for, and which try of it."""

    id: str
    stage: str
    attempt: int


class SessionRoutine(Model):
    """The routine that has begun it, and which run of it it is."""

    id: str
    run: int


class SessionPendingQuestion(Model):
    question_id: str
    message: str
    schema_: dict[str, Any]


class Driver(Model):
    """Somebody drives it: only they may send."""

    key_id: str
    """The id of the key that alone may send."""
    fence: int
    """Counts the times that the seat was taken: goes with what is sent."""
    expires_at: datetime


class SessionWaiting(Model):
    """It wants a process, and as many run as may run at once."""

    since: datetime
    limit: int


class ExcessLimit(Model):
    cost: float | None = None
    tokens: float | None = None


class ExcessSpent(Model):
    cost: float
    tokens: float


class ExcessGranted(Model):
    cost: float
    tokens: float


class ExcessReserved(Model):
    cost: float
    tokens: float


class ExcessNeeded(Model):
    cost: float
    tokens: float


class Excess(Model):
    """A budget has no room for the next prompt: which one, how much it allows, and what of that is taken. Money (`cost`) is in millionths of a US dollar. `measure` is what is used up, `granted` what was allowed beyond the limit, `reserved` what is kept for turns that run, `needed` what the next turn is taken to need; `until`: when it is there again by itself."""

    account: str
    measure: Open[Literal["cost", "tokens", "turn"]]
    limit: ExcessLimit
    spent: ExcessSpent
    granted: ExcessGranted
    reserved: ExcessReserved
    needed: ExcessNeeded
    until: datetime | None = None
    reason: str


class SessionHealthValue(Model):
    """stalled: it works, and its agent has been silent for long."""

    stalled: bool


class SessionUsage(Model):
    """Tokens of context used, and its size."""

    used: float
    size: float


class SessionFailure(Model):
    code: str
    message: str


class Session(Model):
    id: str
    name: str
    status: Open[SessionStatus]
    work_dir: str
    permission_mode: Open[SessionPermissionMode]
    agent: str
    model: str | None = None
    options: dict[str, str | bool] | None = None
    """What else of its agent's options is set, by their ids; `effort` is the one about that."""
    created_at: datetime
    last_activity: datetime
    owner: str
    parent_id: str | None = None
    """The session that it is a child of."""
    forked_from: str | None = None
    """The session that it goes on from."""
    template: SessionTemplate | None = None
    """What it was begun with, as it was in that version."""
    pipeline: SessionPipeline | None = None
    """The stage of a pipeline that it is for, and which try of it."""
    routine: SessionRoutine | None = None
    """The routine that has begun it, and which run of it it is."""
    labels: dict[str, str]
    version: int
    """Counts what its name, labels, mode and options have been; the `ETag` has it too."""
    pending_approvals: int
    pending_question: SessionPendingQuestion | None = None
    queued_prompts: int
    driver: Driver | None = None
    paused: bool
    """No prompt goes out until it is resumed."""
    parked: bool
    """Its process is saved; the next prompt starts one again."""
    waiting: SessionWaiting | None = None
    """It wants a process, and as many run as may run at once."""
    stop: Stop | None = None
    exceeded: Excess | None = None
    health: SessionHealthValue
    """stalled: it works, and its agent has been silent for long."""
    turn_id: str | None = None
    usage: SessionUsage | None = None
    """Tokens of context used, and its size."""
    cost: int
    """Millionths of a US dollar."""
    failure: SessionFailure | None = None
    seq: int
    """The session's last event."""
    hash: str
    """Rolling hash up to that event: a reader with the same two has everything."""
    durable: Open[Literal["emergency"]] | None = None


class PromptDelivery(Model):
    delivered: bool
    """Whether the agent has the prompt; durable it is in any case."""
    attempts: int
    turn_id: str
    """The prompt's turn: its events carry it."""
    status: Open[Literal["delivered", "pending"]]
    error: str | None = None


class CreatedSession(Session):
    reused: bool
    prompt_delivery: PromptDelivery | None = None


ListSessionsStatus: TypeAlias = Literal[
    "pending",
    "idle",
    "working",
    "permission_prompt",
    "asking",
    "rate_limit",
    "error",
    "crashed",
    "killed",
    "completed",
    "unknown",
]
SessionListItemStatus: TypeAlias = Literal[
    "pending",
    "idle",
    "working",
    "permission_prompt",
    "asking",
    "rate_limit",
    "error",
    "crashed",
    "killed",
    "completed",
    "unknown",
]
SessionListItemPermissionMode: TypeAlias = Literal[
    "default",
    "plan",
    "acceptEdits",
    "bypassPermissions",
    "dontAsk",
    "auto",
]


class SessionListItem(Model):
    id: str
    name: str
    status: Open[SessionListItemStatus]
    work_dir: str
    permission_mode: Open[SessionListItemPermissionMode]
    agent: str
    created_at: datetime
    last_activity: datetime
    owner: str
    parent_id: str | None = None
    """The session that it is a child of."""
    labels: dict[str, str]
    pending_approvals: int
    seq: int
    """The session's last event."""


class SessionList(Model):
    items: list[SessionListItem]
    next_cursor: str | None = None


class CreateSession(Model):
    work_dir: str | None = None
    """Where it works; it may be absent where a template says so."""
    prompt: str | None = None
    template: str | None = None
    """The id of a template that it is begun with. What is said here besides takes the place of the template's."""
    variables: dict[str, str] | None = None
    """What the template leaves open."""
    name: str | None = None
    agent: str | None = None
    permission_mode: Open[CreateSessionPermissionMode] | None = None
    model: str | None = None
    effort: str | None = None
    """How much its agent thinks, in the agent's own words, as it offers them."""
    labels: dict[str, str] | None = None
    policy: SessionPolicy | None = None
    parent_id: str | None = None
    """The session that it is to be a child of: a child has its parent's labels, works in its folder and asks no less. What an agent begins is its own session's child in any case."""
    reuse: bool | None = None


class ProblemError(Model):
    path: str
    message: str


class Problem(Model):
    type: str
    title: str
    status: int
    detail: str
    """What was refused, and what to do."""
    code: str
    """Stable, kebab-case."""
    request_id: str
    errors: list[ProblemError] | None = None


class BatchCreatedResult(Model):
    index: int
    """Its place in the request."""
    session: CreatedSession | None = None
    problem: Problem | None = None


class BatchCreated(Model):
    created: int
    reused: int
    failed: int
    results: list[BatchCreatedResult]
    """One for each, in the order of the request: a session or a problem."""


BatchKillSessionsStatus: TypeAlias = Literal[
    "pending",
    "idle",
    "working",
    "permission_prompt",
    "asking",
    "rate_limit",
    "error",
    "crashed",
    "unknown",
]


class BatchKilledResult(Model):
    id: str
    session: Session | None = None
    problem: Problem | None = None


class BatchKilled(Model):
    killed: int
    failed: int
    results: list[BatchKilledResult]
    has_more: bool
    """Others match, too: ask again."""


class Participant(Model):
    key_id: str
    user_id: str | None = None
    """Whose key it is, where that was said."""
    first_at: datetime
    last_at: datetime
    prompts: int
    votes: int
    answers: int


class ParticipantList(Model):
    items: list[Participant]
    driver: Driver | None = None


class Screenshot(Model):
    screenshot: str
    """A PNG, in base64."""
    url: str
    """Where the page came from in the end."""
    status: int | None = None
    """The HTTP status of that."""
    width: int
    height: int
    refused: list[str]
    """What the page asked for and did not get: hosts and ports that are not of the open internet."""


class WorkDir(Model):
    path: str
    is_repository: bool
    """It has a `.git`."""


class WorkDirList(Model):
    items: list[WorkDir]
    has_more: bool
    """There are others: type on."""


SpawnChildPermissionMode: TypeAlias = Literal["default", "plan", "acceptEdits", "bypassPermissions", "dontAsk", "auto"]


class SwarmNodeSubagent(Model):
    tool_call_id: str
    title: str
    since: datetime


class SwarmNode(SessionListItem):
    depth: int
    """How many sessions of its tree are above it."""
    subagents: list[SwarmNodeSubagent]
    """What its agent has others do within its own process, while they do it."""


class Swarm(Model):
    items: list[SwarmNode]
    next_cursor: str | None = None


class SessionStatsTurns(Model):
    ended: int
    failed: int


class SessionStatsToolCalls(Model):
    ended: int
    failed: int


class SessionStatsApprovals(Model):
    asked: int
    approved: int
    rejected: int


class Tokens(Model):
    """As agents tell them at the end of each turn."""

    total_tokens: int
    input_tokens: int
    output_tokens: int
    thought_tokens: int
    cached_read_tokens: int
    cached_write_tokens: int


class SessionStats(Model):
    sessions: int
    by_status: dict[str, int]
    by_agent: dict[str, int]
    turns: SessionStatsTurns
    tool_calls: SessionStatsToolCalls
    approvals: SessionStatsApprovals
    rate_limits: int
    tokens: Tokens
    cost: int
    """Millionths of a US dollar."""


SessionHealthStatus: TypeAlias = Literal[
    "pending",
    "idle",
    "working",
    "permission_prompt",
    "asking",
    "rate_limit",
    "error",
    "crashed",
    "killed",
    "completed",
    "unknown",
]


class SessionHealthAgent(Model):
    name: str
    running: bool
    """There is a process."""
    parked: bool
    crashes: int
    """How often it has died in a row."""
    restart_at: datetime | None = None
    """When it is started again by itself."""


class SessionHealthHint(Model):
    code: str
    message: str
    """What is the matter, and what to do."""
    needs_help: bool
    """Nothing happens before somebody does something."""
    operations: list[str]
    """What to do it with, by operationId."""


class SessionHealth(Model):
    status: Open[SessionHealthStatus]
    healthy: bool
    """Whether it goes on, or can, without anybody's help."""
    last_activity: datetime
    agent: SessionHealthAgent
    hints: list[SessionHealthHint]
    """What matters most first."""


class NamedHealth(SessionHealth):
    session_id: str
    name: str


class SessionsHealth(Model):
    items: list[NamedHealth]
    next_cursor: str | None = None


class SessionOptionsOfferedChoice(Model):
    value: str
    name: str
    description: str | None = None
    group: str | None = None


class SessionOptionsOffered(Model):
    id: str
    name: str
    description: str | None = None
    category: str | None = None
    """model, thought_level or another."""
    type: str
    """select or boolean."""
    current: str | bool | None = None
    choices: list[SessionOptionsOfferedChoice]


class SessionOptions(Model):
    options: dict[str, str | bool]
    """What is set."""
    offered: list[SessionOptionsOffered] | None = None
    """As its agent has told last; absent until it has."""


SetModePermissionMode: TypeAlias = Literal["default", "plan", "acceptEdits", "bypassPermissions", "dontAsk", "auto"]


class CommandListCommand(Model):
    name: str
    description: str
    hint: str | None = None
    """What to say behind it."""


class CommandList(Model):
    commands: list[CommandListCommand]


class SendMessageContent(Model):
    type: str


class SentMessage(Model):
    ok: bool
    delivered: bool
    queued: bool
    turn_id: str
    attempts: int
    stop: Stop | None = None
    exceeded: Excess | None = None


ApprovalStatus: TypeAlias = Literal["open", "approved", "rejected", "withdrawn", "expired"]


class ToolCallLocation(Model):
    path: str
    line: float | None = None


class ToolCallContent(Model):
    type: str


class ToolCall(Model):
    tool_call_id: str
    name: str | None = None
    title: str | None = None
    kind: str | None = None
    status: str | None = None
    locations: list[ToolCallLocation] | None = None
    input: Any = None
    output: Any = None
    content: list[ToolCallContent] | None = None


class ApprovalOption(Model):
    option_id: str
    name: str
    kind: str


class ApprovalFile(Model):
    path: str
    target: str
    state: str | None = None


class ApprovalVoteActor(Model):
    kind: str
    id: str
    via: str


class ApprovalVote(Model):
    voter: str
    choice: Open[Literal["approve", "reject"]]
    reason: str | None
    actor: ApprovalVoteActor
    at: datetime


class ApprovalDecidedBy(Model):
    kind: str
    id: str
    via: str


class Approval(Model):
    approval_id: str
    session_id: str
    turn_id: str | None
    seq: int
    status: Open[ApprovalStatus]
    delivery: Open[Literal["none", "pending", "delivered", "impossible"]]
    tool: ToolCall
    options: list[ApprovalOption]
    digest: str
    """SHA-256 of the canonical (RFC 8785) tool call."""
    files: list[ApprovalFile] | None
    """What the call leads to. When it has changed by the time of an approval, that is refused (approval-changed), and the call is asked about anew."""
    requested_at: datetime
    asked_by: str | None
    """The rule that wants a person to be asked; null: nothing decides it without one."""
    required: int
    """How many persons have to approve; a single no rejects."""
    roles: list[str] | None
    """Whose approval counts; null: of anybody who may approve."""
    excluded_voter: str | None
    """The person who asked for the work, whose approval does not count."""
    expires_at: datetime | None
    """From then on nobody can approve it any more."""
    votes: list[ApprovalVote]
    decided_at: datetime | None
    decided_by: ApprovalDecidedBy | None
    rule: str | None
    reason: str | None
    durable: Open[Literal["emergency"]] | None = None


ListSessionApprovalsStatus: TypeAlias = Literal["open", "approved", "rejected", "withdrawn", "expired"]


class ApprovalList(Model):
    items: list[Approval]


ListApprovalsStatus: TypeAlias = Literal["open", "approved", "rejected", "withdrawn", "expired"]


class ApprovalPage(ApprovalList):
    next_cursor: str | None = None


class PolicyDefaults(Model):
    decision: Open[Literal["ask", "deny"]]


PolicyRuleMatchKind: TypeAlias = Literal[
    "read",
    "edit",
    "delete",
    "move",
    "search",
    "execute",
    "think",
    "fetch",
    "switch_mode",
    "other",
]
PolicyRuleMatchMode: TypeAlias = Literal["default", "plan", "acceptEdits", "bypassPermissions", "dontAsk", "auto"]


class PolicyRuleMatchTime(Model):
    from_: str
    to: str
    time_zone: str | None = None
    days: list[Open[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]] | None = None


class PolicyRuleMatch(Model):
    tool: str | list[str] | None = None
    kind: Open[PolicyRuleMatchKind] | list[Open[PolicyRuleMatchKind]] | None = None
    path: str | list[str] | None = None
    command: str | list[str] | None = None
    host: str | list[str] | None = None
    mode: Open[PolicyRuleMatchMode] | list[Open[PolicyRuleMatchMode]] | None = None
    agent: str | list[str] | None = None
    labels: dict[str, str | list[str]] | None = None
    owner: str | list[str] | None = None
    time: PolicyRuleMatchTime | None = None


class PolicyRuleApprovers(Model):
    count: int | None = None
    roles: list[Open[Literal["admin", "operator", "custom"]]] | None = None
    not_requester: bool | None = None


class PolicyRule(Model):
    id: str
    match: PolicyRuleMatch
    reason: str | None = None
    decision: Open[Literal["allow", "deny", "ask"]]
    approvers: PolicyRuleApprovers | None = None
    expires_after: str | None = None


class PolicyBudgetEstimate(Model):
    usd: float | None = None
    tokens: int | None = None


class PolicyBudget(Model):
    scope: str
    usd: float | None = None
    tokens: int | None = None
    per: Open[Literal["hour", "day", "week", "month"]] | None = None
    estimate: PolicyBudgetEstimate | None = None
    max_turn_usd: float | None = None


class Policy(Model):
    """The session's own; absent: none."""

    version: Open[Literal[1]]
    defaults: PolicyDefaults | None = None
    rules: list[PolicyRule] | None = None
    budgets: list[PolicyBudget] | None = None


class SessionPermissionsRemembered(Model):
    approval_id: str
    title: str | None = None


class SessionPermissions(Model):
    version: int
    """Counts up with every change. Also the `ETag`."""
    policy: Policy | None = None
    may_loosen: bool
    """Whether it may allow what the server's policy only asks about: its author has policy.write."""
    remembered: list[SessionPermissionsRemembered]
    """The approvals that go for the same call again; titles without secrets."""


TranscriptMessageContentType: TypeAlias = Literal[
    "text",
    "thinking",
    "tool_use",
    "tool_result",
    "tool_error",
    "permission_request",
    "progress",
]


class TranscriptMessage(Model):
    id: int
    """The seq of the message's first event: it never changes."""
    role: Open[Literal["user", "assistant", "system"]]
    content_type: Open[TranscriptMessageContentType]
    text: str
    timestamp: datetime
    tool_name: str | None = None
    tool_use_id: str | None = None


TranscriptStatus: TypeAlias = Literal[
    "pending",
    "idle",
    "working",
    "permission_prompt",
    "asking",
    "rate_limit",
    "error",
    "crashed",
    "killed",
    "completed",
    "unknown",
]


class Transcript(Model):
    messages: list[TranscriptMessage]
    status: Open[TranscriptStatus]
    total: int
    offset: int


class TranscriptPage(Model):
    messages: list[TranscriptMessage]
    has_more: bool = Field(validation_alias="has_more", serialization_alias="has_more")
    oldest_id: int | None = Field(validation_alias="oldest_id", serialization_alias="oldest_id")
    newest_id: int | None = Field(validation_alias="newest_id", serialization_alias="newest_id")


FileChangeStatus: TypeAlias = Literal["added", "modified", "deleted", "renamed", "type-changed"]


class FileChange(Model):
    path: str
    """As the session's folder names it."""
    old_path: str | None = None
    """Where it was, of one that was renamed."""
    status: Open[FileChangeStatus]
    additions: int | None = None
    """Lines; absent where it is binary."""
    deletions: int | None = None
    is_binary: bool
    is_in_patch: bool
    """False: the patch was full. Ask with `path`."""


class SkippedPath(Model):
    path: str
    reason: Open[Literal["filter", "repository", "unreadable"]]
    """`filter`: only a program that the folder chooses could compare it (`filter` in `.gitattributes`, such as git-lfs); none is run. `repository`: it is a repository of its own, or a submodule. `unreadable`: the server may not read it."""


class SessionDiff(Model):
    base: str
    """The commit that the folder was at when the session began."""
    head: str | None = None
    """The one that it is at now; absent: none."""
    files: list[FileChange]
    has_more: bool
    """More has changed, or was skipped, than is listed."""
    skipped: list[SkippedPath]
    """What was not compared."""
    patch: str
    """In git's unified form; of whole files."""
    is_redacted: bool
    """Something was hidden in it that looks like a secret."""


EventActorKind: TypeAlias = Literal["user", "key", "policy", "agent", "system", "channel"]


class EventActor(Model):
    kind: Open[EventActorKind]
    id: str
    via: str


EventStatus: TypeAlias = Literal[
    "pending",
    "idle",
    "working",
    "permission_prompt",
    "asking",
    "rate_limit",
    "error",
    "crashed",
    "killed",
    "completed",
    "unknown",
]


class Event(Model):
    seq: int
    session_id: str | None = None
    type: str
    at: datetime
    actor: EventActor
    status: Open[EventStatus] | None = None
    turn_id: str | None = None
    data: Any = None
    hash: str


class EventList(Model):
    items: list[Event]
    next_cursor: str | None = None


class InclusionProof(Model):
    seq: int
    index: int
    """seq - 1: the log's numbers have no holes."""
    leaf: str
    size: int
    root: str
    proof: list[str]
    """Hashes, in hex."""


class TreeHead(Model):
    size: int
    root: str


class ConsistencyProof(Model):
    from_: TreeHead
    to: TreeHead
    proof: list[str]
    """Hashes, in hex."""


class AuditReportWitness(Model):
    """How many checkpoints of the witness were compared, where there is one."""

    checkpoints: int


AuditReportProblemCode: TypeAlias = Literal[
    "entry-changed",
    "entry-missing",
    "hash-broken",
    "tree-damaged",
    "checkpoint-contradicted",
    "witness-contradicted",
]


class AuditReportProblem(Model):
    code: Open[AuditReportProblemCode]
    seq: int | None = None
    """The entry that is not what it was."""
    detail: str


class AuditReport(Model):
    ok: bool
    checked: int
    """Entries that were read and compared."""
    size: int
    root: str
    key: str
    """The public key of the log's checkpoints: <name>+<id>+<base64>."""
    checkpoint: TreeHead | None = None
    witness: AuditReportWitness | None = None
    """How many checkpoints of the witness were compared, where there is one."""
    problems: list[AuditReportProblem]
    """At most 100 of them."""


ServedPolicyByKind: TypeAlias = Literal["user", "key", "policy", "agent", "system", "channel"]


class ServedPolicyBy(Model):
    kind: Open[ServedPolicyByKind]
    id: str
    via: str


class ServedPolicy(Model):
    policy: Policy | None = None
    version: int
    """Counts up with every change; 0: there was none ever. Also the `ETag`."""
    at: datetime | None = None
    """Since when."""
    by: ServedPolicyBy | None = None
    is_configured: bool
    """The configuration names its file: it is changed there only."""


PolicyVersionsItemByKind: TypeAlias = Literal["user", "key", "policy", "agent", "system", "channel"]


class PolicyVersionsItemBy(Model):
    kind: Open[PolicyVersionsItemByKind]
    id: str
    via: str


class PolicyVersionsItemChange(Model):
    what: Open[Literal["rule", "budget", "default"]]
    name: str
    change: Open[Literal["added", "removed", "changed"]]


class PolicyVersionsItem(Model):
    version: int
    """Counts up with every change; 0: there was none ever. Also the `ETag`."""
    at: datetime | None = None
    """Since when."""
    by: PolicyVersionsItemBy | None = None
    changes: list[PolicyVersionsItemChange]
    """What is not as it was in the version before."""


class PolicyVersions(Model):
    items: list[PolicyVersionsItem]
    next_cursor: str | None = None


ShadowPolicyByKind: TypeAlias = Literal["user", "key", "policy", "agent", "system", "channel"]


class ShadowPolicyBy(Model):
    kind: Open[ShadowPolicyByKind]
    id: str
    via: str


class ShadowPolicyOutcomeExampleBefore(Model):
    decision: Open[Literal["allow", "deny", "ask"]]
    rule: str
    """The rule's id; `policy:default`: none."""


class ShadowPolicyOutcomeExampleAfter(Model):
    decision: Open[Literal["allow", "deny", "ask"]]
    rule: str
    """The rule's id; `policy:default`: none."""
    reason: str


class ShadowPolicyOutcomeExample(Model):
    approval_id: str | None = None
    """Absent: it was a hook that asked."""
    session_id: str
    before: ShadowPolicyOutcomeExampleBefore
    after: ShadowPolicyOutcomeExampleAfter


class ShadowPolicyOutcome(Model):
    before: Open[Literal["allow", "deny", "ask"]]
    """What was said."""
    after: Open[Literal["allow", "deny", "ask"]]
    """What the one on trial would have said."""
    count: int
    changed: int
    """Of these with another answer: decision, approvers or expiry."""
    examples: list[ShadowPolicyOutcomeExample]


class ShadowPolicy(Model):
    policy: Policy | None = None
    version: int
    """Counts up with every change; 0: there was none ever. Also the `ETag`."""
    at: datetime | None = None
    """Since when."""
    by: ShadowPolicyBy | None = None
    requests: int
    """How many it was tried on."""
    outcomes: list[ShadowPolicyOutcome]


class PolicyCheckFinding(Model):
    type: str
    message: str


class PolicyCheck(Model):
    rules: int
    findings: list[PolicyCheckFinding]


class PolicySimulationOutcomeExampleBefore(Model):
    decision: Open[Literal["allow", "deny", "ask"]]
    rule: str
    """The rule's id; `policy:default`: none."""
    reason: str


class PolicySimulationOutcomeExampleAfter(Model):
    decision: Open[Literal["allow", "deny", "ask"]]
    rule: str
    """The rule's id; `policy:default`: none."""
    reason: str


class PolicySimulationOutcomeExample(Model):
    approval_id: str
    session_id: str
    what: str
    """The command, or the paths; without secrets."""
    before: PolicySimulationOutcomeExampleBefore
    after: PolicySimulationOutcomeExampleAfter


class PolicySimulationOutcome(Model):
    before: Open[Literal["allow", "deny", "ask"]]
    """What the server's policy says."""
    after: Open[Literal["allow", "deny", "ask"]]
    """What the other one says."""
    count: int
    changed: int
    """Of these with another answer: decision, approvers or expiry."""
    examples: list[PolicySimulationOutcomeExample]


class PolicySimulation(Model):
    requests: int
    """How many were judged."""
    outcomes: list[PolicySimulationOutcome]


PolicySuggestionsItemRuleMatchKind: TypeAlias = Literal[
    "read",
    "edit",
    "delete",
    "move",
    "search",
    "execute",
    "think",
    "fetch",
    "switch_mode",
    "other",
]
PolicySuggestionsItemRuleMatchMode: TypeAlias = Literal[
    "default",
    "plan",
    "acceptEdits",
    "bypassPermissions",
    "dontAsk",
    "auto",
]


class PolicySuggestionsItemRuleMatchTime(Model):
    from_: str
    to: str
    time_zone: str | None = None
    days: list[Open[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]] | None = None


class PolicySuggestionsItemRuleMatch(Model):
    tool: str | list[str] | None = None
    kind: Open[PolicySuggestionsItemRuleMatchKind] | list[Open[PolicySuggestionsItemRuleMatchKind]] | None = None
    path: str | list[str] | None = None
    command: str | list[str] | None = None
    host: str | list[str] | None = None
    mode: Open[PolicySuggestionsItemRuleMatchMode] | list[Open[PolicySuggestionsItemRuleMatchMode]] | None = None
    agent: str | list[str] | None = None
    labels: dict[str, str | list[str]] | None = None
    owner: str | list[str] | None = None
    time: PolicySuggestionsItemRuleMatchTime | None = None


class PolicySuggestionsItemRuleApprovers(Model):
    count: int | None = None
    roles: list[Open[Literal["admin", "operator", "custom"]]] | None = None
    not_requester: bool | None = None


class PolicySuggestionsItemRule(Model):
    id: str
    match: PolicySuggestionsItemRuleMatch
    reason: str | None = None
    decision: Open[Literal["allow", "deny", "ask"]]
    approvers: PolicySuggestionsItemRuleApprovers | None = None
    expires_after: str | None = None


class PolicySuggestionsItem(Model):
    rule: PolicySuggestionsItemRule
    count: int
    """How many approvals it would have spared."""
    examples: list[str]
    """Ids of some of these."""


class PolicySuggestions(Model):
    items: list[PolicySuggestionsItem]


MemoryEntryUpdatedByKind: TypeAlias = Literal["user", "key", "policy", "agent", "system", "channel"]


class MemoryEntryUpdatedBy(Model):
    kind: Open[MemoryEntryUpdatedByKind]
    id: str
    via: str


class MemoryEntry(Model):
    key: str
    value: str
    version: int
    """Another one with each write; the `ETag` has it too."""
    expires_at: datetime | None = None
    """From then on it is there no more."""
    updated_at: datetime
    updated_by: MemoryEntryUpdatedBy


class MemoryList(Model):
    items: list[MemoryEntry]
    next_cursor: str | None = None


TemplateWishPermissionMode: TypeAlias = Literal[
    "default",
    "plan",
    "acceptEdits",
    "bypassPermissions",
    "dontAsk",
    "auto",
]
TemplatePermissionMode: TypeAlias = Literal["default", "plan", "acceptEdits", "bypassPermissions", "dontAsk", "auto"]


class TemplateVariable(Model):
    name: str
    default: str | None = None


class Template(Model):
    id: str
    name: str
    description: str | None = None
    work_dir: str | None = None
    prompt: str | None = None
    agent: str | None = None
    permission_mode: Open[TemplatePermissionMode] | None = None
    model: str | None = None
    effort: str | None = None
    """How much its agent thinks, in the agent's own words, as it offers them."""
    labels: dict[str, str] | None = None
    variables: list[TemplateVariable]
    """What is left open; without a `default` it has to be given."""
    built_in: bool
    """It comes with Aegis, and nobody changes it."""
    version: int
    """Counts its changes; the `ETag` has it too."""
    owner: str | None = None
    """Whose it is; absent: built in."""
    created_at: datetime | None = None
    updated_at: datetime | None = None


class TemplateList(Model):
    items: list[Template]
    next_cursor: str | None = None


CreatePipelinePermissionMode: TypeAlias = Literal[
    "default",
    "plan",
    "acceptEdits",
    "bypassPermissions",
    "dontAsk",
    "auto",
]
StageWishPermissionMode: TypeAlias = Literal["default", "plan", "acceptEdits", "bypassPermissions", "dontAsk", "auto"]


class StageWish(Model):
    name: str
    """Each has one of its own."""
    prompt: str | None = None
    """`{{stages.NAME.output}}` stands for the last words of that stage, which has to be one that this one depends on, itself or by way of others. It may be absent where a template says it."""
    work_dir: str | None = None
    """Default: the pipeline's."""
    agent: str | None = None
    permission_mode: Open[StageWishPermissionMode] | None = None
    """Default: the pipeline's, else the server's."""
    model: str | None = None
    effort: str | None = None
    """How much its agent thinks, in the agent's own words, as it offers them."""
    labels: dict[str, str] | None = None
    template: str | None = None
    """The id of a template, as it is now. What is said here takes the place of what it says."""
    variables: dict[str, str] | None = None
    """What the template leaves open."""
    depends_on: list[str] | None = None
    """The stages that have to be over before. Default: none, it begins at once."""
    on_failure: Open[Literal["stop", "continue", "retry"]] | None = None
    """What follows when it fails. `stop` (default): no other stage begins, and the pipeline has failed. `continue`: those that depend on it go on. `retry`: it is tried again, then as `stop`."""
    retries: int | None = None
    """Of `retry`: how often. Default: once."""


StageStatus: TypeAlias = Literal["pending", "running", "completed", "failed", "skipped", "cancelled"]


class StageError(Model):
    code: str
    message: str


class StageTemplate(Model):
    id: str
    version: int


class Stage(Model):
    name: str
    status: Open[StageStatus]
    """`skipped`: another stage has failed before it began. `pending`: it waits, for the first time or again."""
    attempts: int
    """How often it was begun."""
    depends_on: list[str]
    on_failure: Open[Literal["stop", "continue", "retry"]]
    retries: int
    session_id: str | None = None
    """The session of its last try."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: StageError | None = None
    prompt: str
    work_dir: str
    agent: str
    permission_mode: str
    model: str | None = None
    options: dict[str, str | bool] | None = None
    labels: dict[str, str] | None = None
    template: StageTemplate | None = None
    output: str | None = None
    """The agent's last words, up to 32,768 characters of them."""
    shortened: bool | None = None
    """It said more than that."""


class Pipeline(Model):
    id: str
    name: str
    status: Open[Literal["running", "completed", "failed", "cancelled"]]
    """A stage that is to be continued after has not failed its pipeline."""
    reason: str | None = None
    """Why it is over."""
    owner: str
    created_at: datetime
    ended_at: datetime | None = None
    seq: int
    """Of its first event: who follows its `pipeline.` events begins there."""
    stages: list[Stage]


StageItemStatus: TypeAlias = Literal["pending", "running", "completed", "failed", "skipped", "cancelled"]


class StageItemError(Model):
    code: str
    message: str


class StageItem(Model):
    name: str
    status: Open[StageItemStatus]
    """`skipped`: another stage has failed before it began. `pending`: it waits, for the first time or again."""
    attempts: int
    """How often it was begun."""
    depends_on: list[str]
    on_failure: Open[Literal["stop", "continue", "retry"]]
    retries: int
    session_id: str | None = None
    """The session of its last try."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: StageItemError | None = None


class PipelineItem(Model):
    """A pipeline without what its stages were told and have said."""

    id: str
    name: str
    status: Open[Literal["running", "completed", "failed", "cancelled"]]
    """A stage that is to be continued after has not failed its pipeline."""
    reason: str | None = None
    """Why it is over."""
    owner: str
    created_at: datetime
    ended_at: datetime | None = None
    seq: int
    """Of its first event: who follows its `pipeline.` events begins there."""
    stages: list[StageItem]


class PipelineList(Model):
    items: list[PipelineItem]
    next_cursor: str | None = None


CreateRoutinePermissionMode: TypeAlias = Literal[
    "default",
    "plan",
    "acceptEdits",
    "bypassPermissions",
    "dontAsk",
    "auto",
]
RoutineRunStatus: TypeAlias = Literal["waiting", "running", "completed", "failed", "skipped", "cancelled"]


class RoutineRunMissed(Model):
    """Where it is for several times: the first of them, and how many they are, counted up to 100."""

    from_: datetime
    count: int


class RoutineRunError(Model):
    """Why it has failed; without a session it could not be begun."""

    code: str
    message: str


class RoutineRun(Model):
    id: int
    """Its number: 1 is the routine's first."""
    due_at: datetime
    """Its time; of several that were missed the last one."""
    cause: Open[Literal["clock", "missed", "run"]]
    """`clock`: on time. `missed`: nothing could begin at its time. `run`: somebody wanted it."""
    status: Open[RoutineRunStatus]
    """`waiting`: for an earlier one. `skipped`: it never began, as the routine has it. `cancelled`: nor did it, since the routine was paused or deleted."""
    missed: RoutineRunMissed | None = None
    """Where it is for several times: the first of them, and how many they are, counted up to 100."""
    session_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    """Why it never began."""
    error: RoutineRunError | None = None
    """Why it has failed; without a session it could not be begun."""


class RoutineTemplate(Model):
    id: str
    version: int


class Routine(Model):
    id: str
    name: str
    cron: str
    """When: minute, hour, day of the month, month, day of the week. Days of both kinds are due on either. What the zone's clock skips is due once, right after the jump; what it shows twice is due the first time."""
    time_zone: str
    """By whose clock: an IANA name."""
    missed_run: Open[Literal["skip", "once"]]
    """Of times that are over by a minute before anything could begin, since the server was down or all work was stopped. `skip` (default): nothing begins. `once`: one run for all of them."""
    overlap: Open[Literal["skip", "queue", "parallel"]]
    """Of a time at which an earlier run has not ended. `skip` (default): nothing begins. `queue`: it waits for that, and no other one besides. `parallel`: it begins."""
    enabled: bool
    """Whether its times are due: false is a pause."""
    owner: str
    created_at: datetime
    updated_at: datetime
    version: int
    """Counts its changes; the `ETag` has it too."""
    next_run_at: datetime | None = None
    """Absent: it is paused."""
    last_run: RoutineRun | None = None
    prompt: str
    work_dir: str
    agent: str
    permission_mode: str
    model: str | None = None
    options: dict[str, str | bool] | None = None
    labels: dict[str, str] | None = None
    template: RoutineTemplate | None = None


class RoutineItem(Model):
    """A routine without what its sessions are begun with."""

    id: str
    name: str
    cron: str
    """When: minute, hour, day of the month, month, day of the week. Days of both kinds are due on either. What the zone's clock skips is due once, right after the jump; what it shows twice is due the first time."""
    time_zone: str
    """By whose clock: an IANA name."""
    missed_run: Open[Literal["skip", "once"]]
    """Of times that are over by a minute before anything could begin, since the server was down or all work was stopped. `skip` (default): nothing begins. `once`: one run for all of them."""
    overlap: Open[Literal["skip", "queue", "parallel"]]
    """Of a time at which an earlier run has not ended. `skip` (default): nothing begins. `queue`: it waits for that, and no other one besides. `parallel`: it begins."""
    enabled: bool
    """Whether its times are due: false is a pause."""
    owner: str
    created_at: datetime
    updated_at: datetime
    version: int
    """Counts its changes; the `ETag` has it too."""
    next_run_at: datetime | None = None
    """Absent: it is paused."""
    last_run: RoutineRun | None = None


class RoutineList(Model):
    items: list[RoutineItem]
    next_cursor: str | None = None


UpdateRoutinePermissionMode: TypeAlias = Literal[
    "default",
    "plan",
    "acceptEdits",
    "bypassPermissions",
    "dontAsk",
    "auto",
]
ListRoutineRunsStatus: TypeAlias = Literal["waiting", "running", "completed", "failed", "skipped", "cancelled"]


class RoutineRunList(Model):
    items: list[RoutineRun]
    next_cursor: str | None = None


SessionMetricsStatus: TypeAlias = Literal[
    "pending",
    "idle",
    "working",
    "permission_prompt",
    "asking",
    "rate_limit",
    "error",
    "crashed",
    "killed",
    "completed",
    "unknown",
]


class SessionMetricsTurns(Model):
    ended: int
    failed: int
    """Of those that ended."""
    running: int
    queued: int


class SessionMetricsMessages(Model):
    user: int
    agent: int
    """Its thoughts too."""


class SessionMetricsToolCalls(Model):
    ended: int
    failed: int
    running: int


class SessionMetricsApprovals(Model):
    asked: int
    approved: int
    rejected: int
    open: int


class SessionMetricsContext(Model):
    """Tokens of context used, and its size."""

    used: float
    size: float


class SessionMetrics(Model):
    session_id: str
    status: Open[SessionMetricsStatus]
    created_at: datetime
    last_activity: datetime
    turns: SessionMetricsTurns
    messages: SessionMetricsMessages
    tool_calls: SessionMetricsToolCalls
    approvals: SessionMetricsApprovals
    rate_limits: int
    """How often a provider wanted the agent to wait."""
    tokens: Tokens
    cost: int
    """Millionths of a US dollar."""
    context: SessionMetricsContext | None = None
    """Tokens of context used, and its size."""


class Percentiles(Model):
    """How long prompts waited for their turn."""

    count: int
    p50: float | None = None
    p90: float | None = None
    p99: float | None = None
    max: float | None = None


class SessionLatency(Model):
    queue: Percentiles
    first_output: Percentiles
    turn: Percentiles
    tool: Percentiles
    approval: Percentiles


class ToolUse(Model):
    name: str
    kind: str | None = None
    """The protocol's kind of tool."""
    calls: int
    failed: int
    asked: int
    """How often a call had to be approved."""
    approved: int
    rejected: int
    duration: Percentiles


class ToolUseList(Model):
    items: list[ToolUse]
    """The most used first."""


class TurnCost(Model):
    turn_id: str
    seq: int
    """The event of its end."""
    ended_at: datetime
    stop_reason: str | None
    error: str | None
    """The code of its problem."""
    duration_ms: int | None
    """null: it never began."""
    tokens: Tokens
    cost: int
    """Millionths of a US dollar."""


class SessionCost(Model):
    cost: int
    """Millionths of a US dollar, of the running turn too."""
    tokens: Tokens
    items: list[TurnCost]
    """The turns that have ended, newest first."""
    next_cursor: str | None = None


SessionSummaryStatus: TypeAlias = Literal[
    "pending",
    "idle",
    "working",
    "permission_prompt",
    "asking",
    "rate_limit",
    "error",
    "crashed",
    "killed",
    "completed",
    "unknown",
]


class ShortText(Model):
    """Long ones end with `…`."""

    id: int
    """Of the message."""
    text: str
    timestamp: datetime


class SessionSummaryFailure(Model):
    code: str
    message: str


class SessionSummary(Model):
    session_id: str
    name: str
    status: Open[SessionSummaryStatus]
    agent: str
    work_dir: str
    created_at: datetime
    last_activity: datetime
    first_prompt: ShortText | None = None
    last_prompt: ShortText | None = None
    last_answer: ShortText | None = None
    tools: list[ToolUse]
    changed_files: list[str]
    """As the agent says, each once; the first 200 of them."""
    pending_approvals: int
    pending_question: str | None = None
    failure: SessionSummaryFailure | None = None
    metrics: SessionMetrics


class CostAnalyticsGroup(Model):
    group: str
    """A day (UTC), an agent, a model …; `none` where there is none."""
    sessions: int
    cost: int
    """Millionths of a US dollar."""
    turns: int
    total_tokens: int


class CostAnalyticsTotal(Model):
    """Of all groups, also of those that are not shown."""

    cost: int
    """Millionths of a US dollar."""
    turns: int
    total_tokens: int


class CostAnalytics(Model):
    from_: datetime
    to: datetime
    by: str
    items: list[CostAnalyticsGroup]
    """Days in their order, all others by what there is most of first."""
    total: CostAnalyticsTotal
    """Of all groups, also of those that are not shown."""
    has_more: bool
    """There are more groups than `limit`."""


class UsageAnalyticsGroup(Model):
    group: str
    """A day (UTC), an agent, a model …; `none` where there is none."""
    sessions: int
    turns: int
    failed_turns: int
    duration_ms: int
    """How long turns ran."""
    tokens: Tokens


class UsageAnalyticsTotal(Model):
    """Of all groups, also of those that are not shown."""

    turns: int
    failed_turns: int
    duration_ms: int
    """How long turns ran."""
    tokens: Tokens


class UsageAnalytics(Model):
    from_: datetime
    to: datetime
    by: str
    items: list[UsageAnalyticsGroup]
    """Days in their order, all others by what there is most of first."""
    total: UsageAnalyticsTotal
    """Of all groups, also of those that are not shown."""
    has_more: bool
    """There are more groups than `limit`."""


class RateLimitAnalyticsGroup(Model):
    group: str
    """A day (UTC), an agent, a model …; `none` where there is none."""
    sessions: int
    hits: int
    longest_wait_ms: int
    last_at: datetime


class RateLimitAnalyticsTotal(Model):
    """Of all groups, also of those that are not shown."""

    hits: int


class RateLimitAnalytics(Model):
    from_: datetime
    to: datetime
    by: str
    items: list[RateLimitAnalyticsGroup]
    """Days in their order, all others by what there is most of first."""
    total: RateLimitAnalyticsTotal
    """Of all groups, also of those that are not shown."""
    has_more: bool
    """There are more groups than `limit`."""


class ProcessMemory(Model):
    rss: int
    """Bytes."""
    heap_used: int
    """Bytes."""
    heap_total: int
    """Bytes."""
    external: int
    """Bytes."""


class ProcessEventLoop(Model):
    utilization: float
    p50_ms: float
    p99_ms: float
    max_ms: float


class ProcessRequests(Model):
    total: int
    refused: int
    """With 400 to 499."""
    failed: int
    """With 500 or more."""


class Process(Model):
    """How the server's process is, since its start."""

    memory: ProcessMemory
    cpu_seconds: float
    event_loop: ProcessEventLoop
    streams: int
    """Event streams and WebSockets that are open."""
    requests: ProcessRequests


class Metrics(Model):
    uptime: float
    sessions: SessionStats
    process: Process | None = None


class DiagnosticsAgent(Model):
    name: str
    installed: bool
    version: str | None = None
    remedy: str | None = None
    """What to do where it is not installed."""


class DiagnosticsConfig(Model):
    key: str
    value: Any = None
    is_default: bool


class DiagnosticsFailure(Model):
    at: datetime
    request_id: str
    message: str


class Diagnostics(Model):
    at: datetime
    health: Health
    node: str
    platform: str
    arch: str
    storage_settings: dict[str, str | float]
    """As the storage itself says."""
    agents: list[DiagnosticsAgent]
    process: Process | None = None
    handles: dict[str, int] | None = None
    """What keeps the process alive, by Node.js' names of it."""
    config: list[DiagnosticsConfig] | None = None
    """Without secrets."""
    failures: list[DiagnosticsFailure] | None = None
    """The last requests that failed by the server's fault, the newest first."""


class SessionCreatedDataOwner(Model):
    user_id: str
    tenant_id: str


class SessionCreatedDataForkedFrom(Model):
    session_id: str
    agent_session_id: str


class SessionCreatedDataPolicy(Model):
    document: dict[str, Any]
    may_loosen: bool


class SessionCreatedDataTemplate(Model):
    template_id: str
    version: int


class SessionCreatedDataPipeline(Model):
    pipeline_id: str
    stage: str
    attempt: int


class SessionCreatedDataRoutine(Model):
    routine_id: str
    run: int


class SessionCreatedData(Model):
    work_dir: str
    agent: str
    permission_mode: str
    model: str | None = None
    options: dict[str, str | bool] | None = None
    name: str
    labels: dict[str, str]
    owner: SessionCreatedDataOwner
    parent_id: str | None = None
    forked_from: SessionCreatedDataForkedFrom | None = None
    base_commit: str | None = None
    salt: str
    policy: SessionCreatedDataPolicy | None = None
    template: SessionCreatedDataTemplate | None = None
    pipeline: SessionCreatedDataPipeline | None = None
    routine: SessionCreatedDataRoutine | None = None


class SessionCreatedEvent(Event):
    type: Literal["session.created"]
    data: SessionCreatedData


class SessionReadyData(Model):
    run_id: str
    agent_session_id: str
    agent_name: str | None = None
    agent_version: str | None = None
    protocol_version: float
    capabilities: dict[str, Any]
    modes: Any = None
    options: list[Any]
    restored: Open[Literal["new", "forked", "resumed", "loaded", "none"]]


class SessionReadyEvent(Event):
    type: Literal["session.ready"]
    data: SessionReadyData


class SessionUpdatedDataPolicy(Model):
    document: dict[str, Any]
    may_loosen: bool


class SessionUpdatedData(Model):
    name: str | None = None
    labels: dict[str, str] | None = None
    permission_mode: str | None = None
    options: dict[str, str | bool] | None = None
    title: str | None = None
    policy: SessionUpdatedDataPolicy | None = None
    forgotten: list[str] | None = None


class SessionUpdatedEvent(Event):
    type: Literal["session.updated"]
    data: SessionUpdatedData


class SessionRecoveredData(Model):
    restored: Open[Literal["resumed", "loaded", "none"]] | None = None
    gap: bool


class SessionRecoveredEvent(Event):
    type: Literal["session.recovered"]
    data: SessionRecoveredData


class SessionPausedData(Model):
    reason: str


class SessionPausedEvent(Event):
    type: Literal["session.paused"]
    data: SessionPausedData


class SessionResumedData(Model):
    reason: str


class SessionResumedEvent(Event):
    type: Literal["session.resumed"]
    data: SessionResumedData


class SessionParkedData(Model):
    reason: str


class SessionParkedEvent(Event):
    type: Literal["session.parked"]
    data: SessionParkedData


class SessionWokenData(Model):
    reason: str


class SessionWokenEvent(Event):
    type: Literal["session.woken"]
    data: SessionWokenData


class SessionWaitingData(Model):
    limit: float


class SessionWaitingEvent(Event):
    type: Literal["session.waiting"]
    data: SessionWaitingData


class SessionRestartedData(Model):
    reason: str


class SessionRestartedEvent(Event):
    type: Literal["session.restarted"]
    data: SessionRestartedData


class SessionStalledData(Model):
    since_ms: float


class SessionStalledEvent(Event):
    type: Literal["session.stalled"]
    data: SessionStalledData


class SessionKilledData(Model):
    reason: str


class SessionKilledEvent(Event):
    type: Literal["session.killed"]
    data: SessionKilledData


class SessionCrashedData(Model):
    reason: str


class SessionCrashedEvent(Event):
    type: Literal["session.crashed"]
    data: SessionCrashedData


class SessionCompletedData(Model):
    reason: str


class SessionCompletedEvent(Event):
    type: Literal["session.completed"]
    data: SessionCompletedData


class TurnRequestedDataContent(Model):
    type: str


class TurnRequestedData(Model):
    turn_id: str
    content: list[TurnRequestedDataContent]
    when_busy: Open[Literal["queue", "interrupt", "reject"]]
    by: str | None = None
    retry_turn: bool | None = None
    retry_of: str | None = None
    key: str | None = None


class TurnRequestedEvent(Event):
    type: Literal["turn.requested"]
    data: TurnRequestedData


class TurnStartedData(Model):
    turn_id: str
    origin: Open[Literal["prompt", "agent"]]


class TurnStartedEvent(Event):
    type: Literal["turn.started"]
    data: TurnStartedData


class TurnEndedDataError(Model):
    code: str
    message: str


class TurnEndedDataUsage(Model):
    total_tokens: float
    input_tokens: float
    output_tokens: float
    thought_tokens: float | None = None
    cached_read_tokens: float | None = None
    cached_write_tokens: float | None = None


class TurnEndedData(Model):
    turn_id: str
    stop_reason: str | None = None
    error: TurnEndedDataError | None = None
    usage: TurnEndedDataUsage | None = None
    cost: float | None = None
    key: str | None = None
    waited_ms: float | None = None
    first_output_ms: float | None = None
    duration_ms: float | None = None


class TurnEndedEvent(Event):
    type: Literal["turn.ended"]
    data: TurnEndedData


class TurnCancelRequestedData(Model):
    turn_id: str
    reason: str
    halt: bool | None = None


class TurnCancelRequestedEvent(Event):
    type: Literal["turn.cancel_requested"]
    data: TurnCancelRequestedData


class MessageUserDataContent(Model):
    type: str


class MessageUserData(Model):
    message_id: str
    content: list[MessageUserDataContent]


class MessageUserEvent(Event):
    type: Literal["message.user"]
    data: MessageUserData


class MessageDeltaData(Model):
    message_id: str
    text: str


class MessageDeltaEvent(Event):
    type: Literal["message.delta"]
    data: MessageDeltaData


class ThinkingDeltaData(Model):
    message_id: str
    text: str


class ThinkingDeltaEvent(Event):
    type: Literal["thinking.delta"]
    data: ThinkingDeltaData


class MessageCompletedDataContent(Model):
    type: str


class MessageCompletedData(Model):
    message_id: str
    content: list[MessageCompletedDataContent]


class MessageCompletedEvent(Event):
    type: Literal["message.completed"]
    data: MessageCompletedData


class MessageNoticeData(Model):
    kind: str
    text: str


class MessageNoticeEvent(Event):
    type: Literal["message.notice"]
    data: MessageNoticeData


class ToolStartedDataLocation(Model):
    path: str
    line: float | None = None


class ToolStartedDataContent(Model):
    type: str


class ToolStartedData(Model):
    tool_call_id: str
    name: str | None = None
    title: str | None = None
    kind: str | None = None
    status: str | None = None
    locations: list[ToolStartedDataLocation] | None = None
    input: Any = None
    output: Any = None
    content: list[ToolStartedDataContent] | None = None


class ToolStartedEvent(Event):
    type: Literal["tool.started"]
    data: ToolStartedData


class ToolUpdatedDataLocation(Model):
    path: str
    line: float | None = None


class ToolUpdatedDataContent(Model):
    type: str


class ToolUpdatedData(Model):
    tool_call_id: str
    name: str | None = None
    title: str | None = None
    kind: str | None = None
    status: str | None = None
    locations: list[ToolUpdatedDataLocation] | None = None
    input: Any = None
    output: Any = None
    content: list[ToolUpdatedDataContent] | None = None


class ToolUpdatedEvent(Event):
    type: Literal["tool.updated"]
    data: ToolUpdatedData


class ToolEndedDataLocation(Model):
    path: str
    line: float | None = None


class ToolEndedDataContent(Model):
    type: str


class ToolEndedData(Model):
    tool_call_id: str
    name: str | None = None
    title: str | None = None
    kind: str | None = None
    status: str | None = None
    locations: list[ToolEndedDataLocation] | None = None
    input: Any = None
    output: Any = None
    content: list[ToolEndedDataContent] | None = None
    duration_ms: float | None = None


class ToolEndedEvent(Event):
    type: Literal["tool.ended"]
    data: ToolEndedData


class PlanUpdatedDataEntry(Model):
    content: str
    priority: str
    status: str


class PlanUpdatedData(Model):
    entries: list[PlanUpdatedDataEntry]


class PlanUpdatedEvent(Event):
    type: Literal["plan.updated"]
    data: PlanUpdatedData


class ApprovalRequestedDataToolLocation(Model):
    path: str
    line: float | None = None


class ApprovalRequestedDataToolContent(Model):
    type: str


class ApprovalRequestedDataTool(Model):
    tool_call_id: str
    name: str | None = None
    title: str | None = None
    kind: str | None = None
    status: str | None = None
    locations: list[ApprovalRequestedDataToolLocation] | None = None
    input: Any = None
    output: Any = None
    content: list[ApprovalRequestedDataToolContent] | None = None


class ApprovalRequestedDataOption(Model):
    option_id: str
    name: str
    kind: str


class ApprovalRequestedDataFile(Model):
    path: str
    target: str
    state: str | None = None


class ApprovalRequestedData(Model):
    approval_id: str
    run_id: str
    request_id: str | float
    tool: ApprovalRequestedDataTool
    options: list[ApprovalRequestedDataOption]
    digest: str
    files: list[ApprovalRequestedDataFile] | None = None
    required: int | None = None
    roles: list[str] | None = None
    excluded_voter: str | None = None
    expires_at: datetime | None = None
    asked_by: str | None = None
    call: str | None = None


class ApprovalRequestedEvent(Event):
    type: Literal["approval.requested"]
    data: ApprovalRequestedData


class ApprovalVotedData(Model):
    approval_id: str
    voter: str
    choice: Open[Literal["approve", "reject"]]
    reason: str | None = None


class ApprovalVotedEvent(Event):
    type: Literal["approval.voted"]
    data: ApprovalVotedData


class ApprovalResolvedDataOutcome(Model):
    option_id: str


class ApprovalResolvedData(Model):
    approval_id: str
    status: Open[Literal["approved", "rejected", "withdrawn", "expired"]]
    outcome: ApprovalResolvedDataOutcome | Open[Literal["cancelled"]] | None = None
    rule: str | None = None
    reason: str | None = None


class ApprovalResolvedEvent(Event):
    type: Literal["approval.resolved"]
    data: ApprovalResolvedData


class ApprovalRememberedData(Model):
    approval_id: str
    call: str


class ApprovalRememberedEvent(Event):
    type: Literal["approval.remembered"]
    data: ApprovalRememberedData


class ApprovalDeliveredData(Model):
    approval_id: str


class ApprovalDeliveredEvent(Event):
    type: Literal["approval.delivered"]
    data: ApprovalDeliveredData


class ApprovalUndeliverableData(Model):
    approval_id: str
    reason: str


class ApprovalUndeliverableEvent(Event):
    type: Literal["approval.undeliverable"]
    data: ApprovalUndeliverableData


class QuestionAskedData(Model):
    question_id: str
    run_id: str
    request_id: str | float
    message: str
    schema_: dict[str, Any]
    tool_call_id: str | None = None


class QuestionAskedEvent(Event):
    type: Literal["question.asked"]
    data: QuestionAskedData


class QuestionAnsweredData(Model):
    question_id: str
    action: Open[Literal["accept", "decline", "withdrawn"]]
    content: dict[str, Any] | None = None


class QuestionAnsweredEvent(Event):
    type: Literal["question.answered"]
    data: QuestionAnsweredData


class QuestionDeliveredData(Model):
    question_id: str


class QuestionDeliveredEvent(Event):
    type: Literal["question.delivered"]
    data: QuestionDeliveredData


class ScreenshotTakenData(Model):
    url: str
    width: int
    height: int
    bytes: int


class ScreenshotTakenEvent(Event):
    type: Literal["screenshot.taken"]
    data: ScreenshotTakenData


DriverClaimedDataKind: TypeAlias = Literal["user", "key", "policy", "agent", "system", "channel"]


class DriverClaimedData(Model):
    kind: Open[DriverClaimedDataKind]
    id: str
    fence: int
    expires_at: datetime


class DriverClaimedEvent(Event):
    type: Literal["driver.claimed"]
    data: DriverClaimedData


class DriverReleasedData(Model):
    fence: int


class DriverReleasedEvent(Event):
    type: Literal["driver.released"]
    data: DriverReleasedData


class UsageUpdatedData(Model):
    used: float
    size: float
    cost_delta: float | None = None
    cost_total: float | None = None
    agent_cost: float | None = None


class UsageUpdatedEvent(Event):
    type: Literal["usage.updated"]
    data: UsageUpdatedData


class CommandsUpdatedDataCommand(Model):
    name: str
    description: str
    hint: str | None = None


class CommandsUpdatedData(Model):
    commands: list[CommandsUpdatedDataCommand]


class CommandsUpdatedEvent(Event):
    type: Literal["commands.updated"]
    data: CommandsUpdatedData


class ModeChangedData(Model):
    mode_id: str


class ModeChangedEvent(Event):
    type: Literal["mode.changed"]
    data: ModeChangedData


class OptionsUpdatedData(Model):
    options: list[Any]


class OptionsUpdatedEvent(Event):
    type: Literal["options.updated"]
    data: OptionsUpdatedData


class RateLimitHitData(Model):
    attempt: float
    retry_at: str | None = None
    status: float | None = None
    error: str | None = None


class RateLimitHitEvent(Event):
    type: Literal["rate_limit.hit"]
    data: RateLimitHitData


class RateLimitClearedData(Model):
    pass


class RateLimitClearedEvent(Event):
    type: Literal["rate_limit.cleared"]
    data: RateLimitClearedData


class AgentStartedData(Model):
    run_id: str
    pid: float
    command: str
    args: list[str]
    settings: str | None = None


class AgentStartedEvent(Event):
    type: Literal["agent.started"]
    data: AgentStartedData


class AgentExitedDataError(Model):
    code: str
    message: str


class AgentExitedData(Model):
    run_id: str
    code: float | None
    signal: str | None
    stderr_tail: str
    cause: Open[Literal["stopped", "failed", "crashed", "lost"]]
    error: AgentExitedDataError | None = None
    restart_at: datetime | None = None


class AgentExitedEvent(Event):
    type: Literal["agent.exited"]
    data: AgentExitedData


class AgentDetachedData(Model):
    run_id: str


class AgentDetachedEvent(Event):
    type: Literal["agent.detached"]
    data: AgentDetachedData


class AgentAttachedData(Model):
    run_id: str


class AgentAttachedEvent(Event):
    type: Literal["agent.attached"]
    data: AgentAttachedData


class AgentUpdateData(Model):
    frame: str
    reason: str


class AgentUpdateEvent(Event):
    type: Literal["agent.update"]
    data: AgentUpdateData


class PolicyDecidedData(Model):
    approval_id: str | None = None
    rule: str
    decision: Open[Literal["allow", "deny", "ask"]]
    reason: str
    digest: str


class PolicyDecidedEvent(Event):
    type: Literal["policy.decided"]
    data: PolicyDecidedData


class PolicyShadowedDataBefore(Model):
    decision: Open[Literal["allow", "deny", "ask"]]
    rule: str


class PolicyShadowedData(Model):
    approval_id: str | None = None
    version: int
    decision: Open[Literal["allow", "deny", "ask"]]
    rule: str
    reason: str
    before: PolicyShadowedDataBefore
    is_changed: bool
    digest: str


class PolicyShadowedEvent(Event):
    type: Literal["policy.shadowed"]
    data: PolicyShadowedData


class BudgetReservedDataAccount(Model):
    account: str
    window: datetime | None = None
    is_shared: bool
    cost: float
    tokens: float


class BudgetReservedData(Model):
    turn_id: str
    accounts: list[BudgetReservedDataAccount]


class BudgetReservedEvent(Event):
    type: Literal["budget.reserved"]
    data: BudgetReservedData


class BudgetSettledDataAccount(Model):
    account: str
    window: datetime | None = None
    is_shared: bool


class BudgetSettledData(Model):
    turn_id: str
    cost: float
    tokens: float
    accounts: list[BudgetSettledDataAccount]


class BudgetSettledEvent(Event):
    type: Literal["budget.settled"]
    data: BudgetSettledData


class BudgetExceededDataLimit(Model):
    cost: float | None = None
    tokens: float | None = None


class BudgetExceededDataSpent(Model):
    cost: float
    tokens: float


class BudgetExceededDataGranted(Model):
    cost: float
    tokens: float


class BudgetExceededDataReserved(Model):
    cost: float
    tokens: float


class BudgetExceededDataNeeded(Model):
    cost: float
    tokens: float


class BudgetExceededData(Model):
    turn_id: str
    account: str
    measure: Open[Literal["cost", "tokens", "turn"]]
    limit: BudgetExceededDataLimit
    spent: BudgetExceededDataSpent
    granted: BudgetExceededDataGranted
    reserved: BudgetExceededDataReserved
    needed: BudgetExceededDataNeeded
    until: datetime | None = None
    reason: str


class BudgetExceededEvent(Event):
    type: Literal["budget.exceeded"]
    data: BudgetExceededData


class BudgetExtendedData(Model):
    account: str
    window: datetime | None = None
    is_shared: bool
    cost: float
    tokens: float
    reason: str


class BudgetExtendedEvent(Event):
    type: Literal["budget.extended"]
    data: BudgetExtendedData


HookReceivedDataEvent: TypeAlias = Literal[
    "PreToolUse",
    "PostToolUse",
    "Notification",
    "Stop",
    "SessionStart",
    "SessionEnd",
    "UserPromptSubmit",
    "SubagentStop",
    "PreCompact",
]
HookReceivedDataActivity: TypeAlias = Literal["working", "permission_prompt", "asking", "idle", "completed"]


class HookReceivedData(Model):
    event: Open[HookReceivedDataEvent]
    digest: str
    bytes: int
    answer: Open[Literal["none", "allow", "deny", "ask"]]
    agent_session_id: str
    activity: Open[HookReceivedDataActivity] | None = None
    permission_mode: str | None = None
    transcript_path: str | None = None


class HookReceivedEvent(Event):
    type: Literal["hook.received"]
    data: HookReceivedData


class SystemOpenedData(Model):
    salt: str


class SystemOpenedEvent(Event):
    type: Literal["system.opened"]
    data: SystemOpenedData


class SystemStoppedData(Model):
    reason: str


class SystemStoppedEvent(Event):
    type: Literal["system.stopped"]
    data: SystemStoppedData


class SystemResumedData(Model):
    reason: str


class SystemResumedEvent(Event):
    type: Literal["system.resumed"]
    data: SystemResumedData


class PolicyUpdatedData(Model):
    version: int
    document: dict[str, Any] | None = None
    digest: str | None = None


class PolicyUpdatedEvent(Event):
    type: Literal["policy.updated"]
    data: PolicyUpdatedData


class PolicyShadowUpdatedData(Model):
    version: int
    document: dict[str, Any] | None = None
    digest: str | None = None


class PolicyShadowUpdatedEvent(Event):
    type: Literal["policy.shadow_updated"]
    data: PolicyShadowUpdatedData


class KeyCreatedData(Model):
    key_id: str
    tenant_id: str
    name: str
    role: str
    permissions: list[str] | None = None
    expires_at: datetime | None = None
    user_id: str
    digest: str


class KeyCreatedEvent(Event):
    type: Literal["key.created"]
    data: KeyCreatedData


class KeyUpdatedData(Model):
    key_id: str
    tenant_id: str
    name: str
    role: str
    permissions: list[str] | None = None
    expires_at: datetime | None = None


class KeyUpdatedEvent(Event):
    type: Literal["key.updated"]
    data: KeyUpdatedData


class KeyRotatedData(Model):
    key_id: str
    tenant_id: str
    digest: str
    previous_until: datetime | None = None


class KeyRotatedEvent(Event):
    type: Literal["key.rotated"]
    data: KeyRotatedData


class KeyRevokedData(Model):
    key_id: str
    tenant_id: str
    reason: str


class KeyRevokedEvent(Event):
    type: Literal["key.revoked"]
    data: KeyRevokedData


class LedgerReservedData(Model):
    account: str
    window: datetime | None = None
    session_id: str
    tenant_id: str
    turn_id: str
    cost: float
    tokens: float


class LedgerReservedEvent(Event):
    type: Literal["ledger.reserved"]
    data: LedgerReservedData


class LedgerSettledData(Model):
    account: str
    window: datetime | None = None
    session_id: str
    tenant_id: str
    turn_id: str
    cost: float
    tokens: float


class LedgerSettledEvent(Event):
    type: Literal["ledger.settled"]
    data: LedgerSettledData


class LedgerExtendedData(Model):
    account: str
    window: datetime | None = None
    session_id: str
    tenant_id: str
    cost: float
    tokens: float
    reason: str


class LedgerExtendedEvent(Event):
    type: Literal["ledger.extended"]
    data: LedgerExtendedData


class MemorySetData(Model):
    tenant_id: str
    user_id: str | None = None
    key: str
    value: str
    version: int
    previous: int | None = None
    expires_at: datetime | None = None


class MemorySetEvent(Event):
    type: Literal["memory.set"]
    data: MemorySetData


class MemoryDeletedData(Model):
    tenant_id: str
    user_id: str | None = None
    key: str
    version: int
    reason: Open[Literal["deleted", "expired"]]


class MemoryDeletedEvent(Event):
    type: Literal["memory.deleted"]
    data: MemoryDeletedData


class TemplateCreatedDataTemplate(Model):
    name: str
    description: str | None = None
    work_dir: str | None = None
    prompt: str | None = None
    agent: str | None = None
    permission_mode: str | None = None
    model: str | None = None
    effort: str | None = None
    labels: dict[str, str] | None = None


class TemplateCreatedData(Model):
    template_id: str
    tenant_id: str
    user_id: str
    version: int
    template: TemplateCreatedDataTemplate


class TemplateCreatedEvent(Event):
    type: Literal["template.created"]
    data: TemplateCreatedData


class TemplateUpdatedDataTemplate(Model):
    name: str
    description: str | None = None
    work_dir: str | None = None
    prompt: str | None = None
    agent: str | None = None
    permission_mode: str | None = None
    model: str | None = None
    effort: str | None = None
    labels: dict[str, str] | None = None


class TemplateUpdatedData(Model):
    template_id: str
    tenant_id: str
    user_id: str
    version: int
    template: TemplateUpdatedDataTemplate


class TemplateUpdatedEvent(Event):
    type: Literal["template.updated"]
    data: TemplateUpdatedData


class TemplateDeletedData(Model):
    template_id: str
    tenant_id: str
    user_id: str
    version: int


class TemplateDeletedEvent(Event):
    type: Literal["template.deleted"]
    data: TemplateDeletedData


class PipelineCreatedDataStageTemplate(Model):
    template_id: str
    version: int


class PipelineCreatedDataStage(Model):
    name: str
    depends_on: list[str]
    on_failure: Open[Literal["stop", "continue", "retry"]]
    retries: int
    prompt: str
    work_dir: str
    agent: str
    permission_mode: str
    model: str | None = None
    options: dict[str, str | bool] | None = None
    labels: dict[str, str] | None = None
    template: PipelineCreatedDataStageTemplate | None = None


class PipelineCreatedData(Model):
    pipeline_id: str
    tenant_id: str
    user_id: str
    salt: str
    name: str
    stages: list[PipelineCreatedDataStage]
    key: str | None = None


class PipelineCreatedEvent(Event):
    type: Literal["pipeline.created"]
    data: PipelineCreatedData


class PipelineStageStartedData(Model):
    pipeline_id: str
    tenant_id: str
    user_id: str
    stage: str
    attempt: int
    session_id: str


class PipelineStageStartedEvent(Event):
    type: Literal["pipeline.stage_started"]
    data: PipelineStageStartedData


class PipelineStageEndedDataError(Model):
    code: str
    message: str


class PipelineStageEndedData(Model):
    pipeline_id: str
    tenant_id: str
    user_id: str
    stage: str
    attempt: int
    session_id: str | None = None
    status: Open[Literal["completed", "failed", "skipped", "cancelled"]]
    output: str | None = None
    is_shortened: bool | None = None
    error: PipelineStageEndedDataError | None = None
    is_retried: bool | None = None


class PipelineStageEndedEvent(Event):
    type: Literal["pipeline.stage_ended"]
    data: PipelineStageEndedData


class PipelineEndedData(Model):
    pipeline_id: str
    tenant_id: str
    user_id: str
    status: Open[Literal["completed", "failed", "cancelled"]]
    reason: str


class PipelineEndedEvent(Event):
    type: Literal["pipeline.ended"]
    data: PipelineEndedData


class RoutineCreatedDataRoutineTemplate(Model):
    template_id: str
    version: int


class RoutineCreatedDataRoutine(Model):
    name: str
    cron: str
    time_zone: str
    missed_run: Open[Literal["skip", "once"]]
    overlap: Open[Literal["skip", "queue", "parallel"]]
    enabled: bool
    prompt: str
    work_dir: str
    agent: str
    permission_mode: str
    model: str | None = None
    options: dict[str, str | bool] | None = None
    labels: dict[str, str] | None = None
    template: RoutineCreatedDataRoutineTemplate | None = None


class RoutineCreatedData(Model):
    routine_id: str
    tenant_id: str
    user_id: str
    version: int
    routine: RoutineCreatedDataRoutine
    key: str | None = None
    since: datetime
    salt: str


class RoutineCreatedEvent(Event):
    type: Literal["routine.created"]
    data: RoutineCreatedData


class RoutineUpdatedDataRoutineTemplate(Model):
    template_id: str
    version: int


class RoutineUpdatedDataRoutine(Model):
    name: str
    cron: str
    time_zone: str
    missed_run: Open[Literal["skip", "once"]]
    overlap: Open[Literal["skip", "queue", "parallel"]]
    enabled: bool
    prompt: str
    work_dir: str
    agent: str
    permission_mode: str
    model: str | None = None
    options: dict[str, str | bool] | None = None
    labels: dict[str, str] | None = None
    template: RoutineUpdatedDataRoutineTemplate | None = None


class RoutineUpdatedData(Model):
    routine_id: str
    tenant_id: str
    user_id: str
    version: int
    routine: RoutineUpdatedDataRoutine
    key: str | None = None
    since: datetime


class RoutineUpdatedEvent(Event):
    type: Literal["routine.updated"]
    data: RoutineUpdatedData


class RoutineDeletedData(Model):
    routine_id: str
    tenant_id: str
    user_id: str
    version: int


class RoutineDeletedEvent(Event):
    type: Literal["routine.deleted"]
    data: RoutineDeletedData


class RoutineRunDueDataMissed(Model):
    from_: datetime
    count: int


class RoutineRunDueData(Model):
    routine_id: str
    tenant_id: str
    user_id: str
    run: int
    due_at: datetime
    cause: Open[Literal["clock", "missed", "run"]]
    missed: RoutineRunDueDataMissed | None = None
    key: str | None = None


class RoutineRunDueEvent(Event):
    type: Literal["routine.run_due"]
    data: RoutineRunDueData


class RoutineRunStartedData(Model):
    routine_id: str
    tenant_id: str
    user_id: str
    run: int
    session_id: str


class RoutineRunStartedEvent(Event):
    type: Literal["routine.run_started"]
    data: RoutineRunStartedData


class RoutineRunEndedDataError(Model):
    code: str
    message: str


class RoutineRunEndedData(Model):
    routine_id: str
    tenant_id: str
    user_id: str
    run: int
    session_id: str | None = None
    status: Open[Literal["completed", "failed", "skipped", "cancelled"]]
    reason: str | None = None
    error: RoutineRunEndedDataError | None = None


class RoutineRunEndedEvent(Event):
    type: Literal["routine.run_ended"]
    data: RoutineRunEndedData


class AuthCodeCreatedData(Model):
    key_id: str
    tenant_id: str


class AuthCodeCreatedEvent(Event):
    type: Literal["auth.code_created"]
    data: AuthCodeCreatedData


class AuthLoginData(Model):
    key_id: str
    tenant_id: str
    user_id: str


class AuthLoginEvent(Event):
    type: Literal["auth.login"]
    data: AuthLoginData


class AuthLogoutData(Model):
    key_id: str
    tenant_id: str
    user_id: str
    login_id: str
    until: datetime


class AuthLogoutEvent(Event):
    type: Literal["auth.logout"]
    data: AuthLogoutData


class AuthFailedData(Model):
    address: str
    count: int


class AuthFailedEvent(Event):
    type: Literal["auth.failed"]
    data: AuthFailedData


class AuthDeniedData(Model):
    key_id: str
    tenant_id: str
    user_id: str
    operation: str
    count: int


class AuthDeniedEvent(Event):
    type: Literal["auth.denied"]
    data: AuthDeniedData


class AuditExportedData(Model):
    key_id: str
    tenant_id: str
    user_id: str
    format: str
    filter: dict[str, Any] | None = None


class AuditExportedEvent(Event):
    type: Literal["audit.exported"]
    data: AuditExportedData


class ServerStartedData(Model):
    tenant_id: str
    version: str
    settings: dict[str, Any]


class ServerStartedEvent(Event):
    type: Literal["server.started"]
    data: ServerStartedData


class ServerEndedData(Model):
    tenant_id: str
    agents: Open[Literal["ended", "kept"]]


class ServerEndedEvent(Event):
    type: Literal["server.ended"]
    data: ServerEndedData


KNOWN_EVENTS: dict[str, type[Event]] = {
    "session.created": SessionCreatedEvent,
    "session.ready": SessionReadyEvent,
    "session.updated": SessionUpdatedEvent,
    "session.recovered": SessionRecoveredEvent,
    "session.paused": SessionPausedEvent,
    "session.resumed": SessionResumedEvent,
    "session.parked": SessionParkedEvent,
    "session.woken": SessionWokenEvent,
    "session.waiting": SessionWaitingEvent,
    "session.restarted": SessionRestartedEvent,
    "session.stalled": SessionStalledEvent,
    "session.killed": SessionKilledEvent,
    "session.crashed": SessionCrashedEvent,
    "session.completed": SessionCompletedEvent,
    "turn.requested": TurnRequestedEvent,
    "turn.started": TurnStartedEvent,
    "turn.ended": TurnEndedEvent,
    "turn.cancel_requested": TurnCancelRequestedEvent,
    "message.user": MessageUserEvent,
    "message.delta": MessageDeltaEvent,
    "thinking.delta": ThinkingDeltaEvent,
    "message.completed": MessageCompletedEvent,
    "message.notice": MessageNoticeEvent,
    "tool.started": ToolStartedEvent,
    "tool.updated": ToolUpdatedEvent,
    "tool.ended": ToolEndedEvent,
    "plan.updated": PlanUpdatedEvent,
    "approval.requested": ApprovalRequestedEvent,
    "approval.voted": ApprovalVotedEvent,
    "approval.resolved": ApprovalResolvedEvent,
    "approval.remembered": ApprovalRememberedEvent,
    "approval.delivered": ApprovalDeliveredEvent,
    "approval.undeliverable": ApprovalUndeliverableEvent,
    "question.asked": QuestionAskedEvent,
    "question.answered": QuestionAnsweredEvent,
    "question.delivered": QuestionDeliveredEvent,
    "screenshot.taken": ScreenshotTakenEvent,
    "driver.claimed": DriverClaimedEvent,
    "driver.released": DriverReleasedEvent,
    "usage.updated": UsageUpdatedEvent,
    "commands.updated": CommandsUpdatedEvent,
    "mode.changed": ModeChangedEvent,
    "options.updated": OptionsUpdatedEvent,
    "rate_limit.hit": RateLimitHitEvent,
    "rate_limit.cleared": RateLimitClearedEvent,
    "agent.started": AgentStartedEvent,
    "agent.exited": AgentExitedEvent,
    "agent.detached": AgentDetachedEvent,
    "agent.attached": AgentAttachedEvent,
    "agent.update": AgentUpdateEvent,
    "policy.decided": PolicyDecidedEvent,
    "policy.shadowed": PolicyShadowedEvent,
    "budget.reserved": BudgetReservedEvent,
    "budget.settled": BudgetSettledEvent,
    "budget.exceeded": BudgetExceededEvent,
    "budget.extended": BudgetExtendedEvent,
    "hook.received": HookReceivedEvent,
    "system.opened": SystemOpenedEvent,
    "system.stopped": SystemStoppedEvent,
    "system.resumed": SystemResumedEvent,
    "policy.updated": PolicyUpdatedEvent,
    "policy.shadow_updated": PolicyShadowUpdatedEvent,
    "key.created": KeyCreatedEvent,
    "key.updated": KeyUpdatedEvent,
    "key.rotated": KeyRotatedEvent,
    "key.revoked": KeyRevokedEvent,
    "ledger.reserved": LedgerReservedEvent,
    "ledger.settled": LedgerSettledEvent,
    "ledger.extended": LedgerExtendedEvent,
    "memory.set": MemorySetEvent,
    "memory.deleted": MemoryDeletedEvent,
    "template.created": TemplateCreatedEvent,
    "template.updated": TemplateUpdatedEvent,
    "template.deleted": TemplateDeletedEvent,
    "pipeline.created": PipelineCreatedEvent,
    "pipeline.stage_started": PipelineStageStartedEvent,
    "pipeline.stage_ended": PipelineStageEndedEvent,
    "pipeline.ended": PipelineEndedEvent,
    "routine.created": RoutineCreatedEvent,
    "routine.updated": RoutineUpdatedEvent,
    "routine.deleted": RoutineDeletedEvent,
    "routine.run_due": RoutineRunDueEvent,
    "routine.run_started": RoutineRunStartedEvent,
    "routine.run_ended": RoutineRunEndedEvent,
    "auth.code_created": AuthCodeCreatedEvent,
    "auth.login": AuthLoginEvent,
    "auth.logout": AuthLogoutEvent,
    "auth.failed": AuthFailedEvent,
    "auth.denied": AuthDeniedEvent,
    "audit.exported": AuditExportedEvent,
    "server.started": ServerStartedEvent,
    "server.ended": ServerEndedEvent,
}
