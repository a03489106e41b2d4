import { readFileSync } from "node:fs"
import { AccessMarkSchema } from "@aegis/policy/schema"
import { describe, expect, it } from "vitest"
import { type OperationId, operations, permissionOf, toDocument } from "../src/index.ts"

interface DocumentedOperation {
  readonly operationId: string
  readonly summary: string
  readonly responses: Record<string, { description: string }>
  readonly parameters?: readonly { readonly in: string }[]
  readonly requestBody?: object
  readonly "x-aegis-permission": string
  readonly "x-aegis-audit": string
}

const document = toDocument("0.0.0")
const documented = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path) as DocumentedOperation[])

describe("the contract", () => {
  it("is the committed file", () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
    expect(JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"))).toEqual(
      JSON.parse(JSON.stringify(toDocument(version))),
    )
  })

  it("documents every operation under its own id, with summary, permission, audit mark and answers", () => {
    expect(documented.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(operations).toSorted())
    for (const [id, operation] of Object.entries(operations)) expect(operation.operationId).toBe(id)
    for (const operation of documented) {
      expect(operation.summary).not.toBe("")
      expect(AccessMarkSchema.options.some((marks) => marks.safeParse(operation["x-aegis-permission"]).success)).toBe(
        true,
      )
      expect(operation["x-aegis-audit"]).toMatch(/^(none|[a-z_]+[.][a-z_]+)$/)
      expect(Object.keys(operation.responses)[0]).toMatch(/^20/)
    }
  })

  it("says of what can be wrong with a request that it is refused", () => {
    const mayBeWrong = documented.filter(
      ({ parameters = [], requestBody }) => requestBody || parameters.some((parameter) => parameter.in !== "path"),
    )
    const silent = mayBeWrong.filter(({ responses }) => !("400" in responses))
    expect([mayBeWrong.length > 50, silent.map(({ operationId }) => operationId)]).toEqual([true, []])
  })

  it("has exactly two public operations", () => {
    const isPublic = (id: string) => permissionOf(operations[id as OperationId]) === "public"
    expect(Object.keys(operations).filter(isPublic).toSorted()).toEqual(["exchangeLoginCode", "getHealth"])
  })

  it("leaves an audit mark with every write, and with the one read that takes the trail away", () => {
    for (const operation of Object.values(operations)) {
      const writesNothing = [
        "verifyToken",
        "createSseToken",
        "verifyAudit",
        "checkPolicy",
        "simulatePolicy",
        "negotiateHandshake",
        "discoverCommands",
      ]
      const isTold =
        operation.operationId === "exportAudit" ||
        (operation.method !== "get" && !writesNothing.includes(operation.operationId))
      expect([
        operation.operationId,
        (operation as unknown as Record<string, string>)["x-aegis-audit"] !== "none",
      ]).toEqual([operation.operationId, isTold])
    }
  })

  it("accepts only the fields that it honours", () => {
    const { schema } = operations.createSession.request.body.content["application/json"]
    expect(schema.safeParse({ workDir: "/tmp" }).success).toBe(true)
    expect(schema.safeParse({}).success).toBe(false)
    expect(schema.safeParse({ template: "ci-runner" }).success).toBe(true)
    expect(schema.safeParse({ workDir: "/tmp", variables: { a: "b" } }).success).toBe(false)
    expect(schema.safeParse({ workDir: "/tmp", isolation: "docker" }).success).toBe(false)
    expect(schema.safeParse({ workDir: "/tmp", prompt: "x".repeat(100_001) }).success).toBe(false)
    const send = operations.sendMessage.request.body.content["application/json"].schema
    expect(send.safeParse({ text: "a", content: [{ type: "text" }] }).success).toBe(false)
    expect(send.safeParse({}).success).toBe(false)
  })
})
