import { homedir } from "node:os"
import { resolve } from "node:path"
import { type ClaudePermissions, claudePermissions } from "@aegis/acp-runtime/agent"
import type { AegisClient } from "@aegis/client"
import { callRules, checkPolicy, type Policy, type PolicyFinding } from "@aegis/policy"
import { defineCommand } from "citty"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer } from "../common-args.ts"
import { EXIT } from "../exit-code.ts"
import { instantOf } from "../instant-of.ts"
import { fit, type Output, pad } from "../output.ts"
import { simulationLines, suggestionLines, trialLines } from "../policy-history.ts"
import { aboutOwn, aboutVersion, versionLines } from "../policy-versions.ts"

const sinceArg = { type: "string", description: "From then on: 7d, or 2026-11-29", valueHint: "when" } as const

const wishArgs = {
  file: { type: "positional", description: "The policy", required: false },
  none: { type: "boolean", description: "None from now on" },
} as const
const ifVersionArg = {
  "if-version": {
    type: "string",
    description: "Only if that is the version that it takes the place of",
    valueHint: "number",
  },
} as const

const ofSession = {
  session: { type: "string", description: "What holds in that session besides", valueHint: "id or name" },
} as const

export function command(context: CommandContext) {
  const { output } = context
  return defineCommand({
    meta: { name: "policy", description: "What agents may do: check a file, try it, find rules for it" },
    subCommands: {
      show: defineCommand({
        meta: { name: "show", description: "The policy by which the server judges" },
        args: {
          version: { type: "string", description: "As it was in that version", valueHint: "number" },
          ...ofSession,
          ...commonArgs,
        },
        run: async ({ args }) => {
          if (args.session !== undefined) return showOwn(context, { ...args, session: args.session })
          const version = versionOf(args.version)
          const { client } = await requireServer(args.config)
          const { policy, ...about } = await client.getPolicy(version === undefined ? {} : { version })
          if (args.json) output.json(policy ?? null)
          else {
            output.note(aboutVersion(about, output))
            if (policy) output.json(policy, 2)
          }
        },
      }),
      set: defineCommand({
        meta: { name: "set", description: "Make a file the policy by which the server judges from now on" },
        args: { ...wishArgs, ...ifVersionArg, ...ofSession, ...commonArgs },
        run: async ({ args }) => {
          if (args.session !== undefined) return setOwn(context, { ...args, session: args.session })
          const policy = await readWish(args)
          const ifVersion = versionOf(args["if-version"])
          const { client } = await requireServer(args.config)
          const set = await client.updatePolicy({ policy }, { ifVersion })
          if (args.json) output.json(set)
          else {
            const { items } = await client.listPolicyVersions({ limit: 1 })
            output.data(`${versionLines(items, output).join("\n")}\n`)
          }
        },
      }),
      versions: defineCommand({
        meta: { name: "versions", description: "Who changed the policy, when, and what" },
        args: commonArgs,
        run: async ({ args }) => {
          const { client } = await requireServer(args.config)
          const { items } = await client.listPolicyVersions({ limit: 200 })
          if (args.json) output.json({ items })
          else if (items.length === 0) output.note("The server never had a policy.")
          else output.data(`${versionLines(items, output).join("\n")}\n`)
        },
      }),
      shadow: defineCommand({
        meta: { name: "shadow", description: "Try a policy: what it would have said since, without being asked" },
        args: { ...wishArgs, ...commonArgs },
        run: async ({ args }) => {
          const isWish = args.file !== undefined || args.none
          const policy = isWish ? await readWish(args) : undefined
          const { client } = await requireServer(args.config)
          const trial = isWish
            ? await client.updateShadowPolicy({ policy: policy ?? null })
            : await client.getShadowPolicy()
          if (args.json) output.json(trial)
          else if (trial.policy === undefined) output.note("No policy is on trial.")
          else output.data(`${trialLines(trial, output).join("\n")}\n`)
        },
      }),
      simulate: defineCommand({
        meta: { name: "simulate", description: "What a policy would have said to all that agents have asked for" },
        args: {
          file: { type: "positional", description: "The policy", required: true },
          since: sinceArg,
          ...commonArgs,
        },
        run: async ({ args }) => {
          const policy = await readWire(args.file)
          const since = instantOf(args.since)
          const { client } = await requireServer(args.config)
          const result = await client.simulatePolicy({ policy, ...(since === undefined ? {} : { since }) })
          if (args.json) output.json(result)
          else output.data(`${simulationLines(result, { file: args.file, output }).join("\n")}\n`)
        },
      }),
      suggest: defineCommand({
        meta: { name: "suggest", description: "Rules that would have allowed what people approved again and again" },
        args: { since: sinceArg, ...commonArgs },
        run: async ({ args }) => {
          const since = instantOf(args.since)
          const { client } = await requireServer(args.config)
          const result = await client.suggestPolicy(since === undefined ? {} : { since })
          if (args.json) output.json(result)
          else if (result.items.length === 0) output.note("Nothing was approved often enough to make a rule of it.")
          else output.data(`${suggestionLines(result, output).join("\n")}\n`)
        },
      }),
      check: defineCommand({
        meta: {
          name: "check",
          description: "Look for what is wrong in a policy: rules that contradict, or never decide",
        },
        args: {
          file: { type: "positional", description: "The policy", required: true },
          json: commonArgs.json,
        },
        run: async ({ args }) => {
          context.exitCode = await check(context, args)
        },
      }),
    },
  })
}

