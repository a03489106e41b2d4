import { operations } from "@aegis/openapi-contract"
import type { PermissionMode } from "@aegis/policy"
import { redactText } from "@aegis/redact"
import {
  type Aegis,
  type Approval,
  type PromptDelivery,
  type Session,
  type SessionHealth,
  textContent,
} from "@aegis/session-core"
import { etagOf, versionOf } from "./etag.ts"
import { guarded } from "./guarded.ts"
import { mayWritePolicy } from "./may-write-policy.ts"
import { type App, audienceOfCaller, callerOf, holderOf, type RouteParts } from "./routes.ts"
import { wantedSession } from "./wanted-session.ts"

type Row = Awaited<ReturnType<Aegis["listSessions"]>>[number]

/** Routes of sessions: one call each, and the wire's shape. */
export function addSessionRoutes(app: App, parts: RouteParts) {
  const { aegis, audit, credentials } = parts

  app.openapi(guarded(operations.createSession, parts), async (context) => {
    const { policy, ...wish } = context.req.valid("json")
    const own = policy && { policy: { document: policy, mayLoosen: mayWritePolicy(context, parts) } }
    const wanted = await wantedSession(holderOf(context).principal, { ...wish, ...own }, parts)
    if (judgesItself(wanted.permissionMode)) await audit.check()
    const { session, reused, promptDelivery } = await aegis.createSession(callerOf(context), wanted)
    const delivery = promptDelivery ? { promptDelivery: toDelivery(promptDelivery) } : {}
    return context.json({ ...toWire(session), reused, ...delivery }, reused ? 200 : 201)
  })

  app.openapi(guarded(operations.listSessions, parts), async (context) => {
    const { limit, ...query } = context.req.valid("query")
    const rows = await aegis.listSessions({ ...query, ...audienceOfCaller(context, parts), limit: limit + 1 })
    const items = rows.slice(0, limit).map(toItem)
    const last = rows[limit - 1]
    return context.json({ items, ...(rows.length > limit && last ? { nextCursor: String(last.createdSeq) } : {}) }, 200)
  })

  app.openapi(guarded(operations.getSession, parts), async (context) =>
    context.json(toWire(await aegis.getSession(context.req.param("id"))), 200),
  )

  app.openapi(guarded(operations.getSessionHealth, parts), async (context) => {
    return context.json(toHealth(await aegis.getHealth(context.req.param("id"))), 200)
  })

  app.openapi(guarded(operations.discoverCommands, parts), async (context) => {
    const commands = await aegis.listCommands(context.req.param("id"))
    return context.json({ commands: [...commands] }, 200)
  })

  app.openapi(guarded(operations.killSession, parts), async (context) => {
    const session = await aegis.kill(callerOf(context), context.req.param("id"))
    return context.json(toWire(session), session.durable ? 202 : 200)
  })

  app.openapi(guarded(operations.sendMessage, parts), async (context) => {
    const { text, content, whenBusy, retryTurn } = context.req.valid("json")
    // What such an agent does nobody is asked about, here least of all.
    if (audit.status.status !== "ok" && judgesItself((await aegis.getSession(context.req.param("id"))).permissionMode))
      await audit.check()
    const sent = await aegis.send(callerOf(context), context.req.param("id"), {
      content: content ?? textContent(text ?? ""),
      ...(whenBusy ? { whenBusy } : {}),
      ...(retryTurn ? { retryTurn } : {}),
    })
    const { status: _status, ...answer } = sent
    return context.json({ ok: true, attempts: Number(sent.delivered), ...answer }, sent.delivered ? 200 : 202)
  })

  app.openapi(guarded(operations.approvePermission, parts), async (context) => {
    const vote = { ...context.req.valid("json"), choice: "approve" } as const
    return context.json(toApproval(await aegis.vote(callerOf(context), context.req.param("id"), vote)), 200)
  })

  app.openapi(guarded(operations.rejectPermission, parts), async (context) => {
    const vote = { ...context.req.valid("json"), choice: "reject" } as const
    const approval = await aegis.vote(callerOf(context), context.req.param("id"), vote)
    return context.json(toApproval(approval), approval.durable ? 202 : 200)
  })

  app.openapi(guarded(operations.listSessionApprovals, parts), async (context) => {
    const approvals = await aegis.listApprovals({ sessionId: context.req.param("id"), ...context.req.valid("query") })
    return context.json({ items: approvals.map(toApproval) }, 200)
  })

  app.openapi(guarded(operations.answerQuestion, parts), async (context) => {
    const { action = "accept", ...answer } = context.req.valid("json")
    await aegis.answer(callerOf(context), context.req.param("id"), { action, ...answer })
    return context.json({ ok: true as const }, 200)
  })

  app.openapi(guarded(operations.interruptSession, parts), async (context) => {
    await aegis.interrupt(callerOf(context), context.req.param("id"))
    return context.json({ ok: true as const }, 200)
  })

  app.openapi(guarded(operations.escapeSession, parts), async (context) => {
    await aegis.escape(callerOf(context), context.req.param("id"))
    return context.json({ ok: true as const }, 200)
  })

  for (const [operation, act] of [
    [operations.pauseSession, "pause"],
    [operations.resumeSession, "resume"],
    [operations.restartSession, "restart"],
  ] as const)
    app.openapi(guarded(operation, parts), async (context) => {
      const { reason } = context.req.valid("json") ?? {}
      return context.json(toWire(await aegis[act](callerOf(context), context.req.param("id"), reason)), 200)
    })

  app.openapi(guarded(operations.extendBudget, parts), async (context) => {
    // What tenants share is the machine's own person's.
    const isForAll = holderOf(context).principal === credentials.local.principal
    const extension = { ...context.req.valid("json"), isForAll }
    return context.json(toWire(await aegis.extendBudget(callerOf(context), context.req.param("id"), extension)), 200)
  })

  app.openapi(guarded(operations.getSessionPolicy, parts), async (context) => {
    const id = context.req.param("id")
    const permissions = await aegis.getPermissions(id)
    return context.json((await toPermissions(id, permissions, parts)) as never, 200, etagOf(permissions))
  })

  app.openapi(guarded(operations.updateSessionPolicy, parts), async (context) => {
    const id = context.req.param("id")
    const { policy: document, remembered } = context.req.valid("json")
    const policy = document ? { document, mayLoosen: mayWritePolicy(context, parts) } : document
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    const permissions = await aegis.setPermissions(callerOf(context), id, { policy, remembered, ifVersion })
    return context.json((await toPermissions(id, permissions, parts)) as never, 200, etagOf(permissions))
  })

  app.openapi(guarded(operations.readMessages, parts), async (context) => {
    const { offset, limit } = context.req.valid("query")
    const { status } = await aegis.getSession(context.req.param("id"))
    const { messages, total } = await aegis.readMessages(context.req.param("id"), { offset, limit })
    return context.json({ messages: [...messages], status, total, offset }, 200)
  })

  app.openapi(guarded(operations.getTranscriptCursor, parts), async (context) => {
    const { before_id: beforeId, limit, role } = context.req.valid("query")
    const query = { limit, ...(beforeId === undefined ? {} : { beforeId }), ...(role === undefined ? {} : { role }) }
    const { messages, hasMore } = await aegis.readTranscript(context.req.param("id"), query)
    const ids = { oldest_id: messages[0]?.id ?? null, newest_id: messages.at(-1)?.id ?? null }
    return context.json({ messages: [...messages], has_more: hasMore, ...ids }, 200)
  })
}

