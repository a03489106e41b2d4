import { createHash } from "node:crypto"
import { type HookPayload, hookPayloadOf, operations } from "@aegis/openapi-contract"
import { PermissionModeSchema } from "@aegis/policy/schema"
import type { HookAnswer, HookInput } from "@aegis/session-core"
import { HookEventSchema } from "@aegis/session-core/events"
import type { Context } from "hono"
import { createMiddleware } from "hono/factory"
import type { Logger } from "pino"
import { guarded } from "./guarded.ts"
import { HookBreaker } from "./hook-breaker.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { type App, holderOf, type RouteParts } from "./routes.ts"

/** Routes of hooks: what a Claude Code tells, and what it is told. */
export function addHookRoutes(app: App, { logger, ...parts }: RouteParts & { readonly logger: Pick<Logger, "warn"> }) {
  const { aegis } = parts
  const breaker = new HookBreaker({
    onChange: (isOpen) =>
      logger.warn(isOpen ? "hooks fail, and are answered with nothing for a while" : "hooks are taken again"),
  })
  const notice = createNotice(logger)

  const take = async (context: Context<Env>, from: Pick<HookInput, "runId" | "sessionId">) => {
    const event = HookEventSchema.parse(context.req.param("event"))
    const text = await context.req.text()
    const payload = hookPayloadOf(event).parse(JSON.parse(text))
    const hook = { event, ...sizeOf(text), ...toHook(payload), ...from }
    notice(context, hook)
    const { userId, tenantId } = holderOf(context).principal
    const taking = () => aegis.receiveHook({ userId, tenantId }, hook)
    // What a rule denies is denied, however long it takes.
    return event === "PreToolUse" ? taking() : breaker.run(taking)
  }

  app.openapi(withEvent(guarded(operations.receiveHook, parts)), async (context) => {
    const { "X-Aegis-Run": runId } = context.req.valid("header")
    const answer = await take(context, { runId })
    return answer ? context.json(toAnswer(answer), 200) : context.body(null, 204)
  })

  app.openapi(withEvent(guarded(operations.receiveSessionHook, parts)), async (context) => {
    const answer = await take(context, { sessionId: context.req.param("id") })
    return answer ? context.json(toAnswer(answer), 200) : context.body(null, 204)
  })
}

// Known before the body is looked at: what there is not has no body that fits.
function withEvent<Route extends ReturnType<typeof guarded>>(route: Route) {
  const knowing = createMiddleware<Env>(async (context, next) => {
    const event = context.req.param("event") ?? ""
    const names = HookEventSchema.options
    if (!HookEventSchema.safeParse(event).success)
      throw new RequestProblem("hook-unknown", `There is no hook ${event}; there are ${names.join(", ")}.`)
    await next()
  })
  return { ...route, middleware: [route.middleware, knowing] } as const
}

function sizeOf(text: string) {
  return { digest: createHash("sha256").update(text).digest("hex"), bytes: Buffer.byteLength(text) }
}

/** Under our names; what is not told is absent. */
function toHook(payload: HookPayload): Omit<HookInput, "event" | "digest" | "bytes"> {
  const { tool_name: name, tool_input: input, tool_use_id: toolCallId, tool_response: output } = payload
  return {
    agentSessionId: payload.session_id,
    cwd: payload.cwd,
    transcriptPath: payload.transcript_path,
    // One that is not known is none that decides anything here.
    permissionMode: PermissionModeSchema.safeParse(payload.permission_mode).data,
    tool: name === undefined ? undefined : { name, input, toolCallId, output },
    prompt: payload.prompt,
    lastMessage: payload.last_assistant_message,
    source: payload.source,
    notificationType: payload.notification_type,
  }
}

function toAnswer({ decision, rule, reason }: HookAnswer) {
  return {
    hookSpecificOutput: {
      hookEventName: "PreToolUse" as const,
      permissionDecision: decision,
      permissionDecisionReason: `${rule}: ${reason}`,
    },
  }
}

/** Claude Code has cut what passes between it and its hooks at 2 KB: what is as large as that may be what was left. */
const CUT_BYTES = 2048
const NEAR = 0.9

/** RFC 9745, in seconds since the epoch: of the secret in an address. */
const DEPRECATED_SINCE = "@1764547200"

/** Says once to the log, and each time to the caller, what is not as it should be. */
function createNotice(logger: Pick<Logger, "warn">) {
  const told = new Set<string>()
  const warn = (context: Context<Env>, name: string, text: string) => {
    context.header("Warning", `299 - "${text}"`, { append: true })
    if (!told.has(name)) logger.warn(text)
    told.add(name)
  }
  return (context: Context<Env>, { event, bytes }: Pick<HookInput, "event" | "bytes">) => {
    if (context.req.header("X-Hook-Secret") === undefined) {
      context.header("Deprecation", DEPRECATED_SINCE)
      warn(context, "secret", "The hook secret stands in an address: send it as X-Hook-Secret instead.")
    }
    if (bytes > NEAR * CUT_BYTES && bytes <= CUT_BYTES)
      warn(context, event, `A hook ${event} of ${bytes} bytes is as large as one that was cut at 2 KB.`)
  }
}
