import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  advancePipeline,
  cancelPipeline,
  fillStagePrompt,
  refuseStages,
  type StageEnd,
} from "../src/decide-pipeline.ts"
import type { Actor, PipelineStage, SystemEventData } from "../src/events.ts"
import { evolvePipeline, type PipelineState, type StageState } from "../src/pipeline-state.ts"
import type { PipelineChange } from "../src/system-change.ts"

const actor: Actor = { kind: "user", id: "ada", via: "test" }
const at = "2026-01-01T00:00:00.000Z"
const whose = { pipelineId: "p", tenantId: "t", userId: "ada" }

function begun(stages: readonly PipelineStage[]): PipelineState {
  const data: SystemEventData<"pipeline.created"> = { ...whose, salt: "s", name: "n", stages: [...stages] }
  const state = evolvePipeline(undefined, { type: "pipeline.created", at, actor, data })
  if (!state) throw new Error("A pipeline has begun without a state.")
  return state
}

function after(state: PipelineState, changes: readonly PipelineChange[]) {
  return changes.reduce((before, change) => evolvePipeline(before, { ...change, at, actor }) ?? before, state)
}

const stageArbitrary = (index: number) =>
  fc.record({
    name: fc.constant(`s${index}`),
    dependsOn:
      index === 0
        ? fc.constant<string[]>([])
        : fc.uniqueArray(
            fc.integer({ min: 0, max: index - 1 }).map((other) => `s${other}`),
            { maxLength: 3 },
          ),
    onFailure: fc.constantFrom("stop" as const, "continue" as const, "retry" as const),
    retries: fc.integer({ min: 0, max: 3 }),
    prompt: fc.constant("x"),
    workDir: fc.constant("/w"),
    agent: fc.constant("demo"),
    permissionMode: fc.constant("default"),
  })

const stagesArbitrary = fc
  .integer({ min: 1, max: 8 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => stageArbitrary(index))))

/** What happens next, of all that may: some of the running stages end, some cannot be begun, all work is stopped. */
const movesArbitrary = fc.array(
  fc.record({
    picks: fc.array(fc.nat(), { maxLength: 3 }),
    fails: fc.boolean(),
    refuses: fc.boolean(),
    isStopped: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
)

const isOver = ({ status, onFailure }: StageState) =>
  status === "completed" || (status === "failed" && onFailure === "continue")

describe("a pipeline, whatever its stages do", () => {
  it("begins a stage when all that it depends on is over, no more often than it may, and comes to an end", () => {
    fc.assert(
      fc.property(stagesArbitrary, movesArbitrary, (stages, moves) => {
        expect(refuseStages(stages)).toBeUndefined()
        let state = begun(stages)
        const startAll = (starts: readonly StageState[]) => {
          for (const { name, attempts, dependsOn } of starts) {
            const found = state.stages.find((stage) => stage.name === name)
            expect([found?.status, found?.attempts]).toEqual(["pending", attempts])
            for (const other of dependsOn)
              expect(isOver(state.stages.find((stage) => stage.name === other) as StageState)).toBe(true)
            const data = { ...whose, stage: name, attempt: attempts + 1, sessionId: `${name}-${attempts + 1}` }
            state = after(state, [{ type: "pipeline.stage_started", data }])
          }
        }
        const step = (ends: readonly StageEnd[], { isStopped, refuses }: { isStopped: boolean; refuses: boolean }) => {
          let all = ends
          let { changes, starts } = advancePipeline(state, { ends: all, isStopped })
          for (let tries = 0; refuses && starts.length > 0; tries++) {
            expect(tries).toBeLessThan(200)
            all = [...all, ...starts.map(({ name }) => ({ stage: name, status: "failed" }) as const)]
            ;({ changes, starts } = advancePipeline(state, { ends: all, isStopped }))
          }
          state = after(state, changes)
          if (isStopped) expect(starts).toEqual([])
          startAll(starts)
        }
        step([], { isStopped: false, refuses: false })
        for (const { picks, fails, isStopped, refuses } of moves) {
          const running = state.stages.filter(({ status }) => status === "running")
          const chosen = [...new Set(picks.map((pick) => running[pick % Math.max(1, running.length)]?.name ?? ""))]
          const ends = chosen.flatMap((stage): StageEnd[] =>
            stage === "" ? [] : [{ stage, status: fails ? "failed" : "completed" }],
          )
          step(ends, { isStopped, refuses })
        }
        // From here on all goes well.
        for (let round = 0; state.status === "running"; round++) {
          expect(round).toBeLessThan(50)
          const running = state.stages.filter(({ status }) => status === "running")
          step(
            running.map(({ name }) => ({ stage: name, status: "completed" })),
            { isStopped: false, refuses: false },
          )
        }
        const bad = state.stages.filter(({ status, onFailure }) => status === "failed" && onFailure !== "continue")
        expect(state.status).toBe(bad.length > 0 ? "failed" : "completed")
        for (const { status, attempts, onFailure, retries } of state.stages) {
          expect(["completed", "failed", "skipped"]).toContain(status)
          expect(attempts).toBeLessThanOrEqual(onFailure === "retry" ? retries + 1 : 1)
          expect(status === "skipped").toBe(attempts === 0)
          if (status === "skipped") expect(bad.length).toBeGreaterThan(0)
        }
        expect(advancePipeline(state, { ends: [], isStopped: false })).toEqual({ changes: [], starts: [] })
        expect(cancelPipeline(state, "no")).toEqual([])
      }),
    )
  })
})

describe("a stage's prompt", () => {
  const outputs = new Map([
    ["a", "{{stages.b.output}} $& $1"],
    ["b", "B"],
  ])

  it("has what stages have said in the places for it, to the letter", () => {
    expect(fillStagePrompt("{{stages.a.output}}|{{ stages.b.output }}|{{stages.c.output}}|{{b}}", outputs)).toBe(
      "{{stages.b.output}} $& $1|B||{{b}}",
    )
  })

  it("has 100,000 characters at most, and what has more is refused before it is made", () => {
    const long = new Map([["a", "x".repeat(50_000)]])
    expect(fillStagePrompt("{{stages.a.output}}".repeat(2), long)).toHaveLength(100_000)
    expect(() => fillStagePrompt(`${"{{stages.a.output}}".repeat(2)}x`, long)).toThrow(/100,001 characters/)
  })
})
