// Generated from the contract by scripts/generate.ts.

import { type CallOptions, Caller, type ReplaceOptions, type WriteOptions } from "../caller.ts"
import { getHealth, getVersion, negotiateHandshake, getOpenApiDocument, listAgents, stopAll, liftStopAll, createLoginCode, exchangeLoginCode, logout, verifyToken, createSseToken, listApiKeys, createApiKey, updateApiKey, revokeApiKey, rotateApiKey, createSession, listSessions, batchCreateSessions, batchKillSessions, claimDriver, releaseDriver, transferDriver, listParticipants, takeScreenshot, completeWorkDir, forkSession, spawnChild, listChildren, getSwarm, getSessionStats, getSessionsHealth, getSession, updateSession, killSession, getSessionOptions, setSessionOptions, setSessionMode, getSessionHealth, discoverCommands, sendMessage, sendCommand, approvePermission, rejectPermission, listSessionApprovals, listApprovals, getApproval, answerQuestion, interruptSession, escapeSession, pauseSession, resumeSession, restartSession, extendBudget, getSessionPolicy, updateSessionPolicy, readMessages, getTranscriptCursor, getSessionDiff, exportSession, listSessionEvents, listEvents, listAudit, exportAudit, getAuditCheckpoint, getAuditProof, verifyAudit, getPolicy, updatePolicy, listPolicyVersions, getShadowPolicy, updateShadowPolicy, checkPolicy, simulatePolicy, suggestPolicy, setMemory, listMemory, getMemory, deleteMemory, createTemplate, listTemplates, getTemplate, updateTemplate, deleteTemplate, createPipeline, listPipelines, getPipeline, cancelPipeline, createRoutine, listRoutines, getRoutine, updateRoutine, deleteRoutine, runRoutine, listRoutineRuns, getSessionMetrics, getSessionLatency, getSessionTools, getSessionCost, getSessionSummary, listTools, getCostAnalytics, getUsageAnalytics, getRateLimitAnalytics, getMetrics, getPrometheusMetrics, getDiagnostics } from "./sdk.gen.ts"
import type { GetHealthData, GetHealthResponses, GetVersionData, GetVersionResponses, NegotiateHandshakeData, NegotiateHandshakeResponses, GetOpenApiDocumentData, GetOpenApiDocumentResponses, ListAgentsData, ListAgentsResponses, StopAllData, StopAllResponses, LiftStopAllData, LiftStopAllResponses, CreateLoginCodeData, CreateLoginCodeResponses, ExchangeLoginCodeData, ExchangeLoginCodeResponses, LogoutData, LogoutResponses, VerifyTokenData, VerifyTokenResponses, CreateSseTokenData, CreateSseTokenResponses, ListApiKeysData, ListApiKeysResponses, CreateApiKeyData, CreateApiKeyResponses, UpdateApiKeyData, UpdateApiKeyResponses, RevokeApiKeyData, RevokeApiKeyResponses, RotateApiKeyData, RotateApiKeyResponses, CreateSessionData, CreateSessionResponses, ListSessionsData, ListSessionsResponses, BatchCreateSessionsData, BatchCreateSessionsResponses, BatchKillSessionsData, BatchKillSessionsResponses, ClaimDriverData, ClaimDriverResponses, ReleaseDriverData, ReleaseDriverResponses, TransferDriverData, TransferDriverResponses, ListParticipantsData, ListParticipantsResponses, TakeScreenshotData, TakeScreenshotResponses, CompleteWorkDirData, CompleteWorkDirResponses, ForkSessionData, ForkSessionResponses, SpawnChildData, SpawnChildResponses, ListChildrenData, ListChildrenResponses, GetSwarmData, GetSwarmResponses, GetSessionStatsData, GetSessionStatsResponses, GetSessionsHealthData, GetSessionsHealthResponses, GetSessionData, GetSessionResponses, UpdateSessionData, UpdateSessionResponses, KillSessionData, KillSessionResponses, GetSessionOptionsData, GetSessionOptionsResponses, SetSessionOptionsData, SetSessionOptionsResponses, SetSessionModeData, SetSessionModeResponses, GetSessionHealthData, GetSessionHealthResponses, DiscoverCommandsData, DiscoverCommandsResponses, SendMessageData, SendMessageResponses, SendCommandData, SendCommandResponses, ApprovePermissionData, ApprovePermissionResponses, RejectPermissionData, RejectPermissionResponses, ListSessionApprovalsData, ListSessionApprovalsResponses, ListApprovalsData, ListApprovalsResponses, GetApprovalData, GetApprovalResponses, AnswerQuestionData, AnswerQuestionResponses, InterruptSessionData, InterruptSessionResponses, EscapeSessionData, EscapeSessionResponses, PauseSessionData, PauseSessionResponses, ResumeSessionData, ResumeSessionResponses, RestartSessionData, RestartSessionResponses, ExtendBudgetData, ExtendBudgetResponses, GetSessionPolicyData, GetSessionPolicyResponses, UpdateSessionPolicyData, UpdateSessionPolicyResponses, ReadMessagesData, ReadMessagesResponses, GetTranscriptCursorData, GetTranscriptCursorResponses, GetSessionDiffData, GetSessionDiffResponses, ExportSessionData, ExportSessionResponses, ListSessionEventsData, ListSessionEventsResponses, ListEventsData, ListEventsResponses, ListAuditData, ListAuditResponses, ExportAuditData, ExportAuditResponses, GetAuditCheckpointData, GetAuditCheckpointResponses, GetAuditProofData, GetAuditProofResponses, VerifyAuditData, VerifyAuditResponses, GetPolicyData, GetPolicyResponses, UpdatePolicyData, UpdatePolicyResponses, ListPolicyVersionsData, ListPolicyVersionsResponses, GetShadowPolicyData, GetShadowPolicyResponses, UpdateShadowPolicyData, UpdateShadowPolicyResponses, CheckPolicyData, CheckPolicyResponses, SimulatePolicyData, SimulatePolicyResponses, SuggestPolicyData, SuggestPolicyResponses, SetMemoryData, SetMemoryResponses, ListMemoryData, ListMemoryResponses, GetMemoryData, GetMemoryResponses, DeleteMemoryData, DeleteMemoryResponses, CreateTemplateData, CreateTemplateResponses, ListTemplatesData, ListTemplatesResponses, GetTemplateData, GetTemplateResponses, UpdateTemplateData, UpdateTemplateResponses, DeleteTemplateData, DeleteTemplateResponses, CreatePipelineData, CreatePipelineResponses, ListPipelinesData, ListPipelinesResponses, GetPipelineData, GetPipelineResponses, CancelPipelineData, CancelPipelineResponses, CreateRoutineData, CreateRoutineResponses, ListRoutinesData, ListRoutinesResponses, GetRoutineData, GetRoutineResponses, UpdateRoutineData, UpdateRoutineResponses, DeleteRoutineData, DeleteRoutineResponses, RunRoutineData, RunRoutineResponses, ListRoutineRunsData, ListRoutineRunsResponses, GetSessionMetricsData, GetSessionMetricsResponses, GetSessionLatencyData, GetSessionLatencyResponses, GetSessionToolsData, GetSessionToolsResponses, GetSessionCostData, GetSessionCostResponses, GetSessionSummaryData, GetSessionSummaryResponses, ListToolsData, ListToolsResponses, GetCostAnalyticsData, GetCostAnalyticsResponses, GetUsageAnalyticsData, GetUsageAnalyticsResponses, GetRateLimitAnalyticsData, GetRateLimitAnalyticsResponses, GetMetricsData, GetMetricsResponses, GetPrometheusMetricsData, GetPrometheusMetricsResponses, GetDiagnosticsData, GetDiagnosticsResponses } from "./types.gen.ts"

