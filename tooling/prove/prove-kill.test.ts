import { type AegisEvent, EMPTY_HASH, type RawEvent } from "@aegis/client"
import { describe, expect, it } from "vitest"
import { findProblems } from "./kill/find-problems.ts"
import { newJournal } from "./kill/journal.ts"
import { proveInShort } from "./prove-in-short.ts"
import { proveKill } from "./prove-kill.ts"

describe.skipIf(process.platform !== "linux")("pnpm prove kill", () => {
  it("in short: nothing is lost when servers, hosts and agents are killed under load", async () => {
    await proveInShort(proveKill)
  }, 300_000)
})

describe("the evidence of a kill", () => {
  const created = raw(1, "session.created", { salt: "" })
  const requested = raw(2, "turn.requested", { turnId: "t", content: [] })
  const started = raw(3, "turn.started", { turnId: "t" })
  const said = raw(4, "message.delta", { messageId: "m", text: "hi" }, "t")
  const ended = raw(5, "turn.ended", { turnId: "t", stopReason: "end_turn" })
  const cut = raw(5, "turn.ended", { turnId: "t", error: { code: "agent_crashed", message: "" } })
  const whole = [created, requested, started, said, ended]

  it.each([
    ["nothing", {}, []],
    ["an event that was seen and is another", { seen: [{ ...said, json: "{}" }] }, ["ghost"]],
    ["an event that was seen and is not there", { seen: [raw(6, "turn.ended", {})] }, ["ghost"]],
    ["an event that is missing", { kept: [created, requested, said, ended] }, ["hole"]],
    ["a prompt that is not there", { prompt: "u" }, ["lost"]],
    ["a decision that is not there", { approval: "a" }, ["lost"]],
    ["a write that is another", { head: [2, "other"] }, ["lost"]],
    ["a prompt without an end", { kept: whole.slice(0, 4) }, ["turn t has 0 ends"]],
    ["a prompt that ended twice", { kept: [...whole, raw(6, "turn.ended", { turnId: "t" })] }, ["turn t has 2 ends"]],
    [
      "two turns at once",
      { kept: [...whole.slice(0, 4), raw(5, "turn.started", { turnId: "u" }), raw(6, "turn.ended", { turnId: "t" })] },
      ["two at once"],
    ],
    [
      "a prompt that was made two of",
      {
        kept: [
          created,
          requested,
          raw(3, "turn.requested", { turnId: "u", content: [] }),
          raw(4, "turn.ended", { turnId: "u" }),
          raw(5, "turn.ended", { turnId: "t" }),
        ],
      },
      ["twice"],
    ],
    [
      "words said twice",
      {
        kept: [
          created,
          requested,
          started,
          said,
          raw(5, "message.delta", { messageId: "m", text: "hi" }, "t"),
          raw(6, "turn.ended", { turnId: "t", stopReason: "end_turn" }),
        ],
      },
      ["words"],
    ],
    ["a turn that was cut by the death of its server", { kept: [...whole.slice(0, 4), cut], survivor: "t" }, ["cut"]],
  ] as const)("tells %s", async (_, { ...change }, told) => {
    const { seen = [], kept = whole, prompt = "t", approval, head, survivor }: Change = change
    const journal = newJournal()
    journal.prompts.set(prompt, { sessionId: "s", expected: "hi" })
    if (approval !== undefined) journal.approvals.add(approval)
    if (head !== undefined) journal.heads.set(...head)
    if (survivor !== undefined) journal.survivors.add(survivor)
    const problems = await findProblems({ seen, kept, journal })
    // These events have no hashes, and that is told, too.
    const others = problems.filter((problem) => !problem.startsWith("history"))
    expect(others.map((problem, index) => problem.startsWith(told[index] ?? "?"))).toEqual(told.map(() => true))
    expect(problems.length).toBe(told.length + 1)
  })
})

interface Change {
  readonly seen?: readonly RawEvent[]
  readonly kept?: readonly RawEvent[]
  readonly prompt?: string
  readonly approval?: string
  readonly head?: readonly [number, string]
  readonly survivor?: string
}

function raw(seq: number, type: string, data: unknown, turnId?: string): RawEvent {
  const actor = { kind: "system", id: "test", via: "test" } as const
  const at = "2026-01-01T00:00:00.000Z"
  const event = {
    seq,
    sessionId: "s",
    type,
    at,
    actor,
    data,
    hash: EMPTY_HASH,
    ...(turnId === undefined ? {} : { turnId }),
  } as AegisEvent
  return { type: "event", seq, json: JSON.stringify(event), event }
}