/** The agent allows what it does by itself: such a prompt is a grant. */
function judgesItself(permissionMode: string) {
  return permissionMode === "auto"
}

function toWire({ owner, context, permissionMode, pendingQuestion, template, ...session }: Session) {
  const question = pendingQuestion
    ? { pendingQuestion: { ...pendingQuestion, schema: { ...pendingQuestion.schema } } }
    : {}
  const usage = context ? { usage: context } : {}
  return {
    ...session,
    ...question,
    ...usage,
    ...(template ? { template: { id: template.templateId, version: template.version } } : {}),
    labels: { ...session.labels },
    owner: owner.userId,
    permissionMode: permissionMode as PermissionMode,
  }
}

// What a list shows of a session: its row, under the wire's names.
function toItem({ sessionId, userId, parentId, lastSeq, labels, status, permissionMode, ...row }: Row) {
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

/** Health as it is on the wire. */
export function toHealth({ hints, ...health }: SessionHealth) {
  return { ...health, hints: hints.map((hint) => ({ ...hint, operations: [...hint.operations] })) }
}

function toApproval({ tool, options, files, roles, votes, ...approval }: Approval) {
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

type Permissions = Awaited<ReturnType<Aegis["getPermissions"]>>

async function toPermissions(
  sessionId: string,
  { version, policy, remembered = {} }: Permissions,
  { aegis }: Pick<RouteParts, "aegis">,
) {
  const ids = Object.values(remembered)
  const approvals = ids.length === 0 ? [] : await aegis.listApprovals({ sessionId })
  const titles = new Map(approvals.map(({ approvalId, tool }) => [approvalId, tool.title ?? tool.name]))
  return {
    version,
    ...(policy ? { policy: policy.document } : {}),
    mayLoosen: policy?.mayLoosen ?? false,
    remembered: ids.map((approvalId) => {
      const title = titles.get(approvalId)
      return { approvalId, ...(title === undefined ? {} : { title: redactText(title) }) }
    }),
  }
}

function toDelivery({ turnId, delivered, status }: PromptDelivery) {
  return { delivered, attempts: Number(delivered), turnId, status }
}
