import type { EventData } from "@aegis/client"

export type HookEvent = EventData["hook.received"]["event"]

/** Claude Code's settings, as far as they are looked at here. */
export type ClaudeSettings = Readonly<Record<string, unknown>> & {
  readonly hooks?: Readonly<Record<string, readonly HookGroup[]>>
}

interface HookGroup {
  readonly matcher?: string
  readonly hooks?: readonly { readonly type?: string; readonly command?: string; readonly timeout?: number }[]
}

/** Seconds that Claude waits for each; the command itself gives up long before. */
const TIMEOUTS = {
  PreToolUse: 10,
  PostToolUse: 10,
  Notification: 10,
  Stop: 10,
  SessionStart: 10,
  SessionEnd: 10,
  UserPromptSubmit: 10,
  SubagentStop: 10,
  PreCompact: 10,
} as const satisfies Record<HookEvent, number>

/** The settings with a hook of ours for each event, once, and all else as it was. */
export function withHooks(settings: ClaudeSettings, commandOf: (event: HookEvent) => string): ClaudeSettings {
  const { hooks: others = {}, ...rest } = withoutHooks(settings)
  const own = Object.entries(TIMEOUTS).map(([event, timeout]) => {
    const hook = { type: "command", command: commandOf(event as HookEvent), timeout }
    return [event, [...(others[event] ?? []), { hooks: [hook] }]] as const
  })
  return { ...rest, hooks: { ...others, ...Object.fromEntries(own) } }
}

/** The settings without any hook of ours. What was there for others stays, also where it is empty. */
export function withoutHooks(settings: ClaudeSettings): ClaudeSettings {
  const { hooks, ...rest } = settings
  if (hooks === undefined) return settings
  const kept = Object.entries(hooks).flatMap(([event, groups]) => {
    const others = groups.flatMap(withoutOwn)
    return others.length === 0 && groups.length > 0 ? [] : [[event, others] as const]
  })
  const isEmptied = kept.length === 0 && Object.keys(hooks).length > 0
  return isEmptied ? rest : { ...rest, hooks: Object.fromEntries(kept) }
}

function withoutOwn(group: HookGroup): readonly HookGroup[] {
  const { hooks = [] } = group
  const others = hooks.filter(({ command = "" }) => !OWN.test(command))
  if (others.length === hooks.length) return [group]
  return others.length === 0 ? [] : [{ ...group, hooks: others }]
}

/** A command of `ag hooks install`, wherever that `ag` and its data directory were. */
const OWN = /\bag(\.js)?'? hooks send \w+ --state /
