import { operations } from "@aegis/openapi-contract"
import { permissionsOf } from "@aegis/policy"
import { redactText } from "@aegis/redact"
import { type Aegis, type SentPrompt, textContent } from "@aegis/session-core"
import { etagOf, versionOf } from "./etag.ts"
import { guarded } from "./guarded.ts"
import { mayWritePolicy } from "./may-write-policy.ts"
import { type App, audienceOfCaller, callerOf, holderOf, type RouteParts } from "./routes.ts"
import { pageOf, toApproval, toCreated, toHealth, toWire } from "./session-wire.ts"
import { judgesItself, wantedMode, wantedSession } from "./wanted-session.ts"

/** Routes of sessions: one call each, and the wire's shape. */
export function addSessionRoutes(app: App, parts: RouteParts) {
  const { aegis, credentials } = parts

  app.openapi(guarded(operations.createSession, parts), async (context) => {
    const wanted = await wantedSession(context, context.req.valid("json"), parts)
    const created = await aegis.createSession(callerOf(context), wanted)
    return context.json(toCreated(created), created.reused ? 200 : 201)
  })

  app.openapi(guarded(operations.completeWorkDir, parts), async (context) => {
    const { agentOf } = holderOf(context).principal
    const within = agentOf === undefined ? undefined : (await aegis.getSession(agentOf)).workDir
    const { items, hasMore } = await aegis.completeWorkDir({ ...context.req.valid("query"), within })
    return context.json({ items: [...items], hasMore }, 200)
  })

  app.openapi(guarded(operations.listSessions, parts), async (context) => {
    const { limit, label = [], q: text, owner, from, to, ...query } = context.req.valid("query")
    const audience = audienceOfCaller(context, parts)
    const userId = audience.userId ?? owner
    if (owner !== undefined && owner !== userId) return context.json({ items: [] }, 200)
    const time = { from: from && inLog(from), to: to && inLog(to) }
    const filter = { ...query, ...time, labels: labelsIn(label), text }
    return context.json(
      pageOf(await aegis.listSessions({ ...filter, ...audience, userId, limit: limit + 1 }), limit),
      200,
    )
  })

  app.openapi(guarded(operations.getSession, parts), async (context) => {
    const session = await aegis.getSession(context.req.param("id"))
    return context.json(toWire(session), 200, etagOf(session))
  })

  app.openapi(guarded(operations.updateSession, parts), async (context) => {
    const mayRelabel = permissionsOf(holderOf(context).principal).has("session.approve")
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    const wish = { ...context.req.valid("json"), mayRelabel, ifVersion }
    const session = await aegis.updateSession(callerOf(context), context.req.param("id"), wish)
    return context.json(toWire(session), 200, etagOf(session))
  })

  app.openapi(guarded(operations.setSessionMode, parts), async (context) => {
    const { permissionMode } = context.req.valid("json")
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    const wish = await wantedMode(context, { permissionMode, ifVersion }, parts)
    const session = await aegis.setMode(callerOf(context), context.req.param("id"), wish)
    return context.json(toWire(session), 200, etagOf(session))
  })

  app.openapi(guarded(operations.getSessionOptions, parts), async (context) => {
    const { options, offered } = await aegis.getOptions(context.req.param("id"))
    return context.json({ options, ...(offered ? { offered: [...offered] } : {}) } as never, 200)
  })

  app.openapi(guarded(operations.setSessionOptions, parts), async (context) => {
    const mayChangeAll = permissionsOf(holderOf(context).principal).has("session.approve")
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    const wish = { ...context.req.valid("json"), mayChangeAll, ifVersion }
    const session = await aegis.setOptions(callerOf(context), context.req.param("id"), wish)
    return context.json(toWire(session), 200, etagOf(session))
  })

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
    const { text, content, whenBusy, retryTurn, fence } = context.req.valid("json")
    await checkGrant(context.req.param("id"), parts)
    const sent = await aegis.send(callerOf(context), context.req.param("id"), {
      content: content ?? textContent(text ?? ""),
      ...(whenBusy ? { whenBusy } : {}),
      ...(retryTurn ? { retryTurn } : {}),
      fence,
    })
    return context.json(toSent(sent), sent.delivered ? 200 : 202)
  })

  app.openapi(guarded(operations.sendCommand, parts), async (context) => {
    await checkGrant(context.req.param("id"), parts)
    const sent = await aegis.sendCommand(callerOf(context), context.req.param("id"), context.req.valid("json"))
    return context.json(toSent(sent), sent.delivered ? 200 : 202)
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

// What such an agent does nobody is asked about, while the audit cannot be written least of all.
async function checkGrant(sessionId: string, { aegis, audit }: Pick<RouteParts, "aegis" | "audit">) {
  if (audit.status.status !== "ok" && judgesItself((await aegis.getSession(sessionId)).permissionMode))
    await audit.check()
}

function toSent({ status: _status, ...sent }: SentPrompt) {
  return { ok: true, attempts: Number(sent.delivered), ...sent }
}

function labelsIn(wanted: readonly string[]) {
  const places = wanted.map((label) => [label, label.indexOf("=")] as const)
  return places.map(([label, place]) => [label.slice(0, place), label.slice(place + 1)] as const)
}

// In UTC, so that the texts compare.
function inLog(instant: string) {
  return new Date(instant).toISOString()
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
