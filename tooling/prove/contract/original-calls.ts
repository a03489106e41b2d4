import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { AegisClient } from "@aegis/client"
import { findChromium } from "../../e2e/chromium.ts"
import type { Compared } from "./compare-methods.ts"
import { untilEvents } from "./until-events.ts"

export interface OriginalCallsOptions {
  /** What waits between the calls. */
  readonly client: AegisClient
  readonly token: string
  /** A fresh folder of that name. */
  readonly folder: (name: string) => string
}

/** What was called, and what came: a status, and these fields with values of these types. */
interface Call {
  readonly operation: string
  readonly status: number
  readonly expected: number
  readonly body: unknown
  readonly fields: Readonly<Record<string, Kind>>
}

type Kind = "string" | "number" | "boolean" | "object" | "list"

const session = { id: "string", status: "string", workDir: "string", name: "string", createdAt: "string" } as const
const created = { ...session, reused: "boolean", promptDelivery: "object" } as const

/** The 32 operations of the README that this server keeps the promises of, with its own examples where it has some. */
export async function callOriginals({ client, token, folder }: OriginalCallsOptions): Promise<Compared> {
  const { baseUrl } = client
  const calls: Call[] = []
  const call = async (
    [operation, expected, fields]: readonly [string, number, Call["fields"]],
    {
      path,
      body,
      headers = {},
    }: { readonly path?: string; readonly body?: unknown; readonly headers?: Record<string, string> } = {},
  ) => {
    const [method = "", template = ""] = operation.split(" ")
    const response = await fetch(`${baseUrl}${path ?? template}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const isStream = response.headers.get("content-type")?.includes("event-stream") === true
    if (isStream) await response.body?.cancel()
    const answer: unknown = isStream ? { stream: true } : JSON.parse((await response.text()) || "null")
    calls.push({ operation, status: response.status, expected, body: answer, fields })
    return answer as Readonly<Record<string, never>> & { readonly id: string }
  }
  const script = (...lines: string[]) => ["#script", ...lines].join("\n")

  await call(["GET /v1/health", 200, { status: "string", uptime: "number" }])
  await call(
    [
      "POST /v1/handshake",
      200,
      {
        protocolVersion: "string",
        serverCapabilities: "list",
        negotiatedCapabilities: "list",
        warnings: "list",
        compatible: "boolean",
      },
    ],
    { body: { protocolVersion: "1", clientCapabilities: ["session.create", "session.transcript.cursor"] } },
  )
  const workDir = folder("project")
  const { id } = await call(["POST /v1/sessions", 201, created], {
    body: { workDir, prompt: script("commands", "say Fixed.") },
  })
  const until = (type: string, count: number) => untilEvents(client, id, type, count)
  const at = (action: string) => ({ path: `/v1/sessions/${id}${action}` })
  await until("turn.ended", 1)
  await call(["POST /v1/sessions", 200, created], { body: { workDir, prompt: script("say Handled.") } })
  await until("turn.ended", 2)
  await call(["GET /v1/sessions", 200, { items: "list" }])
  await call(["GET /v1/sessions/:id", 200, session], at(""))
  await call(
    ["GET /v1/sessions/:id/read", 200, { messages: "list", status: "string", total: "number", offset: "number" }],
    at("/read"),
  )
  const page = { messages: "list", has_more: "boolean", oldest_id: "number", newest_id: "number" } as const
  await call(["GET /v1/sessions/:id/transcript/cursor", 200, page], at("/transcript/cursor?limit=50"))
  await call(["GET /v1/sessions/:id/transcript/cursor", 200, page], at("/transcript/cursor?role=user"))
  await call(["GET /v1/sessions/:id/summary", 200, {}], at("/summary"))
  await call(["GET /v1/sessions/:id/health", 200, { status: "string", hints: "list" }], at("/health"))
  await call(["POST /v1/sessions/:id/discover-commands", 200, { commands: "list" }], at("/discover-commands"))
  const streamToken = await call(["POST /v1/auth/sse-token", 201, { token: "string" }], { body: {} })
  calls.pop()
  await call(["GET /v1/sessions/:id/events", 200, { stream: "boolean" }], {
    ...at("/events"),
    headers: { Authorization: `Bearer ${streamToken.token as unknown as string}` },
  })
  const sent = { ok: "boolean", delivered: "boolean" } as const
  await call(["POST /v1/sessions/:id/send", 200, sent], {
    ...at("/send"),
    body: { text: script("run make", "run make test", "wait") },
  })
  await until("approval.requested", 1)
  await call(["POST /v1/sessions/:id/approve", 200, {}], at("/approve"))
  await until("approval.requested", 2)
  await call(["POST /v1/sessions/:id/reject", 200, {}], at("/reject"))
  await call(["POST /v1/sessions/:id/interrupt", 200, {}], at("/interrupt"))
  await until("turn.ended", 3)
  await call(["POST /v1/sessions/:id/escape", 200, {}], at("/escape"))
  await call(["DELETE /v1/sessions/:id", 200, session], at(""))
  await call(["POST /v1/sessions/batch", 201, { created: "number" }], {
    body: { sessions: [{ workDir: folder("one") }, { workDir: folder("two") }] },
  })
  const stages = [
    { name: "read", prompt: script("say Read."), workDir },
    { name: "review", prompt: script("say Reviewed."), workDir, dependsOn: ["read"] },
  ]
  const pipeline = { id: "string", name: "string", status: "string", stages: "list" } as const
  const made = await call(["POST /v1/pipelines", 201, pipeline], {
    body: { name: "pr-reviewer", stages, permissionMode: "plan" },
  })
  await call(["GET /v1/pipelines", 200, { items: "list" }])
  await call(["GET /v1/pipelines/:id", 200, pipeline], { path: `/v1/pipelines/${made.id}` })
  const entry = { key: "string", value: "string" } as const
  await call(["POST /v1/memory", 200, entry], { body: { key: "team/style", value: "tabs" } })
  await call(["GET /v1/memory", 200, { items: "list" }])
  await call(["GET /v1/memory/:key", 200, entry], { path: "/v1/memory/team/style" })
  await call(["DELETE /v1/memory/:key", 200, {}], { path: "/v1/memory/team/style" })
  const template = { id: "string", name: "string" } as const
  const kept = await call(["POST /v1/templates", 201, template], {
    body: { name: "Reviewer", prompt: "Review {{what}}." },
  })
  await call(["GET /v1/templates", 200, { items: "list" }])
  const its = { path: `/v1/templates/${kept.id}` }
  await call(["GET /v1/templates/:id", 200, template], its)
  await call(["PUT /v1/templates/:id", 200, template], { ...its, body: { name: "Other", prompt: "Review {{what}}." } })
  await call(["DELETE /v1/templates/:id", 200, {}], its)
  await call(["GET /v1/diagnostics", 200, {}])
  await screenshot()
  const operations = new Set(calls.map(({ operation }) => operation))
  const problems = calls.flatMap(problemsOf)
  return {
    problems,
    figures: `${operations.size} operations of the README were called ${calls.length} times: status and fields are as it says.`,
  }

  async function screenshot() {
    const page = createServer((_request, response) => void response.end("A page."))
    await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve))
    try {
      const { id: looking } = await call(["POST /v1/sessions", 201, session], { body: { workDir: folder("looks") } })
      const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`
      const has = findChromium(process.env) !== undefined
      await call(
        ["POST /v1/sessions/:id/screenshot", has ? 200 : 501, has ? { screenshot: "string" } : { code: "string" }],
        {
          path: `/v1/sessions/${looking}/screenshot`,
          body: { url },
        },
      )
    } finally {
      page.close()
    }
  }
}

function problemsOf({ operation, status, expected, body, fields }: Call): string[] {
  const wrong = Object.entries(fields).filter(
    ([name, kind]) => kindOf((body as Record<string, unknown> | null)?.[name]) !== kind,
  )
  return [
    ...(status === expected
      ? []
      : [`${operation} is answered ${status} and not ${expected}: ${JSON.stringify(body)?.slice(0, 300)}`]),
    ...wrong.map(([name, kind]) => `${operation}: ${name} is no ${kind}`),
  ]
}

function kindOf(value: unknown): Kind | "nothing" {
  if (Array.isArray(value)) return "list"
  if (value === null || value === undefined) return "nothing"
  const type = typeof value
  return type === "string" || type === "number" || type === "boolean" || type === "object" ? type : "nothing"
}
