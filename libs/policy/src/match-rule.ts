import { allowsCommand, restrainsCommand } from "./command-glob.ts"
import type { AllowRule, CompiledRule, RestrainingRule } from "./compile-policy.ts"
import type { PartTest } from "./glob.ts"
import { type AnchorParts, matchesPath, type PathGlob } from "./path-glob.ts"
import type { PreparedPath, PreparedRequest } from "./prepare-request.ts"
import { isWithin } from "./wall-clock.ts"

/** Whether a rule that denies or asks is about a request: any of its kinds, paths, hosts or commands is enough. */
export function isRestrained(rule: RestrainingRule, prepared: PreparedRequest): boolean {
  const { kinds, tools, paths, hosts, commands } = rule
  const { request, possibleKinds, foldedAnchors, shell } = prepared
  if (kinds && possibleKinds && !hasOneOf(kinds, possibleKinds)) return false
  if (tools && !isOneOf(request.tool, tools)) return false
  if (!isInContext(rule, prepared)) return false
  if (hosts && !prepared.hosts.some((host) => isOneOf(host, hosts))) return false
  if (paths && !touchesOne(prepared.paths, paths, foldedAnchors)) return false
  if (commands && !shell?.seen.some((command) => commands.some((glob) => restrainsCommand(glob, command)))) return false
  return isInTime(rule, prepared) !== false
}

// Loops: each rule goes through these for each call, and with closures all of it takes a tenth longer.
function touchesOne(paths: readonly PreparedPath[], globs: readonly PathGlob[], anchors: AnchorParts) {
  for (const { folded } of paths) {
    // A path that is too long to be one counts as everything that is forbidden.
    if (folded === undefined || isOneOfPaths(folded, globs, anchors)) return true
  }
  return false
}

function staysInside(paths: readonly PreparedPath[], globs: readonly PathGlob[], anchors: AnchorParts) {
  for (const { isCanonical, parts } of paths)
    if (!isCanonical || parts === undefined || !isOneOfPaths(parts, globs, anchors)) return false
  return paths.length > 0
}

function isOneOfPaths(parts: readonly string[], globs: readonly PathGlob[], anchors: AnchorParts) {
  for (const glob of globs) if (matchesPath(glob, parts, anchors)) return true
  return false
}

/** Whether a rule that allows is about a request: all of its paths and hosts, and at least one of its commands. */
export function isAllowed(rule: AllowRule, prepared: PreparedRequest): boolean {
  const { kinds, tools, paths, hosts, commands } = rule
  const { request, kind, anchors, shell } = prepared
  if (kind === undefined && tools === undefined) return false
  if (kinds && !(kind !== undefined && kinds.has(kind) && (shell === undefined || kinds.has("execute")))) return false
  if (tools && !isOneOf(request.tool, tools)) return false
  if (!isInContext(rule, prepared)) return false
  if (hosts && !isEvery(prepared.hosts, (host) => isOneOf(host, hosts))) return false
  if (paths && !staysInside(prepared.paths, paths, anchors)) return false
  if (
    commands &&
    (shell === undefined || shell.isOpaque || !shell.judged.some((command) => knowsCommand(rule, command)))
  )
    return false
  return isInTime(rule, prepared) === true
}

export function knowsCommand({ commands }: AllowRule, command: Parameters<typeof allowsCommand>[1]): boolean {
  return commands?.some((glob) => allowsCommand(glob, command)) ?? false
}

function isInContext({ modes, agents, owners, labels }: CompiledRule, { request: { context } }: PreparedRequest) {
  if (modes && !modes.has(context.mode)) return false
  if (agents && !isOneOf(context.agent, agents)) return false
  if (owners && !isOneOf(context.owner, owners)) return false
  for (const [label, values] of labels)
    if (!Object.hasOwn(context.labels, label) || !isOneOf(context.labels[label], values)) return false
  return true
}

/** Undefined if the moment is none. */
function isInTime({ time }: CompiledRule, { request, wallTimes }: PreparedRequest): boolean | undefined {
  if (time === undefined) return true
  if (!wallTimes.has(time.timeZone)) wallTimes.set(time.timeZone, time.wallClock(request.context.at))
  const wallTime = wallTimes.get(time.timeZone)
  return wallTime && isWithin(wallTime, time)
}

function isOneOf(text: string | undefined, tests: readonly PartTest[]) {
  if (text !== undefined) for (const test of tests) if (test(text)) return true
  return false
}

function hasOneOf(set: ReadonlySet<string>, texts: readonly string[]) {
  for (const text of texts) if (set.has(text)) return true
  return false
}

function isEvery<Item>(items: readonly Item[], test: (item: Item) => boolean) {
  return items.length > 0 && items.every(test)
}
