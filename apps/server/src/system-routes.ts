import { operations, toDocument } from "@aegis/openapi-contract"
import { permissionsOf } from "@aegis/policy"
import { authorizeSession } from "./authorize-request.ts"
import { guarded } from "./guarded.ts"
import { healthOf, statusOf } from "./health-answer.ts"
import { dropLogin, setLogin } from "./login-cookie.ts"
import { negotiateHandshake } from "./negotiate-handshake.ts"
import { problem, RequestProblem } from "./problem-reply.ts"
import { type App, callerOf, holderOf, type RouteParts } from "./routes.ts"

/** Routes of the server itself and of access. */
export function addSystemRoutes(app: App, parts: RouteParts) {
  const { aegis, credentials, limits, notes, config, version, uptime, createLoginUrl } = parts

  app.openapi(guarded(operations.getHealth, parts), async (context) => {
    if (context.get("holder")?.principal.credential === "key") return context.json(await healthOf(context, parts), 200)
    return context.json({ status: statusOf(parts), uptime: uptime() }, 200)
  })

  app.openapi(guarded(operations.stopAll, parts), async (context) => {
    const { reason } = context.req.valid("json") ?? {}
    const { durable, ...stop } = await aegis.stopAll(callerOf(context), reason)
    return context.json({ stopped: true, stop, ...(durable ? { durable } : {}) }, durable ? 202 : 200)
  })

  app.openapi(guarded(operations.liftStopAll, parts), async (context) => {
    await aegis.liftStopAll(callerOf(context))
    return context.json({ stopped: false }, 200)
  })

  app.openapi(guarded(operations.getVersion, parts), (context) =>
    context.json({ version, apiVersion: "1", node: process.versions.node }, 200),
  )

  app.openapi(guarded(operations.negotiateHandshake, parts), (context) => {
    const handshake = negotiateHandshake(context.req.valid("json"), version)
    if (handshake.compatible) return context.json(handshake, 200)
    const requestId = context.get("requestId")
    const refusal = problem("handshake-incompatible", handshake.warnings.join(" "), { requestId })
    return context.json({ ...refusal, ...handshake }, 409, { "Content-Type": "application/problem+json" })
  })

  let document: string | undefined
  app.openapi(guarded(operations.getOpenApiDocument, parts), (context) => {
    // It is always the same, and takes some hundredths of a second to make.
    document ??= JSON.stringify(toDocument(version))
    return context.body(document, 200, { "Content-Type": "application/json" }) as never
  })

  app.openapi(guarded(operations.listAgents, parts), async (context) => {
    const agents = await aegis.listAgents()
    const items = agents.map(({ name, installed, version: agentVersion }) => ({
      name,
      installed,
      isDefault: name === config.agent.default,
      ...(agentVersion ? { version: agentVersion } : {}),
    }))
    return context.json({ items }, 200)
  })

  app.openapi(guarded(operations.createLoginCode, parts), async (context) => {
    await notes.codeCreated(holderOf(context), context.get("via"))
    const { url, expiresAt } = createLoginUrl(holderOf(context))
    return context.json({ url, expiresAt: new Date(expiresAt).toISOString() }, 201)
  })

  app.openapi(guarded(operations.exchangeLoginCode, parts), async (context) => {
    const holder = await credentials.useLoginCode(context.req.valid("json").code)
    if (!holder) {
      await notes.failed(context.env.address, "dashboard")
      limits.failedAuthentication(context)
      throw new RequestProblem(
        "login-code-invalid",
        "This login link was used already, or is too old. Ask the server for another one.",
      )
    }
    await notes.loggedIn(holder, "dashboard")
    const login = credentials.createCookie(holder)
    setLogin(context, login, parts)
    return context.json({ ok: true as const, pageToken: login.pageToken }, 200)
  })

  app.openapi(guarded(operations.logout, parts), async (context) => {
    const holder = holderOf(context)
    if (holder.login !== undefined) {
      await notes.loggedOut(holder, holder.login, context.get("via"))
      dropLogin(context, parts)
    }
    return context.json({ ok: true as const }, 200)
  })

  app.openapi(guarded(operations.verifyToken, parts), (context) => {
    const { principal, expiresAt } = holderOf(context)
    const { keyId, userId, tenantId, role, agentOf } = principal
    const about = agentOf === undefined ? {} : { agentOf }
    const end = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }
    return context.json(
      { keyId, userId, tenantId, role, permissions: [...permissionsOf(principal)], ...about, ...end },
      200,
    )
  })

  app.openapi(guarded(operations.createSseToken, parts), async (context) => {
    const { sessionId } = context.req.valid("json")
    const holder = holderOf(context)
    if (sessionId !== undefined) await authorizeSession(holder.principal, "session.read", { sessionId, ...parts })
    const { token, expiresAt } = credentials.createStreamToken(holder, sessionId)
    return context.json({ token, expiresAt: new Date(expiresAt).toISOString() }, 201)
  })
}
