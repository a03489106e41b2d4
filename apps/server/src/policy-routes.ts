import { operations } from "@aegis/openapi-contract"
import {
  checkPolicy,
  compilePolicy,
  type Policy,
  type PolicyJudgement,
  type PolicyRequest,
  Simulation,
  suggestRules,
} from "@aegis/policy"
import { redactText } from "@aegis/redact"
import { guarded } from "./guarded.ts"
import { type App, audienceOfCaller, type RouteParts } from "./routes.ts"

const EXAMPLES = 10
/** What people have answered most recently is what suggestions are made from: each proposal is held against all of it. */
const MOST_ANSWERS = 5000
const LONGEST = 200

/** Routes of the policy: what it is, and what another one would have said. */
export function addPolicyRoutes(app: App, parts: RouteParts) {
  const { aegis, policy } = parts

  app.openapi(guarded(operations.getPolicy, parts), (context) =>
    context.json((policy === undefined ? {} : { policy }) as never, 200),
  )

  app.openapi(guarded(operations.checkPolicy, parts), (context) => {
    const { policy: candidate } = context.req.valid("json")
    const findings = checkPolicy(candidate).map(({ type, message }) => ({ type, message }))
    return context.json({ rules: candidate.rules.length, findings }, 200)
  })

  app.openapi(guarded(operations.simulatePolicy, parts), async (context) => {
    const { policy: candidate, since } = context.req.valid("json")
    const simulation = new Simulation(compilePolicy(policy ?? NONE), {
      candidate: compilePolicy(candidate),
      examples: EXAMPLES,
    })
    const shown = new Map<string, { readonly sessionId: string; readonly what: string }>()
    let requests = 0
    for await (const page of aegis.judgedRequests({ ...audienceOfCaller(context, parts), ...utc(since) }))
      for (const { approvalId: id, sessionId, request } of page) {
        if (simulation.add({ id, request })) shown.set(id, { sessionId, what: textOf(request) })
        requests += 1
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
    const history: Parameters<typeof suggestRules>[0][number][] = []
    for await (const page of aegis.judgedRequests(query)) {
      for (const { approvalId: id, request, answer } of page) if (answer) history.push({ id, request, answer })
      history.splice(0, history.length - MOST_ANSWERS)
    }
    // What somebody pastes into a file that others read has no secret in it.
    const items = suggestRules(history).filter(({ rule }) => isClean(JSON.stringify(rule)))
    return context.json({ items: items.map((item) => ({ ...item, examples: [...item.examples] })) } as never, 200)
  })
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
  const text = redactText(command ?? ([...paths, ...hosts].join(" ") || (tool ?? kind ?? "")))
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

function isClean(text: string) {
  return redactText(text) === text
}
