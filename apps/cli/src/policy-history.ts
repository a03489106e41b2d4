import { basename } from "node:path"
import type { AegisClient } from "@aegis/client"
import { fit, type Output, pad, visible } from "./output.ts"

type PolicySimulation = Awaited<ReturnType<AegisClient["simulatePolicy"]>>
type ShadowPolicy = Awaited<ReturnType<AegisClient["getShadowPolicy"]>>
type PolicySuggestions = Awaited<ReturnType<AegisClient["suggestPolicy"]>>

/** What another policy would have said: what is answered otherwise first, with examples. */
export function simulationLines(
  { requests, outcomes }: PolicySimulation,
  { file, output }: { readonly file: string; readonly output: Output },
) {
  if (requests === 0) return ["No agent has asked for anything yet."]
  const title = `${countOf(requests)}, by the server's policy → by ${visible(basename(file))}`
  return [output.colors.dim(title), ...outcomeLines(outcomes, output)]
}

/** The same of a policy on trial, since it is. */
export function trialLines({ version, requests, outcomes }: ShadowPolicy, output: Output) {
  const title = `Version ${version} is on trial. ${countOf(requests)}, as answered → by it`
  const named = outcomes.map(({ examples, ...outcome }) => ({
    ...outcome,
    examples: examples.map(({ after, sessionId }) => ({ after, what: `session ${sessionId.slice(0, 8)}` })),
  }))
  return [output.colors.dim(title), ...(requests === 0 ? [] : outcomeLines(named, output))]
}

interface Outcome extends Omit<PolicySimulation["outcomes"][number], "examples"> {
  readonly examples: readonly { readonly after: { readonly rule: string }; readonly what: string }[]
}

function outcomeLines(outcomes: readonly Outcome[], { colors, columns }: Output) {
  const width = Math.max(...outcomes.map(({ count }) => String(count).length))
  const changed = outcomes.toSorted((one, other) => other.changed - one.changed)
  return changed.flatMap((outcome) => {
    const { before, after, count, examples } = outcome
    const words = `${pad(before, 5)} → ${pad(after, 5)}  ${String(count).padStart(width)}`
    if (outcome.changed === 0) return [`  ${words}  ${colors.dim("as before")}`]
    const mark = after === "allow" ? colors.yellow("!") : colors.green("✓")
    return [
      `${mark} ${words}  ${outcome.changed === count ? "" : `${outcome.changed} `}otherwise`,
      ...examples.map((example) => `    ${fit(visible(`${example.after.rule}: ${example.what}`), columns - 4)}`),
    ]
  })
}

function countOf(requests: number) {
  return `${requests} ${requests === 1 ? "request" : "requests"}`
}

/** Rules for a policy file: YAML takes JSON as it is. */
export function suggestionLines({ items }: PolicySuggestions, { colors }: Output) {
  return items.flatMap(({ rule, count }) => [
    colors.dim(`  # approved ${count} times`),
    `  - ${visible(JSON.stringify(rule))}`,
  ])
}
