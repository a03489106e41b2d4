import { withoutUndefined } from "./evolve.ts"
import type { DecisionRow, ToolCallRow } from "./metrics-rows.ts"
import { type Percentiles, percentilesOf } from "./percentiles.ts"

/** What was done with a tool. */
export interface ToolUse {
  readonly name: string
  /** ACP's kind of it. */
  readonly kind?: string
  readonly calls: number
  readonly failed: number
  /** Without the time that calls waited for somebody. */
  readonly duration: Percentiles
  /** How often it was asked about, and what came of that. */
  readonly asked: number
  readonly approved: number
  readonly rejected: number
}

interface ToolRows {
  readonly calls: AsyncIterable<ToolCallRow>
  readonly decisions: AsyncIterable<DecisionRow>
}

/** The most used first. */
export async function toolsOf({ calls, decisions }: ToolRows): Promise<readonly ToolUse[]> {
  const tools = new Map<string, ToolCount>()
  for await (const { name, kind, status, durationMs } of calls) {
    const tool = countOf(tools, name)
    tool.kind ??= kind ?? undefined
    tool.calls += 1
    tool.failed += status === "failed" ? 1 : 0
    tool.times.push(durationMs)
  }
  for await (const { tool: name, status } of decisions) {
    const tool = countOf(tools, name)
    tool.asked += 1
    if (status === "approved" || status === "rejected") tool[status] += 1
  }
  return [...tools].map(toUse).toSorted((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1))
}

interface ToolCount extends Record<"calls" | "failed" | "asked" | "approved" | "rejected", number> {
  kind?: string | undefined
  readonly times: (number | null)[]
}

function countOf(tools: Map<string, ToolCount>, name: string) {
  const count = tools.get(name) ?? { calls: 0, failed: 0, asked: 0, approved: 0, rejected: 0, times: [] }
  tools.set(name, count)
  return count
}

function toUse([name, { kind, times, ...counts }]: readonly [string, ToolCount]): ToolUse {
  return { name, ...withoutUndefined({ kind }), ...counts, duration: percentilesOf(times) }
}
