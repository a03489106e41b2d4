import { TemplateWishSchema } from "@aegis/openapi-contract"
import { asksLess, type PermissionMode, type Policy, type Principal, permissionsOf } from "@aegis/policy"
import { type CreateSessionInput, fillTemplate } from "@aegis/session-core"
import type { Context } from "hono"
import { authorizeSession, authorizeTemplate } from "./authorize-request.ts"
import { mayWritePolicy } from "./may-write-policy.ts"
import { issuesOf, RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { holderOf, type RouteParts } from "./routes.ts"
import { anyTemplate } from "./template-routes.ts"

type OwnWish = Omit<CreateSessionInput, "agent" | "permissionMode" | "workDir" | "template" | "options"> & {
  readonly workDir?: string | undefined
  readonly agent?: string | undefined
  readonly permissionMode?: PermissionMode | undefined
  readonly effort?: string | undefined
  /** The id of what it is begun with. */
  readonly template?: string | undefined
  readonly variables?: Readonly<Record<string, string>> | undefined
}

interface Wish extends Omit<OwnWish, "policy"> {
  readonly policy?: Policy | undefined
}

/** What a caller's wish for a session comes to. Rejects where they may not have such a one. */
export async function wantedSession(
  context: Context<Env>,
  { policy, ...asked }: Wish,
  parts: RouteParts,
): Promise<CreateSessionInput> {
  const { principal } = holderOf(context)
  const own = policy && { policy: { document: policy, mayLoosen: mayWritePolicy(context, parts) } }
  const wanted = await wantedBy(principal, { ...asked, ...own }, parts)
  await checkMode(context, wanted.permissionMode as PermissionMode, parts)
  return wanted
}

interface WantedMode {
  readonly permissionMode: PermissionMode
  readonly ifVersion: number | undefined
}

/** A caller's wish for a living session's mode. Rejects where they may not have it so. */
export async function wantedMode(
  context: Context<Env>,
  { permissionMode, ifVersion }: WantedMode,
  parts: Pick<RouteParts, "aegis" | "audit" | "config">,
): Promise<WantedMode> {
  await checkMode(context, permissionMode, parts)
  if (holderOf(context).principal.agentOf === undefined) return { permissionMode, ifVersion }
  const { permissionMode: present, version } = await parts.aegis.getSession(context.req.param("id") ?? "")
  if (asksLess(permissionMode, present as PermissionMode))
    throw new RequestProblem(
      "permission-missing",
      `The mode ${permissionMode} asks less than the session's (${present}): that is not for an agent to say.`,
    )
  // What was looked at, or whoever has it ask more in between would be overruled.
  return { permissionMode, ifVersion: ifVersion ?? version }
}

/** Rejects a mode that the caller may not have a session in, or that is a grant while the audit cannot be written. */
export async function checkMode(
  context: Context<Env>,
  permissionMode: PermissionMode,
  { audit, config }: Pick<RouteParts, "audit" | "config">,
) {
  const { principal } = holderOf(context)
  // An agent's bound is its session's own mode, which somebody has allowed.
  if (principal.agentOf === undefined) refuseLax(principal, permissionMode, config.permissionMode)
  if (judgesItself(permissionMode)) await audit.check()
}

/** The agent allows what it does by itself: such a prompt is a grant. */
export function judgesItself(permissionMode: string) {
  return permissionMode === "auto"
}

async function wantedBy(
  principal: Principal,
  asked: OwnWish,
  { aegis, config }: Pick<RouteParts, "aegis" | "config">,
): Promise<CreateSessionInput> {
  const filled = await withTemplate(principal, asked, { aegis, config })
  const { agent, permissionMode: wished, parentId: named, workDir, effort, ...wish } = filled
  if (named !== undefined) await authorizeSession(principal, "session.create", { sessionId: named, aegis, config })
  // Whatever an agent begins is its own session's child.
  const parentId = principal.agentOf ?? named
  const parent = parentId === undefined ? undefined : await aegis.getSession(parentId)
  const folder = workDir ?? parent?.workDir
  if (folder === undefined)
    throw new RequestProblem("request-invalid", "The template does not say where to work: give a workDir.")
  // Only modes that were asked for here are a session's.
  const permissionMode = wished ?? (parent?.permissionMode as PermissionMode | undefined) ?? config.permissionMode
  const options = effort === undefined ? undefined : { effort }
  return { ...wish, options, workDir: folder, agent: agent ?? config.agent.default, permissionMode, parentId }
}

function refuseLax(principal: Principal, wished: PermissionMode, usual: PermissionMode) {
  if (!asksLess(wished, usual) || permissionsOf(principal).has("session.approve")) return
  throw new RequestProblem(
    "permission-missing",
    `The mode ${wished} asks less than this server's (${usual}): that takes session.approve.`,
  )
}

/** What is said besides takes the place of what the template says; what it leaves open is filled in. */
async function withTemplate(
  principal: Principal,
  { template: templateId, variables = {}, ...wish }: OwnWish,
  { aegis, config }: Pick<RouteParts, "aegis" | "config">,
) {
  if (templateId === undefined) return wish
  await authorizeTemplate(principal, "template.read", { templateId, aegis, config })
  const { template, version } = await anyTemplate(templateId, { aegis })
  const { data: fields, error } = TemplateWishSchema.safeParse(fillTemplate(template, variables))
  if (error) {
    const told = issuesOf(error).map(({ path, message }) => `${path}: ${message}`)
    throw new RequestProblem("request-invalid", `With these variables the template fits no session: ${told.join("; ")}`)
  }
  const { name: _name, description: _description, ...begun } = fields
  return { ...begun, ...wish, template: { templateId, version } }
}
