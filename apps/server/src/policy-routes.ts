import { operations } from "@aegis/openapi-contract"
import {
  type AnsweredRequest,
  checkPolicy,
  comparePolicies,
  compilePolicy,
  type Policy,
  type PolicyJudgement,
  type PolicyRequest,
  Simulation,
  suggestInSteps,
} from "@aegis/policy"
import { redactText } from "@aegis/redact"
import type { KeptPolicy, PolicyBook } from "@aegis/session-core"
import type { Context } from "hono"
import { etagOf, versionOf } from "./etag.ts"
import { guarded } from "./guarded.ts"
import { requirePolicyWriter } from "./may-write-policy.ts"
import { inPieces, Pace } from "./pace.ts"
import { refuseUnenforced } from "./policy-file.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { type App, audienceOfCaller, callerOf, type RouteParts } from "./routes.ts"
import { shownText } from "./shown-text.ts"
import { Tally } from "./tally.ts"

const EXAMPLES = 10
/** What people have answered most recently is what suggestions are made from: each proposal is held against all of it. */
const MOST_ANSWERS = 5000
const LONGEST = 200

/** Routes of the policy: what it is, and what another one would have said. */
export function addPolicyRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.getPolicy, parts), async (context) => {
    const { version } = context.req.valid("query")
    const kept =
      version === undefined ? (await aegis.policies.inForce()).current : await aegis.policies.version(version)
    return context.json(toServed(kept, aegis.policies) as never, 200, etagOf(kept))
  })

  app.openapi(guarded(operations.updatePolicy, parts), async (context) => {
    requirePolicyWriter(context, parts)
    const { policy } = context.req.valid("json")
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    const kept = await aegis.policies.set(callerOf(context), "current", enforceable(policy), { ifVersion })
    return context.json(toServed(kept, aegis.policies) as never, 200, etagOf(kept))
  })

  app.openapi(guarded(operations.listPolicyVersions, parts), async (context) => {
    const { after, limit } = context.req.valid("query")
    const before = after === undefined ? {} : { before: Number(after) }
    // One more: the last of the page is held against it.
    const found = await aegis.policies.versions({ ...before, limit: limit + 1 })
    const items = found.slice(0, limit).map(({ version, at, by, document }, index) => {
      return { version, at, by, changes: [...comparePolicies(found[index + 1]?.document, document)] }
    })
    const next = found.length > limit ? { nextCursor: String(items.at(-1)?.version) } : {}
    return context.json({ items, ...next }, 200)
  })

  app.openapi(guarded(operations.getShadowPolicy, parts), async (context) => {
    const { shadow } = await aegis.policies.inForce()
    return context.json((await toShadow(shadow, context, parts)) as never, 200, etagOf(shadow))
  })

  app.openapi(guarded(operations.updateShadowPolicy, parts), async (context) => {
    requirePolicyWriter(context, parts)
    const { policy } = context.req.valid("json")
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    const kept = await aegis.policies.set(callerOf(context), "shadow", enforceable(policy), { ifVersion })
    return context.json((await toShadow(kept, context, parts)) as never, 200, etagOf(kept))
  })

  app.openapi(guarded(operations.checkPolicy, parts), (context) => {
    const { policy: candidate } = context.req.valid("json")
    const findings = checkPolicy(candidate).map(({ type, message }) => ({ type, message }))
    return context.json({ rules: candidate.rules.length, findings }, 200)
  })

  app.openapi(guarded(operations.simulatePolicy, parts), async (context) => {
    const { policy: candidate, since } = context.req.valid("json")
    const { current } = await aegis.policies.inForce()
    const simulation = new Simulation(compilePolicy(current?.document ?? NONE), {
      candidate: compilePolicy(candidate),
      examples: EXAMPLES,
    })
    const shown = new Map<string, { readonly sessionId: string; readonly what: string }>()
    const pace = new Pace()
    let requests = 0
    for await (const page of aegis.judgedRequests({ ...audienceOfCaller(context, parts), ...utc(since) }))
      for (const { approvalId: id, sessionId, request } of page) {
        if (simulation.add({ id, request })) shown.set(id, { sessionId, what: textOf(request) })
        requests += 1
        await pace.step()
      }
    const outcomes = simulation.outcomes.map(({ examples, ...outcome }) => ({
      ...outcome,
      examples: examples.map(({ id, before, after }) => ({
        approvalId: id,
        sessionId: "",
        what: "",
        ...shown.get(id),
        before: toJudgement(before),
        after: toJudgement(after),
      })),
    }))
    return context.json({ requests, outcomes }, 200)
  })

  app.openapi(guarded(operations.suggestPolicy, parts), async (context) => {
    const query = { ...audienceOfCaller(context, parts), ...utc(context.req.valid("query").since) }
    const history: AnsweredRequest[] = []
    for await (const page of aegis.judgedRequests(query)) {
      for (const { approvalId: id, request, answer } of page) if (answer) history.push({ id, request, answer })
      history.splice(0, history.length - MOST_ANSWERS)
    }
    // What somebody pastes into a file that others read has no secret in it.
    const items = (await inPieces(suggestInSteps(history))).filter(({ rule }) => isClean(JSON.stringify(rule)))
    return context.json({ items: items.map((item) => ({ ...item, examples: [...item.examples] })) } as never, 200)
  })
}

function enforceable(policy: Policy | null) {
  const problem = policy?.budgets.map(refuseUnenforced).find((found) => found !== undefined)
  if (problem !== undefined) throw new RequestProblem("request-invalid", problem)
  return policy ?? undefined
}

function toServed(kept: KeptPolicy | undefined, { isConfigured }: Pick<PolicyBook, "isConfigured">) {
  return { ...toVersion(kept), isConfigured }
}

function toVersion({ version, at, by, document }: Partial<KeptPolicy> = {}) {
  return { ...(document ? { policy: document } : {}), version: version ?? 0, ...(at ? { at, by } : {}) }
}

/** What it would have said so far, most frequent first. */
async function toShadow(kept: KeptPolicy | undefined, context: Context<Env>, parts: RouteParts) {
  const tally = new Tally(EXAMPLES)
  const query = { ...audienceOfCaller(context, parts), version: kept?.document ? kept.version : 0 }
  for await (const page of parts.aegis.policies.tried(query)) for (const tried of page) tally.add(tried)
  return { ...toVersion(kept), requests: tally.count, outcomes: tally.outcomes }
}

const NONE: Policy = { version: 1, rules: [], budgets: [] }

/** The log's times are in UTC, and compared as texts. */
function utc(since: string | undefined) {
  return since === undefined ? {} : { since: new Date(since).toISOString() }
}

function toJudgement({ decision, rule, reason }: PolicyJudgement) {
  return { decision, rule, reason }
}

function textOf({ command, paths, hosts, tool, kind }: PolicyRequest) {
  return shownText(command ?? ([...paths, ...hosts].join(" ") || (tool ?? kind ?? "")), LONGEST)
}

function isClean(text: string) {
  return redactText(text) === text
}
