import { basename } from "node:path"
import type { AegisClient } from "@aegis/client"
import { fit, type Output, pad, visible } from "./output.ts"

type PolicySimulation = Awaited<ReturnType<AegisClient["simulatePolicy"]>>
type PolicySuggestions = Awaited<ReturnType<AegisClient["suggestPolicy"]>>

/** What another policy would have said: what is answered otherwise first, with examples. */
export function simulationLines(
  { requests, outcomes }: PolicySimulation,
  { file, output: { colors, columns } }: { readonly file: string; readonly output: Output },
) {
  const title = `${requests} ${requests === 1 ? "request" : "requests"}, by the server's policy → by ${visible(basename(file))}`
  if (requests === 0) return ["No agent has asked for anything yet."]
  const width = Math.max(...outcomes.map(({ count }) => String(count).length))
  const changed = outcomes.toSorted((one, other) => other.changed - one.changed)
  const lines = changed.flatMap((outcome) => {
    const { before, after, count, examples } = outcome
    const words = `${pad(before, 5)} → ${pad(after, 5)}  ${String(count).padStart(width)}`
    if (outcome.changed === 0) return [`  ${words}  ${colors.dim("as before")}`]
    const mark = after === "allow" ? colors.yellow("!") : colors.green("✓")
    return [
      `${mark} ${words}  ${outcome.changed === count ? "" : `${outcome.changed} `}otherwise`,
      ...examples.map((example) => `    ${fit(visible(`${example.after.rule}: ${example.what}`), columns - 4)}`),
    ]
  })
  return [colors.dim(title), ...lines]
}

/** Rules for a policy file: YAML takes JSON as it is. */
export function suggestionLines({ items }: PolicySuggestions, { colors }: Output) {
  return items.flatMap(({ rule, count }) => [
    colors.dim(`  # approved ${count} times`),
    `  - ${visible(JSON.stringify(rule))}`,
  ])
}
