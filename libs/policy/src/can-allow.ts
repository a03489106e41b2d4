import type { AllowRule, CompiledPolicy, CompiledRule, RestrainingRule } from "./compile-policy.ts"
import { isAllowed, isRestrained, knowsCommand } from "./match-rule.ts"
import type { PolicyContext, PolicyRequest } from "./policy-request.ts"
import { type PreparedRequest, prepareRequest } from "./prepare-request.ts"

/** A request of which only some is known; what is left out may be anything. */
export interface PartialRequest extends Partial<Omit<PolicyRequest, "context">> {
  readonly context?: Partial<PolicyContext>
}

export interface CanAllow {
  /** False is certain. True says that no rule excludes it. */
  readonly possible: boolean
  /** The rules that might allow it, or some of what it names. */
  readonly by: readonly string[]
  /** The rules that deny or ask whatever the rest of the request is. */
  readonly against: readonly string[]
}

/** "Can anything allow this?" */
export function canAllow(policy: CompiledPolicy, partial: PartialRequest): CanAllow {
  const against = [...policy.deny.all, ...policy.ask.all].filter((rule) => isSurelyRestrained(rule, partial))
  const might = policy.allow.all.filter((rule) => mightAllow(rule, partial))
  return {
    possible: against.length === 0 && isEverythingKnown(might, partial),
    by: might.map(({ id }) => id),
    against: against.map(({ id }) => id),
  }
}

function isSurelyRestrained(rule: RestrainingRule, partial: PartialRequest) {
  return unknownFields(rule, partial).length === 0 && isRestrained(rule, fill(partial, partial.kind))
}

function mightAllow(rule: AllowRule, partial: PartialRequest) {
  const unknown = unknownFields(rule, partial)
    .filter((field) => field !== "kinds")
    .map((field) => [field, field === "labels" ? [] : undefined] as const)
  const known: AllowRule = { ...rule, ...Object.fromEntries(unknown) }
  return isAllowed(known, fill(partial, "kind" in partial ? partial.kind : anyKindOf(rule, partial)))
}

function anyKindOf({ kinds }: AllowRule, { command }: PartialRequest) {
  if (command !== undefined) return "execute"
  return kinds ? [...kinds][0] : "other"
}

type Field = Exclude<keyof CompiledRule, "id" | "reason"> | "commands"

function unknownFields(rule: AllowRule | RestrainingRule, partial: PartialRequest): readonly Field[] {
  const context = partial.context ?? {}
  // Where a session works says what its variables and its commands' files are.
  const isPlaced = "workDir" in context && "home" in context
  // A command that nobody knows may name files where no path is known.
  const hasPaths = partial.paths !== undefined && (partial.paths.length > 0 || "command" in partial)
  const isKnown: Readonly<Record<Field, boolean>> = {
    kinds: "kind" in partial,
    tools: "tool" in partial,
    paths: hasPaths && (isPlaced || (partial.command === undefined && !rule.paths?.some(({ anchor }) => anchor))),
    hosts: "hosts" in partial,
    commands: "command" in partial,
    modes: "mode" in context,
    agents: "agent" in context,
    owners: "owner" in context,
    labels: "labels" in context || rule.labels.length === 0,
    time: "at" in context,
  }
  return (Object.keys(isKnown) as Field[]).filter((field) => rule[field] !== undefined && !isKnown[field])
}

function fill({ context, ...partial }: PartialRequest, kind: string | undefined): PreparedRequest {
  const nothing = { tool: undefined, kind, paths: [], command: undefined, hosts: [] }
  const nowhere = { mode: "default", agent: "", labels: {}, owner: "", workDir: "/", home: "/", at: 0 } as const
  return prepareRequest({ ...nothing, ...partial, kind, context: { ...nowhere, ...context } })
}

function isEverythingKnown(might: readonly AllowRule[], partial: PartialRequest) {
  if (might.some(({ paths, hosts, commands }) => !paths && !hosts && !commands)) return true
  const { shell, paths, hosts } = fill(partial, "execute")
  if (partial.command !== undefined && shell?.isOpaque) return false
  const commands = partial.command === undefined ? [] : (shell?.judged ?? [])
  return (
    might.length > 0 &&
    commands.every((command) => might.some((rule) => knowsCommand(rule, command))) &&
    (paths.length === 0 || might.some((rule) => rule.paths)) &&
    (hosts.length === 0 || might.some((rule) => rule.hosts))
  )
}