interface OwnArgs {
  readonly session: string
  readonly config?: string | undefined
  readonly json?: boolean | undefined
}

async function showOwn({ output }: CommandContext, { session, config, json }: OwnArgs) {
  const { client } = await requireServer(config)
  const own = await client.getSessionPolicy((await findSession(client, session)).id)
  if (json) return output.json(own)
  for (const line of aboutOwn(own, output)) output.note(line)
  if (own.policy) output.json(own.policy, 2)
}

async function setOwn(
  { output }: CommandContext,
  args: OwnArgs & Parameters<typeof readWish>[0] & { "if-version"?: string | undefined },
) {
  const policy = await readWish(args)
  const ifVersion = versionOf(args["if-version"])
  const { client } = await requireServer(args.config)
  const { id } = await findSession(client, args.session)
  const own = await client.updateSessionPolicy(id, { policy }, { ifVersion })
  if (args.json) output.json(own)
  else for (const line of aboutOwn(own, output)) output.note(line)
}

// In JSON, absent and undefined are the same.
async function readWire(file: string) {
  const { readPolicyFile } = await import("@aegis/server/local")
  return readPolicyFile(resolve(file)) as Parameters<AegisClient["simulatePolicy"]>[0]["policy"]
}

async function readWish({ file, none }: { readonly file?: string | undefined; readonly none?: boolean | undefined }) {
  if ((file === undefined) !== (none === true))
    throw new CliError("usage", "Name the file of the policy, or say --none.")
  return file === undefined ? null : readWire(file)
}

function versionOf(text: string | undefined) {
  if (text === undefined) return undefined
  const version = Number(text)
  if (text !== "" && Number.isSafeInteger(version) && version >= 0) return version
  throw new CliError("usage", `"${text}" is no version: \`ag policy versions\` lists them.`)
}

async function check(
  { output }: CommandContext,
  { file, json }: { readonly file: string; readonly json?: boolean | undefined },
) {
  const { readPolicyFile } = await import("@aegis/server/local")
  const policy = readPolicyFile(resolve(file))
  const findings = checkPolicy(policy)
  const kept = { keptByClaude: keptByClaude(policy), keptByHook: keptByHook(policy) }
  const lines = [
    ...toLines(findings, policy.rules.length, output),
    ...toTable(kept.keptByClaude, output),
    ...toHookLines(kept.keptByHook, output),
  ]
  if (json) output.json({ rules: policy.rules.length, findings, ...kept })
  else output.data(`${lines.join("\n")}\n`)
  return findings.length > 0 ? EXIT.failed : EXIT.ok
}

function toLines(findings: readonly PolicyFinding[], rules: number, { colors }: Output) {
  if (findings.length === 0)
    return [`${colors.green("✓")} ${rules} ${rules === 1 ? "rule" : "rules"}; each may decide.`]
  return findings.map(({ type, message }) => `${colors.yellow("!")} ${type}: ${message}`)
}

/** What Claude's own settings get of a rule. Every rule holds for what an agent asks about; this is for the rest. */
interface KeptRule extends ClaudePermissions {
  readonly rule: string
  readonly decision: "deny" | "ask"
}

function keptByClaude(policy: Policy): readonly KeptRule[] {
  const place = { workDir: `\${workDir}`, home: homedir() }
  return callRules(policy, { agent: "claude" }).map((rule) => ({
    rule: rule.id,
    decision: rule.decision,
    ...claudePermissions({ rules: [rule], ...place }),
  }))
}

/** Rules that may hold in a session that is only observed: it has no labels, and it is of the machine's own person. */
function keptByHook(policy: Policy): readonly string[] {
  return callRules(policy, { agent: "external", labels: {}, owner: "local" }).map(({ id }) => id)
}

function toHookLines(rules: readonly string[], { colors }: Output) {
  if (rules.length === 0) return []
  const title = "Kept by the hook, in a Claude Code that you start by hand (ag hooks install):"
  return ["", colors.dim(title), rules.join(", ")]
}

function toTable(kept: readonly KeptRule[], { colors, columns }: Output) {
  if (kept.length === 0) return []
  const width = Math.max(...kept.map(({ rule }) => rule.length))
  const lines = kept.map(
    (each) =>
      `${pad(each.rule, width)}  ${pad(each.decision, 4)}  ${fit(wordsOf(each), Math.max(20, columns - width - 8))}`,
  )
  return ["", colors.dim("Kept where an agent asks, and of what Claude does unasked:"), ...lines]
}

function wordsOf({ deny, ask }: ClaudePermissions) {
  // The paths are in the policy.
  const list = (words: readonly string[]) => [...new Set(words.map((word) => word.replace(/\(\/.*$/s, "")))].join(", ")
  if (deny.length > 0) return `refused: ${list(deny)}`
  return ask.length > 0 ? `asked about: ${list(ask)}` : "nothing"
}