/** Every operation of the contract as a method; a problem is thrown as AegisProblem. */
export class Operations extends Caller {
  /** Whether the server is well. */
  getHealth(options?: CallOptions): Promise<GetHealthResponses[keyof GetHealthResponses]> {
    return this.call(getHealth({ ...this.request(options) }))
  }

  /** The server's version. */
  getVersion(options?: CallOptions): Promise<GetVersionResponses[keyof GetVersionResponses]> {
    return this.call(getVersion({ ...this.request(options) }))
  }

  /** What client and server can rely on with each other. */
  negotiateHandshake(body: NegotiateHandshakeData["body"], options?: CallOptions): Promise<NegotiateHandshakeResponses[keyof NegotiateHandshakeResponses]> {
    return this.call(negotiateHandshake({ body, ...this.request(options) }))
  }

  /** This document. */
  getOpenApiDocument(options?: CallOptions): Promise<GetOpenApiDocumentResponses[keyof GetOpenApiDocumentResponses]> {
    return this.call(getOpenApiDocument({ ...this.request(options) }))
  }

  /** The agents that can be asked for. */
  listAgents(options?: CallOptions): Promise<ListAgentsResponses[keyof ListAgentsResponses]> {
    return this.call(listAgents({ ...this.request(options) }))
  }

