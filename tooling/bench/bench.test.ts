import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { ChunkCounter, chunkText } from "./chunks.ts"
import { median, quantile, toTable } from "./figures.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("chunks", () => {
  it("are counted by their number, however they are cut or joined", () => {
    const text = [0, 1, 2, 3].map(chunkText).join("")
    for (let size = 1; size <= text.length; size++) {
      const counter = new ChunkCounter()
      for (let from = 0; from < text.length; from += size) counter.add(text.slice(from, from + size))
      expect([size, counter.count]).toEqual([size, 4])
    }
  })

  it.each([
    ["missing", [0, 2]],
    ["there twice", [0, 0]],
    ["in another order", [1, 0]],
  ])("that are %s end the run", (_what, numbers) => {
    const counter = new ChunkCounter()
    expect(() => counter.add(numbers.map(chunkText).join(""))).toThrow(/was due/)
  })
})

it("knows medians and quantiles", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), quantile([1, 2, 3, 4, 5], 0.99), quantile([7], 0.5)]).toEqual([
    2, 2.5, 4.96, 7,
  ])
})

it("sets figures to the right", () => {
  expect(
    toTable([
      ["", "ms"],
      ["one", "5"],
      ["three", "1,000"],
    ]),
  ).toBe("          ms\none        5\nthree  1,000")
})

it("pnpm bench relay brings every chunk through every way", () => {
  const words = ["run", "--silent", "bench", "relay", "--chunks", "50", "--runs", "1", "--json"]
  const { stdout } = spawnSync("pnpm", words, { cwd: root, encoding: "utf8" })
  const { ways, chunks, ratio, grown, rounds } = JSON.parse(stdout)
  expect(chunks).toBe(50)
  expect(ratio).toBeGreaterThan(0)
  expect(Number.isInteger(grown)).toBe(true)
  for (const { p50Ms, p99Ms } of [rounds.bare, rounds.steps, rounds.server]) {
    expect(p50Ms).toBeGreaterThan(0)
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms)
  }
  expect(Object.keys(ways)).toEqual(["pipe", "bare", "core", "server"])
  for (const { firstMs, lastMs, p99Ms } of Object.values<Record<string, number>>(ways)) {
    expect(lastMs).toBeGreaterThanOrEqual(firstMs ?? 0)
    expect(p99Ms).toBeGreaterThan(0)
  }
})

it("pnpm bench restart lists what was written", () => {
  const words = ["run", "--silent", "bench", "restart", "--sessions", "20", "--runs", "1", "--json"]
  const { stdout } = spawnSync("pnpm", words, { cwd: root, encoding: "utf8" })
  const { sessions, events, healthMs, listMs } = JSON.parse(stdout)
  expect([sessions, events]).toEqual([20, 2000])
  expect(healthMs).toBeGreaterThan(0)
  expect(listMs).toBeGreaterThan(0)
})

it("pnpm bench policy judges by all rules", () => {
  const words = ["run", "--silent", "bench", "policy", "--runs", "1", "--json"]
  const { stdout } = spawnSync("pnpm", words, { cwd: root, encoding: "utf8" })
  const { p50us, p99us, simulateMs } = JSON.parse(stdout)
  expect(p50us).toBeGreaterThan(0)
  expect(p99us).toBeGreaterThanOrEqual(p50us)
  expect(simulateMs).toBeGreaterThan(0)
})

it("pnpm bench stall asks for all that is heavy, and gets the answers that it has to", () => {
  const words = ["run", "--silent", "bench", "stall", "--sessions", "50", "--runs", "1", "--json"]
  const { stdout } = spawnSync("pnpm", words, { cwd: root, encoding: "utf8" })
  const { waits } = JSON.parse(stdout)
  expect(waits.length).toBeGreaterThan(10)
  for (const { longestMs } of waits) expect(longestMs).toBeGreaterThan(0)
})

it("pnpm bench start says how long the server needs, and pnpm bench what there is", () => {
  const run = (...words: readonly string[]) =>
    spawnSync("pnpm", ["run", "--silent", "bench", ...words], { cwd: root, encoding: "utf8" })
  const { healthMs, nodeMs } = JSON.parse(run("start", "--runs", "1", "--json").stdout)
  expect(healthMs).toBeGreaterThan(nodeMs)
  expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining("relay") })
  expect(run("relay", "--runs", "many")).toMatchObject({ status: 2, stdout: "" })
})
