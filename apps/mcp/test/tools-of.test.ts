import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { type ContractDocument, toolsOf } from "../scripts/tools-of.ts"

const contract = new URL("../../../libs/openapi-contract/openapi.json", import.meta.url)
const document = JSON.parse(readFileSync(contract, "utf8")) as ContractDocument

describe("the tools of the contract", () => {
  it("are the operations that are marked as one, and no other", () => {
    const marked = Object.values(document.paths)
      .flatMap((path) => Object.values(path))
      .flatMap((operation) => operation["x-aegis-mcp"] ?? [])
    expect(toolsOf(document).map(({ name }) => name)).toEqual(marked)
    expect(marked.length).toBeGreaterThanOrEqual(7)
  })

  it("name their arguments as MCP does, and know where the operation takes them", () => {
    const tool = toolsOf(document).find(({ name }) => name === "get_transcript")
    expect(tool).toMatchObject({
      operation: "getTranscriptCursor",
      inputSchema: { required: ["sessionId"], additionalProperties: false },
      arguments: {
        sessionId: { place: "path", as: "id" },
        beforeId: { place: "query", as: "before_id" },
        limit: { place: "query", as: "limit" },
      },
    })
  })

  it("stand alone, without a reference", () => {
    expect(JSON.stringify(toolsOf(document))).not.toContain("$ref")
  })

  it("say what they may do", () => {
    const hints = Object.fromEntries(toolsOf(document).map(({ name, annotations }) => [name, annotations]))
    expect(hints.get_status).toMatchObject({ readOnlyHint: true, destructiveHint: false })
    expect(hints.approve_permission).toMatchObject({ readOnlyHint: false, destructiveHint: true })
    expect(hints.kill_session).toMatchObject({ destructiveHint: true, idempotentHint: true })
  })

  it("cannot take what their operation has not", () => {
    const paths = { "/x": { post: { operationId: "send", summary: "Send", "x-aegis-mcp": "send_message" } } }
    expect(() => toolsOf({ paths, components: { schemas: {} } })).toThrow(/send_message takes an argument/)
  })
})