  /** Stop all work: every turn is interrupted, every queue is held. */
  stopAll(body?: StopAllData["body"], options?: WriteOptions): Promise<StopAllResponses[keyof StopAllResponses]> {
    return this.call(stopAll({ ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** Let work go on that was stopped. */
  liftStopAll(options?: WriteOptions): Promise<LiftStopAllResponses[keyof LiftStopAllResponses]> {
    return this.call(liftStopAll({ ...this.write(options) }))
  }

  /** A link that opens the dashboard, once. */
  createLoginCode(options?: CallOptions): Promise<CreateLoginCodeResponses[keyof CreateLoginCodeResponses]> {
    return this.call(createLoginCode({ ...this.request(options) }))
  }

  /** Turn a one-time login code into a cookie session. */
  exchangeLoginCode(body: ExchangeLoginCodeData["body"], options?: CallOptions): Promise<ExchangeLoginCodeResponses[keyof ExchangeLoginCodeResponses]> {
    return this.call(exchangeLoginCode({ body, ...this.request(options) }))
  }

  /** Sign out. */
  logout(options?: CallOptions): Promise<LogoutResponses[keyof LogoutResponses]> {
    return this.call(logout({ ...this.request(options) }))
  }

  /** Who one is. */
  verifyToken(options?: CallOptions): Promise<VerifyTokenResponses[keyof VerifyTokenResponses]> {
    return this.call(verifyToken({ ...this.request(options) }))
  }

  /** A short-lived token for event streams. */
  createSseToken(body?: CreateSseTokenData["body"], options?: CallOptions): Promise<CreateSseTokenResponses[keyof CreateSseTokenResponses]> {
    return this.call(createSseToken({ ...(body === undefined ? {} : { body }), ...this.request(options) }))
  }

  /** The keys that are good, newest first. */
  listApiKeys(options?: CallOptions): Promise<ListApiKeysResponses[keyof ListApiKeysResponses]> {
    return this.call(listApiKeys({ ...this.request(options) }))
  }

  /** Let a person or a program in. */
  createApiKey(body: CreateApiKeyData["body"], options?: WriteOptions): Promise<CreateApiKeyResponses[keyof CreateApiKeyResponses]> {
    return this.call(createApiKey({ body, ...this.write(options) }))
  }

  /** Change what a key may do, its name or its end. */
  updateApiKey(id: string, body: UpdateApiKeyData["body"], options?: WriteOptions): Promise<UpdateApiKeyResponses[keyof UpdateApiKeyResponses]> {
    return this.call(updateApiKey({ path: { id }, body, ...this.write(options) }))
  }

  /** End a key for good. */
  revokeApiKey(id: string, options?: WriteOptions): Promise<RevokeApiKeyResponses[keyof RevokeApiKeyResponses]> {
    return this.call(revokeApiKey({ path: { id }, ...this.write(options) }))
  }

  /** Give a key another secret. */
  rotateApiKey(id: string, body?: RotateApiKeyData["body"], options?: WriteOptions): Promise<RotateApiKeyResponses[keyof RotateApiKeyResponses]> {
    return this.call(rotateApiKey({ path: { id }, ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** Create a session, or reuse an idle one of the same folder. */
  createSession(body: CreateSessionData["body"], options?: WriteOptions): Promise<CreateSessionResponses[keyof CreateSessionResponses]> {
    return this.call(createSession({ body, ...this.write(options) }))
  }

  /** List sessions, newest first. */
  listSessions(query?: ListSessionsData["query"], options?: CallOptions): Promise<ListSessionsResponses[keyof ListSessionsResponses]> {
    return this.call(listSessions({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** Create up to 50 sessions at once. */
  batchCreateSessions(body: BatchCreateSessionsData["body"], options?: WriteOptions): Promise<BatchCreateSessionsResponses[keyof BatchCreateSessionsResponses]> {
    return this.call(batchCreateSessions({ body, ...this.write(options) }))
  }

  /** End up to 50 sessions for good; they stay readable. */
  batchKillSessions(query?: BatchKillSessionsData["query"], options?: WriteOptions): Promise<BatchKillSessionsResponses[keyof BatchKillSessionsResponses]> {
    return this.call(batchKillSessions({ ...(query === undefined ? {} : { query }), ...this.write(options) }))
  }

  /** Have only this key send to a session, for a time. */
  claimDriver(id: string, body?: ClaimDriverData["body"], options?: WriteOptions): Promise<ClaimDriverResponses[keyof ClaimDriverResponses]> {
    return this.call(claimDriver({ path: { id }, ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** Let everybody send to a session again. */
  releaseDriver(id: string, body?: ReleaseDriverData["body"], options?: WriteOptions): Promise<ReleaseDriverResponses[keyof ReleaseDriverResponses]> {
    return this.call(releaseDriver({ path: { id }, ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** Have another key drive a session. */
  transferDriver(id: string, body: TransferDriverData["body"], options?: WriteOptions): Promise<TransferDriverResponses[keyof TransferDriverResponses]> {
    return this.call(transferDriver({ path: { id }, body, ...this.write(options) }))
  }

  /** Who has done something in a session, and who drives it. */
  listParticipants(id: string, options?: CallOptions): Promise<ListParticipantsResponses[keyof ListParticipantsResponses]> {
    return this.call(listParticipants({ path: { id }, ...this.request(options) }))
  }

  /** Look at a page, as a picture. */
  takeScreenshot(id: string, body: TakeScreenshotData["body"], options?: CallOptions): Promise<TakeScreenshotResponses[keyof TakeScreenshotResponses]> {
    return this.call(takeScreenshot({ path: { id }, body, ...this.request(options) }))
  }

  /** Folders that a session may work in, by what was typed of their paths. */
  completeWorkDir(query?: CompleteWorkDirData["query"], options?: CallOptions): Promise<CompleteWorkDirResponses[keyof CompleteWorkDirResponses]> {
    return this.call(completeWorkDir({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** Begin a session that knows what another one knows by now. */
  forkSession(id: string, body?: ForkSessionData["body"], options?: WriteOptions): Promise<ForkSessionResponses[keyof ForkSessionResponses]> {
    return this.call(forkSession({ path: { id }, ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** Create a child of a session. */
  spawnChild(id: string, body: SpawnChildData["body"], options?: WriteOptions): Promise<SpawnChildResponses[keyof SpawnChildResponses]> {
    return this.call(spawnChild({ path: { id }, body, ...this.write(options) }))
  }

  /** A session's children, newest first, also those that have ended. */
  listChildren(id: string, query?: ListChildrenData["query"], options?: CallOptions): Promise<ListChildrenResponses[keyof ListChildrenResponses]> {
    return this.call(listChildren({ path: { id }, ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** Which sessions live, and which has begun which. */
  getSwarm(query?: GetSwarmData["query"], options?: CallOptions): Promise<GetSwarmResponses[keyof GetSwarmResponses]> {
    return this.call(getSwarm({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** What all sessions have done so far, in numbers. */
  getSessionStats(options?: CallOptions): Promise<GetSessionStatsResponses[keyof GetSessionStatsResponses]> {
    return this.call(getSessionStats({ ...this.request(options) }))
  }

  /** How the sessions are that have not ended, newest first. */
  getSessionsHealth(query?: GetSessionsHealthData["query"], options?: CallOptions): Promise<GetSessionsHealthResponses[keyof GetSessionsHealthResponses]> {
    return this.call(getSessionsHealth({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** A session as it is now. */
  getSession(id: string, options?: CallOptions): Promise<GetSessionResponses[keyof GetSessionResponses]> {
    return this.call(getSession({ path: { id }, ...this.request(options) }))
  }

  /** Give a session another name, or other labels. */
  updateSession(id: string, body: UpdateSessionData["body"], options?: ReplaceOptions): Promise<UpdateSessionResponses[keyof UpdateSessionResponses]> {
    return this.call(updateSession({ path: { id }, body, ...this.replace(options) }))
  }

  /** End a session for good; it stays readable. */
  killSession(id: string, options?: WriteOptions): Promise<KillSessionResponses[keyof KillSessionResponses]> {
    return this.call(killSession({ path: { id }, ...this.write(options) }))
  }

  /** What of its agent's options is set, and what it offers. */
  getSessionOptions(id: string, options?: CallOptions): Promise<GetSessionOptionsResponses[keyof GetSessionOptionsResponses]> {
    return this.call(getSessionOptions({ path: { id }, ...this.request(options) }))
  }

  /** Set its agent's options: model, effort and what else it offers. */
  setSessionOptions(id: string, body: SetSessionOptionsData["body"], options?: ReplaceOptions): Promise<SetSessionOptionsResponses[keyof SetSessionOptionsResponses]> {
    return this.call(setSessionOptions({ path: { id }, body, ...this.replace(options) }))
  }

  /** Have a session ask more, or less. */
  setSessionMode(id: string, body: SetSessionModeData["body"], options?: ReplaceOptions): Promise<SetSessionModeResponses[keyof SetSessionModeResponses]> {
    return this.call(setSessionMode({ path: { id }, body, ...this.replace(options) }))
  }

  /** How a session is, and what can be done about it. */
  getSessionHealth(id: string, options?: CallOptions): Promise<GetSessionHealthResponses[keyof GetSessionHealthResponses]> {
    return this.call(getSessionHealth({ path: { id }, ...this.request(options) }))
  }

  /** The slash commands that a session's agent has. */
  discoverCommands(id: string, options?: CallOptions): Promise<DiscoverCommandsResponses[keyof DiscoverCommandsResponses]> {
    return this.call(discoverCommands({ path: { id }, ...this.request(options) }))
  }

  /** Send a prompt. */
  sendMessage(id: string, body: SendMessageData["body"], options?: WriteOptions): Promise<SendMessageResponses[keyof SendMessageResponses]> {
    return this.call(sendMessage({ path: { id }, body, ...this.write(options) }))
  }

  /** Send one of its agent's slash commands. */
  sendCommand(id: string, body: SendCommandData["body"], options?: WriteOptions): Promise<SendCommandResponses[keyof SendCommandResponses]> {
    return this.call(sendCommand({ path: { id }, body, ...this.write(options) }))
  }

  /** Approve what waits. */
  approvePermission(id: string, body?: ApprovePermissionData["body"], options?: WriteOptions): Promise<ApprovePermissionResponses[keyof ApprovePermissionResponses]> {
    return this.call(approvePermission({ path: { id }, ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** Reject what waits. */
  rejectPermission(id: string, body?: RejectPermissionData["body"], options?: WriteOptions): Promise<RejectPermissionResponses[keyof RejectPermissionResponses]> {
    return this.call(rejectPermission({ path: { id }, ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** A session's approvals, newest first. */
  listSessionApprovals(id: string, query?: ListSessionApprovalsData["query"], options?: CallOptions): Promise<ListSessionApprovalsResponses[keyof ListSessionApprovalsResponses]> {
    return this.call(listSessionApprovals({ path: { id }, ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** Approvals of all sessions, newest first. */
  listApprovals(query?: ListApprovalsData["query"], options?: CallOptions): Promise<ListApprovalsResponses[keyof ListApprovalsResponses]> {
    return this.call(listApprovals({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** An approval, open or decided. */
  getApproval(approvalId: string, options?: CallOptions): Promise<GetApprovalResponses[keyof GetApprovalResponses]> {
    return this.call(getApproval({ path: { approvalId }, ...this.request(options) }))
  }

  /** Answer or decline the agent's question. */
  answerQuestion(id: string, body: AnswerQuestionData["body"], options?: WriteOptions): Promise<AnswerQuestionResponses[keyof AnswerQuestionResponses]> {
    return this.call(answerQuestion({ path: { id }, body, ...this.write(options) }))
  }

  /** Interrupt the running turn. */
  interruptSession(id: string, options?: WriteOptions): Promise<InterruptSessionResponses[keyof InterruptSessionResponses]> {
    return this.call(interruptSession({ path: { id }, ...this.write(options) }))
  }

  /** Take back what waits for a person, and end the turn. */
  escapeSession(id: string, options?: WriteOptions): Promise<EscapeSessionResponses[keyof EscapeSessionResponses]> {
    return this.call(escapeSession({ path: { id }, ...this.write(options) }))
  }

  /** Hold the queue: no prompt goes out until it is resumed. */
  pauseSession(id: string, body?: PauseSessionData["body"], options?: WriteOptions): Promise<PauseSessionResponses[keyof PauseSessionResponses]> {
    return this.call(pauseSession({ path: { id }, ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** End a pause. */
  resumeSession(id: string, body?: ResumeSessionData["body"], options?: WriteOptions): Promise<ResumeSessionResponses[keyof ResumeSessionResponses]> {
    return this.call(resumeSession({ path: { id }, ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** Start the agent of a session again that has failed or crashed. */
  restartSession(id: string, body?: RestartSessionData["body"], options?: WriteOptions): Promise<RestartSessionResponses[keyof RestartSessionResponses]> {
    return this.call(restartSession({ path: { id }, ...(body === undefined ? {} : { body }), ...this.write(options) }))
  }

  /** Allow more than the limit of a budget that the session counts on. */
  extendBudget(id: string, body: ExtendBudgetData["body"], options?: WriteOptions): Promise<ExtendBudgetResponses[keyof ExtendBudgetResponses]> {
    return this.call(extendBudget({ path: { id }, body, ...this.write(options) }))
  }

  /** What holds in the session besides the server's policy. */
  getSessionPolicy(id: string, options?: CallOptions): Promise<GetSessionPolicyResponses[keyof GetSessionPolicyResponses]> {
    return this.call(getSessionPolicy({ path: { id }, ...this.request(options) }))
  }

  /** Give the session other rules of its own, or have it forget. */
  updateSessionPolicy(id: string, body: UpdateSessionPolicyData["body"], options?: ReplaceOptions): Promise<UpdateSessionPolicyResponses[keyof UpdateSessionPolicyResponses]> {
    return this.call(updateSessionPolicy({ path: { id }, body, ...this.replace(options) }))
  }

  /** The transcript, by offset. */
  readMessages(id: string, query?: ReadMessagesData["query"], options?: CallOptions): Promise<ReadMessagesResponses[keyof ReadMessagesResponses]> {
    return this.call(readMessages({ path: { id }, ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** The transcript, by stable message ids, newest page first. */
  getTranscriptCursor(id: string, query?: GetTranscriptCursorData["query"], options?: CallOptions): Promise<GetTranscriptCursorResponses[keyof GetTranscriptCursorResponses]> {
    return this.call(getTranscriptCursor({ path: { id }, ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** What has changed in the session's folder since the session began. */
  getSessionDiff(id: string, query?: GetSessionDiffData["query"], options?: CallOptions): Promise<GetSessionDiffResponses[keyof GetSessionDiffResponses]> {
    return this.call(getSessionDiff({ path: { id }, ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** All of a session as a file, as it is now. */
  exportSession(id: string, query?: ExportSessionData["query"], options?: CallOptions): Promise<ReadableStream<Uint8Array>> {
    return this.stream(exportSession({ path: { id }, ...(query === undefined ? {} : { query }), ...this.request(options), parseAs: "stream" }))
  }

  /** A session's events as pages. */
  listSessionEvents(id: string, query?: ListSessionEventsData["query"], options?: CallOptions): Promise<ListSessionEventsResponses[keyof ListSessionEventsResponses]> {
    return this.call(listSessionEvents({ path: { id }, ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** All events as pages. */
  listEvents(query?: ListEventsData["query"], options?: CallOptions): Promise<ListEventsResponses[keyof ListEventsResponses]> {
    return this.call(listEvents({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** The audit trail: what was wished, decided and done, and by whom. */
  listAudit(query?: ListAuditData["query"], options?: CallOptions): Promise<ListAuditResponses[keyof ListAuditResponses]> {
    return this.call(listAudit({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** The audit trail as a file, oldest first. */
  exportAudit(query?: ExportAuditData["query"], options?: CallOptions): Promise<ReadableStream<Uint8Array>> {
    return this.stream(exportAudit({ ...(query === undefined ? {} : { query }), ...this.request(options), parseAs: "stream" }))
  }

  /** The newest checkpoint: the log's size and root, signed. */
  getAuditCheckpoint(options?: CallOptions): Promise<GetAuditCheckpointResponses[keyof GetAuditCheckpointResponses]> {
    return this.call(getAuditCheckpoint({ ...this.request(options), parseAs: "text" }))
  }

  /** Prove that an entry is in the log, or that the log of then is the beginning of the log of now. */
  getAuditProof(query?: GetAuditProofData["query"], options?: CallOptions): Promise<GetAuditProofResponses[keyof GetAuditProofResponses]> {
    return this.call(getAuditProof({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** Look whether the log is still what was signed. */
  verifyAudit(options?: CallOptions): Promise<VerifyAuditResponses[keyof VerifyAuditResponses]> {
    return this.call(verifyAudit({ ...this.request(options) }))
  }

  /** What agents may do, as the server judges it. */
  getPolicy(query?: GetPolicyData["query"], options?: CallOptions): Promise<GetPolicyResponses[keyof GetPolicyResponses]> {
    return this.call(getPolicy({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** Say what agents may do from now on. */
  updatePolicy(body: UpdatePolicyData["body"], options?: ReplaceOptions): Promise<UpdatePolicyResponses[keyof UpdatePolicyResponses]> {
    return this.call(updatePolicy({ body, ...this.replace(options) }))
  }

  /** Who changed the policy, when, and what. */
  listPolicyVersions(query?: ListPolicyVersionsData["query"], options?: CallOptions): Promise<ListPolicyVersionsResponses[keyof ListPolicyVersionsResponses]> {
    return this.call(listPolicyVersions({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** The policy on trial, and what it would have said since. */
  getShadowPolicy(options?: CallOptions): Promise<GetShadowPolicyResponses[keyof GetShadowPolicyResponses]> {
    return this.call(getShadowPolicy({ ...this.request(options) }))
  }

  /** Try a policy: write down what it would say. */
  updateShadowPolicy(body: UpdateShadowPolicyData["body"], options?: ReplaceOptions): Promise<UpdateShadowPolicyResponses[keyof UpdateShadowPolicyResponses]> {
    return this.call(updateShadowPolicy({ body, ...this.replace(options) }))
  }

  /** Look for what is wrong in a policy: rules that contradict, or never decide. */
  checkPolicy(body: CheckPolicyData["body"], options?: CallOptions): Promise<CheckPolicyResponses[keyof CheckPolicyResponses]> {
    return this.call(checkPolicy({ body, ...this.request(options) }))
  }

  /** What another policy would have said to all that agents have asked for. */
  simulatePolicy(body: SimulatePolicyData["body"], options?: CallOptions): Promise<SimulatePolicyResponses[keyof SimulatePolicyResponses]> {
    return this.call(simulatePolicy({ body, ...this.request(options) }))
  }

  /** Rules that would have allowed what people approved again and again. */
  suggestPolicy(query?: SuggestPolicyData["query"], options?: CallOptions): Promise<SuggestPolicyResponses[keyof SuggestPolicyResponses]> {
    return this.call(suggestPolicy({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** Keep a text under a key. */
  setMemory(body: SetMemoryData["body"], options?: ReplaceOptions): Promise<SetMemoryResponses[keyof SetMemoryResponses]> {
    return this.call(setMemory({ body, ...this.replace(options) }))
  }

  /** What is kept, by key. */
  listMemory(query?: ListMemoryData["query"], options?: CallOptions): Promise<ListMemoryResponses[keyof ListMemoryResponses]> {
    return this.call(listMemory({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** What is kept under a key. */
  getMemory(key: string, options?: CallOptions): Promise<GetMemoryResponses[keyof GetMemoryResponses]> {
    return this.call(getMemory({ path: { key }, ...this.request(options) }))
  }

  /** Forget what is kept under a key. */
  deleteMemory(key: string, options?: ReplaceOptions): Promise<DeleteMemoryResponses[keyof DeleteMemoryResponses]> {
    return this.call(deleteMemory({ path: { key }, ...this.replace(options) }))
  }

  /** Make a template for sessions. */
  createTemplate(body: CreateTemplateData["body"], options?: WriteOptions): Promise<CreateTemplateResponses[keyof CreateTemplateResponses]> {
    return this.call(createTemplate({ body, ...this.write(options) }))
  }

  /** Templates, newest first, then those that are built in. */
  listTemplates(query?: ListTemplatesData["query"], options?: CallOptions): Promise<ListTemplatesResponses[keyof ListTemplatesResponses]> {
    return this.call(listTemplates({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** A template. */
  getTemplate(id: string, options?: CallOptions): Promise<GetTemplateResponses[keyof GetTemplateResponses]> {
    return this.call(getTemplate({ path: { id }, ...this.request(options) }))
  }

  /** Replace a template. */
  updateTemplate(id: string, body: UpdateTemplateData["body"], options?: ReplaceOptions): Promise<UpdateTemplateResponses[keyof UpdateTemplateResponses]> {
    return this.call(updateTemplate({ path: { id }, body, ...this.replace(options) }))
  }

  /** Delete a template. */
  deleteTemplate(id: string, options?: ReplaceOptions): Promise<DeleteTemplateResponses[keyof DeleteTemplateResponses]> {
    return this.call(deleteTemplate({ path: { id }, ...this.replace(options) }))
  }

  /** Run stages one after the other, each as a session of its own. */
  createPipeline(body: CreatePipelineData["body"], options?: WriteOptions): Promise<CreatePipelineResponses[keyof CreatePipelineResponses]> {
    return this.call(createPipeline({ body, ...this.write(options) }))
  }

  /** Pipelines, newest first. */
  listPipelines(query?: ListPipelinesData["query"], options?: CallOptions): Promise<ListPipelinesResponses[keyof ListPipelinesResponses]> {
    return this.call(listPipelines({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** A pipeline with all its stages were told and have said. */
  getPipeline(id: string, options?: CallOptions): Promise<GetPipelineResponses[keyof GetPipelineResponses]> {
    return this.call(getPipeline({ path: { id }, ...this.request(options) }))
  }

  /** End what runs of a pipeline, and begin nothing more of it; it stays readable. */
  cancelPipeline(id: string, options?: WriteOptions): Promise<CancelPipelineResponses[keyof CancelPipelineResponses]> {
    return this.call(cancelPipeline({ path: { id }, ...this.write(options) }))
  }

  /** Have sessions begun by the clock. */
  createRoutine(body: CreateRoutineData["body"], options?: WriteOptions): Promise<CreateRoutineResponses[keyof CreateRoutineResponses]> {
    return this.call(createRoutine({ body, ...this.write(options) }))
  }

  /** Routines, newest first. */
  listRoutines(query?: ListRoutinesData["query"], options?: CallOptions): Promise<ListRoutinesResponses[keyof ListRoutinesResponses]> {
    return this.call(listRoutines({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** A routine, with when it begins something next, and what became of its last run. */
  getRoutine(id: string, options?: CallOptions): Promise<GetRoutineResponses[keyof GetRoutineResponses]> {
    return this.call(getRoutine({ path: { id }, ...this.request(options) }))
  }

  /** Change a routine, pause it, or let it go on. */
  updateRoutine(id: string, body: UpdateRoutineData["body"], options?: ReplaceOptions): Promise<UpdateRoutineResponses[keyof UpdateRoutineResponses]> {
    return this.call(updateRoutine({ path: { id }, body, ...this.replace(options) }))
  }

  /** Delete a routine: it begins nothing more, and what works of it goes on. */
  deleteRoutine(id: string, options?: ReplaceOptions): Promise<DeleteRoutineResponses[keyof DeleteRoutineResponses]> {
    return this.call(deleteRoutine({ path: { id }, ...this.replace(options) }))
  }

  /** Begin a run now, also of a routine that is paused. */
  runRoutine(id: string, options?: WriteOptions): Promise<RunRoutineResponses[keyof RunRoutineResponses]> {
    return this.call(runRoutine({ path: { id }, ...this.write(options) }))
  }

  /** Runs of a routine, newest first, with the times at which nothing began, and why. */
  listRoutineRuns(id: string, query?: ListRoutineRunsData["query"], options?: CallOptions): Promise<ListRoutineRunsResponses[keyof ListRoutineRunsResponses]> {
    return this.call(listRoutineRuns({ path: { id }, ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** What a session has done so far, in numbers. */
  getSessionMetrics(id: string, options?: CallOptions): Promise<GetSessionMetricsResponses[keyof GetSessionMetricsResponses]> {
    return this.call(getSessionMetrics({ path: { id }, ...this.request(options) }))
  }

  /** How long things took in a session. */
  getSessionLatency(id: string, options?: CallOptions): Promise<GetSessionLatencyResponses[keyof GetSessionLatencyResponses]> {
    return this.call(getSessionLatency({ path: { id }, ...this.request(options) }))
  }

  /** The tools that a session's agent has used. */
  getSessionTools(id: string, options?: CallOptions): Promise<GetSessionToolsResponses[keyof GetSessionToolsResponses]> {
    return this.call(getSessionTools({ path: { id }, ...this.request(options) }))
  }

  /** What a session has cost, in all and by turn. */
  getSessionCost(id: string, query?: GetSessionCostData["query"], options?: CallOptions): Promise<GetSessionCostResponses[keyof GetSessionCostResponses]> {
    return this.call(getSessionCost({ path: { id }, ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** A session's transcript in short. */
  getSessionSummary(id: string, options?: CallOptions): Promise<GetSessionSummaryResponses[keyof GetSessionSummaryResponses]> {
    return this.call(getSessionSummary({ path: { id }, ...this.request(options) }))
  }

  /** The tools that agents have used. */
  listTools(query?: ListToolsData["query"], options?: CallOptions): Promise<ListToolsResponses[keyof ListToolsResponses]> {
    return this.call(listTools({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** What turns have cost, by day, agent, model, key or label. */
  getCostAnalytics(query?: GetCostAnalyticsData["query"], options?: CallOptions): Promise<GetCostAnalyticsResponses[keyof GetCostAnalyticsResponses]> {
    return this.call(getCostAnalytics({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** Turns and tokens, by day, agent, model, key or label. */
  getUsageAnalytics(query?: GetUsageAnalyticsData["query"], options?: CallOptions): Promise<GetUsageAnalyticsResponses[keyof GetUsageAnalyticsResponses]> {
    return this.call(getUsageAnalytics({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** How often providers wanted agents to wait, by day, agent, model or label. */
  getRateLimitAnalytics(query?: GetRateLimitAnalyticsData["query"], options?: CallOptions): Promise<GetRateLimitAnalyticsResponses[keyof GetRateLimitAnalyticsResponses]> {
    return this.call(getRateLimitAnalytics({ ...(query === undefined ? {} : { query }), ...this.request(options) }))
  }

  /** What the sessions have done, and how the server is. */
  getMetrics(options?: CallOptions): Promise<GetMetricsResponses[keyof GetMetricsResponses]> {
    return this.call(getMetrics({ ...this.request(options) }))
  }

  /** The metrics since the server's start, for Prometheus. */
  getPrometheusMetrics(options?: CallOptions): Promise<GetPrometheusMetricsResponses[keyof GetPrometheusMetricsResponses]> {
    return this.call(getPrometheusMetrics({ ...this.request(options), parseAs: "text" }))
  }

  /** What one looks at when something is wrong. */
  getDiagnostics(options?: CallOptions): Promise<GetDiagnosticsResponses[keyof GetDiagnosticsResponses]> {
    return this.call(getDiagnostics({ ...this.request(options) }))
  }
}
