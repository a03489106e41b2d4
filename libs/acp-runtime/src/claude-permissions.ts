import type { CallRule, SessionRules } from "./agent-config.ts"

/** Claude Code's own permission rules, as its settings take them. */
export interface ClaudePermissions {
  /** Refused by the agent itself, also what it never asks about. */
  readonly deny: readonly string[]
  /** Asked about, also what it would do unasked: what becomes of it is for the policy to say, with all its conditions. */
  readonly ask: readonly string[]
}

/**
 * A policy's rules in Claude's own words (spec/sessions.md, Modes). What these say exactly and always is refused by the
 * agent itself; whatever else a rule may be about is asked.
 */
export function claudePermissions({ rules, workDir, home }: Omit<SessionRules, "isTrusted">): ClaudePermissions {
  const deny = new Set<string>()
  const ask = new Set<string>()
  for (const rule of rules) {
    const { words, isExact } = wordsOf(rule, { workDir, home })
    const list = rule.decision === "deny" && rule.isStanding && isExact ? deny : ask
    for (const word of words) list.add(word)
  }
  return { deny: [...deny], ask: [...ask] }
}

/** The ACP kind of a tool of Claude's, by its name; `other` of what is none of its own. */
export function claudeToolKind(tool: string) {
  return Object.entries(toolsOf).find(([, tools]) => tools.includes(tool))?.[0] ?? "other"
}

interface Words {
  readonly words: readonly string[]
  /** They are about the calls that the rule is about, and no others. */
  readonly isExact: boolean
}

type Place = Pick<SessionRules, "workDir" | "home">

// Of several fields the one that says most: the calls that it is about are then more than the rule's.
function wordsOf({ tools, kinds, paths, commands, hosts }: CallRule, place: Place): Words {
  const isAbout = (kind: string) => kinds === undefined || kinds.includes(kind)
  if (commands)
    return {
      words: commands.map((pattern) => `Bash(${toCommand(pattern)})`),
      isExact: isAbout("execute") && !tools && !paths && !hosts && commands.every(isPlainStart),
    }
  if (paths) {
    const files = paths.map((pattern) => toGitignore(pattern, place))
    const told = Object.keys(fileToolOf).filter(isAbout)
    return {
      words: told.flatMap((kind) => files.map((file) => `${fileToolOf[kind]}(${file})`)),
      isExact: !tools && !hosts,
    }
  }
  if (hosts) {
    const isPlain = hosts.every((host) => !host.includes("*"))
    return {
      words: isPlain ? hosts.map((host) => `WebFetch(domain:${host})`) : ["WebFetch"],
      isExact: isPlain && isAbout("fetch") && !tools,
    }
  }
  if (tools) return { words: tools.filter((tool) => !tool.includes("*")), isExact: !kinds }
  return {
    words: Object.keys(toolsOf)
      .filter(isAbout)
      .flatMap((kind) => toolsOf[kind] ?? []),
    isExact: true,
  }
}

// Read is also about what Claude recognizes as reading in a command, such as `cat`; Edit about every tool that writes.
const fileToolOf: Readonly<Record<string, string>> = { read: "Read", edit: "Edit" }

const toolsOf: Readonly<Record<string, readonly string[]>> = {
  read: ["Read"],
  search: ["Grep", "Glob"],
  edit: ["Edit", "Write", "NotebookEdit"],
  execute: ["Bash"],
  fetch: ["WebFetch", "WebSearch"],
}

/** Words and then anything: in any other place a star of Claude's is also about several words. */
function isPlainStart(pattern: string) {
  return !pattern.replace(/ ?\*{1,2}$/, "").includes("*")
}

function toCommand(pattern: string) {
  return pattern.replaceAll("**", "*")
}

/** Claude's paths are those of .gitignore, and `//` is the root. There, what is about a folder is about all that is in it. */
function toGitignore(pattern: string, { workDir, home }: Place) {
  const [first = "", ...rest] = pattern.split("/")
  const parts = rest.length > 1 && rest.at(-1) === "**" ? rest.slice(0, -1) : rest
  const root = first === `\${workDir}` ? literal(workDir) : first === "~" ? literal(home) : rootOf(first)
  return `/${[root, ...parts].join("/")}`
}

// A pattern that begins at any depth, or with a drive.
function rootOf(first: string) {
  return first === "" || first === "/" ? "" : `/${first}`
}

/** A folder's name, of which nothing is a pattern. */
function literal(path: string) {
  return path.replaceAll("\\", "/").replaceAll(/[*?[\]]/g, String.raw`\$&`)
}
