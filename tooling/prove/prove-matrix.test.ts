import { expect, it } from "vitest"
import { proveInShort } from "./prove-in-short.ts"
import { checkMatrix, proveMatrix } from "./prove-matrix.ts"

it("pnpm prove matrix, in short: every credential may do what the specification says", async () => {
  await proveInShort(proveMatrix)
}, 300_000)

it("a server that shares more than it should is found, through every door", async () => {
  const { problems } = await checkMatrix({
    served: "tenant",
    expected: "owner",
    isFull: false,
    only: ["operator", "only audit.read"],
    print: () => undefined,
  })
  for (const way of [
    "REST, operator: getSession colleague",
    "WebSocket, operator: subscribe colleague",
    "MCP, operator: get_status colleague",
    "only audit.read: the trail has the session of colleague",
  ])
    expect(problems.some((problem) => problem.startsWith(way))).toBe(true)
  // What a colleague has is all that it is wrong about.
  expect(problems.filter((problem) => !problem.includes("colleague"))).toEqual([])
}, 300_000)
