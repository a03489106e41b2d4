import type { PermissionMode } from "@aegis/policy"
import type { Aegis, Approval, CreatedSession, PromptDelivery, Session, SessionHealth } from "@aegis/session-core"
import { cursorOf } from "./paging.ts"

type Row = Awaited<ReturnType<Aegis["listSessions"]>>[number]

/** A session under the wire's names. */
export function toWire({
  owner,
  context,
  permissionMode,
  pendingQuestion,
  template,
  pipeline,
  routine,
  driver,
  ...session
}: Session) {
  const question = pendingQuestion
    ? { pendingQuestion: { ...pendingQuestion, schema: { ...pendingQuestion.schema } } }
    : {}
  const usage = context ? { usage: context } : {}
  return {
    ...session,
    ...question,
    ...usage,
    ...(template ? { template: { id: template.templateId, version: template.version } } : {}),
    ...(pipeline ? { pipeline: stageOf(pipeline) } : {}),
    ...(routine ? { routine: { id: routine.routineId, run: routine.run } } : {}),
    ...(driver ? { driver: toDriver(driver) } : {}),
    labels: { ...session.labels },
    owner: owner.userId,
    permissionMode: permissionMode as PermissionMode,
  }
}

export function toDriver({
  id: keyId,
  fence,
  expiresAt,
}: Pick<NonNullable<Session["driver"]>, "id" | "fence" | "expiresAt">) {
  return { keyId, fence, expiresAt }
}

/** One that was made, or found. */
export function toCreated({ session, reused, promptDelivery }: CreatedSession) {
  const delivery = promptDelivery ? { promptDelivery: toDelivery(promptDelivery) } : {}
  return { ...toWire(session), reused, ...delivery }
}

/** What a list shows of a session: its row. */
export function toItem({ sessionId, userId, parentId, lastSeq, labels, status, permissionMode, ...row }: Row) {
  const { name, workDir, agent, createdAt, lastActivity, pendingApprovals } = row
  const item = {
    id: sessionId,
    name,
    workDir,
    agent,
    createdAt,
    lastActivity,
    pendingApprovals,
    owner: userId,
    ...(parentId === null ? {} : { parentId }),
    seq: lastSeq,
  }
  return {
    ...item,
    status: status as Session["status"],
    permissionMode: permissionMode as PermissionMode,
    labels: labels as Record<string, string>,
  }
}

/** A page of a list, of rows one of which may be too many. */
export function pageOf(rows: readonly Row[], limit: number) {
  const next = rows.length > limit ? rows[limit - 1]?.createdSeq : undefined
  return { items: rows.slice(0, limit).map(toItem), ...cursorOf(next) }
}

/** Health as it is on the wire. */
export function toHealth({ hints, ...health }: SessionHealth) {
  return { ...health, hints: hints.map((hint) => ({ ...hint, operations: [...hint.operations] })) }
}

/** An approval under the wire's names. */
export function toApproval({ tool, options, files, roles, votes, ...approval }: Approval) {
  const shown = votes.map(({ approvalId: _approvalId, seq: _seq, ...vote }) => vote)
  return {
    ...approval,
    tool: { ...tool },
    options: [...options],
    files: files && [...files],
    roles: roles && [...roles],
    votes: shown,
  }
}

function toDelivery({ turnId, delivered, status }: PromptDelivery) {
  return { delivered, attempts: Number(delivered), turnId, status }
}

function stageOf({ pipelineId, ...run }: NonNullable<Session["pipeline"]>) {
  return { id: pipelineId, ...run }
}
