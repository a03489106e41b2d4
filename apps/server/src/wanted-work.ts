import { permissionsOf } from "@aegis/policy"
import type { RoutineFields } from "@aegis/session-core/events"
import type { Context } from "hono"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { holderOf, type RouteParts } from "./routes.ts"
import { wantedSession } from "./wanted-session.ts"

/** What a session is begun with that begins by itself. */
type Work = Pick<
  RoutineFields,
  "prompt" | "workDir" | "agent" | "permissionMode" | "model" | "options" | "labels" | "template"
>

/** What begins sessions takes the right to. */
export function refuseWithoutCreate(context: Context<Env>, what: string) {
  if (permissionsOf(holderOf(context).principal).has("session.create")) return
  throw new RequestProblem("permission-missing", `${what}: that takes session.create, too.`)
}

/** What a wish for such work comes to. Rejects where the caller may not have such a session. */
export async function wantedWork(
  context: Context<Env>,
  wish: Parameters<typeof wantedSession>[1],
  parts: RouteParts,
): Promise<Work> {
  const wanted = await wantedSession(context, wish, parts)
  const { workDir, agent, permissionMode, prompt, model, options, labels, template } = wanted
  if (prompt === undefined)
    throw new RequestProblem("request-invalid", "Neither it nor its template says what it is to do: give a prompt.")
  const begun = { workDir, agent, permissionMode, prompt, ...defined({ model, options, template }) }
  return { ...begun, ...(labels ? { labels: { ...labels } } : {}) }
}

/** The same under the wire's names, with what is beside it. */
export function workOnWire<Rest extends object>({ template, labels, ...rest }: Rest & WorkNames) {
  return {
    ...rest,
    ...(labels ? { labels: { ...labels } } : {}),
    ...(template ? { template: { id: template.templateId, version: template.version } } : {}),
  }
}

interface WorkNames {
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly template?: { readonly templateId: string; readonly version: number } | undefined
}

/** The fields that there are. */
export function defined<T extends object>(fields: T) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
