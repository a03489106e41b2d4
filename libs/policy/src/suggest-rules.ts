import { compilePolicy } from "./compile-policy.ts"
import { judge } from "./evaluate.ts"
import { isWithin } from "./is-within.ts"
import { workDirVariable } from "./path-glob.ts"
import { type Rule, RuleSchema } from "./policy-document.ts"
import type { PolicyRequest } from "./policy-request.ts"
import { type PreparedRequest, prepareRequest } from "./prepare-request.ts"

/** What a person said to a request. */
export interface AnsweredRequest {
  readonly id: string
  readonly request: PolicyRequest
  readonly answer: "approved" | "rejected"
}

/** A rule that a person may take over, with what speaks for it. */
export interface SuggestedRule {
  readonly rule: Rule
  /** How many approved requests it would have allowed. */
  readonly count: number
  /** Some of them. */
  readonly examples: readonly string[]
}

export interface SuggestRulesOptions {
  /** How many approvals a rule needs behind it. */
  readonly least?: number
  /** At most so many examples for each rule. */
  readonly examples?: number
}

/** Of what was approved most often, so much is looked into: more rules than that nobody reads. */
const MOST_PROPOSALS = 200

/**
 * Rules that would have allowed what people approved again and again: a command as it was, or what it begins with where it
 * went on in several ways; the files of one folder inside a session's own. Best founded first. A rule that
 * touches anything that somebody rejected is not suggested.
 */
export function suggestRules(
  history: readonly AnsweredRequest[],
  options: SuggestRulesOptions = {},
): readonly SuggestedRule[] {
  const steps = suggestInSteps(history, options)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same, in steps of less than some milliseconds: others have their turn in between. */
export function* suggestInSteps(
  history: readonly AnsweredRequest[],
  { least = 3, examples = 5 }: SuggestRulesOptions = {},
): Generator<void, readonly SuggestedRule[], void> {
  const approved: PreparedAnswer[] = []
  const rejected: PreparedAnswer[] = []
  for (const { id, request, answer } of history) {
    const answers = answer === "approved" ? approved : rejected
    answers.push({ id, prepared: prepareRequest(request) })
    yield
  }
  const suggested: SuggestedRule[] = []
  for (const match of proposals(approved, least)) {
    const rule = toRule(match)
    if (rule === undefined) continue
    const denied = yield* decidedBy({ ...rule, decision: "deny" }, rejected)
    if (denied.length > 0) continue
    const behind = yield* decidedBy(rule, approved)
    if (behind.length >= least) suggested.push({ rule, count: behind.length, examples: behind.slice(0, examples) })
  }
  return withoutSpecialCases(suggested)
    .toSorted((one, other) => other.count - one.count)
    .map((each, index) => ({ ...each, rule: { ...each.rule, id: `suggested-${index + 1}` } }))
}

interface Proposal {
  readonly kind: string
  readonly command?: string
  readonly path?: string
}

interface PreparedAnswer {
  readonly id: string
  readonly prepared: PreparedRequest
}

/** What so many have in common, most frequent first. */
function proposals(approved: readonly PreparedAnswer[], least: number): readonly Proposal[] {
  const all = approved.flatMap(({ prepared }) => [...proposeCommands(prepared), ...proposeFolder(prepared)])
  return [...Map.groupBy(all, (match) => JSON.stringify(match)).values()]
    .filter(({ length }) => length >= least)
    .toSorted((one, other) => other.length - one.length)
    .slice(0, MOST_PROPOSALS)
    .flatMap(([match]) => match ?? [])
}

/** Of a request that is one plain command and nothing else: who approves two at once has not approved each of them. */
function proposeCommands({ request, shell, paths, hosts }: PreparedRequest): Proposal[] {
  const [command, ...others] = shell?.judged ?? []
  if (request.kind !== "execute" || !command || others.length > 0 || shell?.isOpaque || command.runsOthers) return []
  if (paths.length > 0 || hosts.length > 0) return []
  const words = command.words.map(escapePattern)
  const [name, action = ""] = words
  const exact = { kind: "execute", command: words.join(" ") }
  // `git status` is something; `rm -rf` and `node -e` are anything.
  return /^[a-z][a-z0-9:_-]*$/i.test(action) ? [exact, { kind: "execute", command: `${name} ${action} **` }] : [exact]
}

const kindsOfFiles: ReadonlySet<string | undefined> = new Set(["read", "search", "edit"])

function proposeFolder({ request, kind, paths, hosts, anchors, shell }: PreparedRequest): Proposal[] {
  const base = anchors.workDir
  if (kind === undefined || !kindsOfFiles.has(kind) || shell || hosts.length > 0 || !base) return []
  const prefix = request.context.workDir === "/" ? "/" : `${request.context.workDir}/`
  const inside = paths.map(({ parts, isCanonical }) => (isCanonical ? (parts?.join("/") ?? "") : ""))
  const folders = inside.map((path) =>
    path.startsWith(prefix) ? path.slice(prefix.length).split("/").slice(0, -1) : undefined,
  )
  const [folder] = folders
  if (!folder || folders.some((other) => other?.join("/") !== folder.join("/"))) return []
  return [{ kind, path: [workDirVariable, ...folder.map(escapePattern), "*"].join("/") }]
}

function escapePattern(word: string) {
  return word.replaceAll(/[*?[\]{}!\\]/g, "\\$&")
}

// What no pattern can say, such as a word with a space in it, is not suggested.
function toRule(match: Proposal): Rule | undefined {
  return RuleSchema.safeParse({ id: "suggested", decision: "allow", match }).data
}

/** As a rule that denies it decides more than as one that allows: whatever has some of it in it. */
function* decidedBy(rule: Rule, answers: readonly PreparedAnswer[]): Generator<void, readonly string[], void> {
  const policy = compilePolicy({ version: 1, rules: [rule], budgets: [] })
  const ids: string[] = []
  for (const { id, prepared } of answers) {
    if (judge(policy, prepared) !== undefined) ids.push(id)
    yield
  }
  return ids
}

/** Of two rules with the same requests behind them the one that says less; of a rule and its special case the rule. */
function withoutSpecialCases(suggested: readonly SuggestedRule[]) {
  return suggested.filter((one) => {
    const general = suggested.find((other) => other !== one && isWithin(one.rule, other.rule))
    return general === undefined ? !isNeedlesslyWide(one, suggested) : isNeedlesslyWide(general, suggested)
  })
}

function isNeedlesslyWide(general: SuggestedRule, suggested: readonly SuggestedRule[]) {
  return suggested.some((one) => one !== general && isWithin(one.rule, general.rule) && one.count === general.count)
}
