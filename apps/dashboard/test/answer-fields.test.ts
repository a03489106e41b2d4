import { describe, expect, it } from "vitest"
import { answerContent, answerFields } from "../src/parts/answer-fields.ts"

const schema = {
  type: "object",
  required: ["colour"],
  properties: {
    colour: { type: "string", title: "Colour", oneOf: [{ const: "r", title: "Red" }, { const: "b" }] },
    sizes: { type: "array", items: { type: "string", enum: ["s", "l"], enumNames: ["Small", "Large"] } },
    count: { type: "integer", description: "How many" },
    sure: { type: "boolean" },
    other: { type: "string" },
  },
}

function form(...entries: readonly (readonly [string, string])[]) {
  const data = new FormData()
  for (const [name, value] of entries) data.append(name, value)
  return data
}

describe("an agent's question", () => {
  it("becomes fields in the schema's order", () => {
    expect(answerFields(schema)).toEqual([
      {
        name: "colour",
        label: "Colour",
        isRequired: true,
        input: {
          type: "choice",
          many: false,
          choices: [
            { value: "r", label: "Red" },
            { value: "b", label: "b" },
          ],
        },
      },
      {
        name: "sizes",
        label: "sizes",
        isRequired: false,
        input: {
          type: "choice",
          many: true,
          choices: [
            { value: "s", label: "Small" },
            { value: "l", label: "Large" },
          ],
        },
      },
      { name: "count", label: "count", hint: "How many", isRequired: false, input: { type: "number" } },
      { name: "sure", label: "sure", isRequired: false, input: { type: "boolean" } },
      { name: "other", label: "other", isRequired: false, input: { type: "text" } },
    ])
    expect(answerFields({})).toEqual([])
  })

  it("is answered with values of the schema's types; what was left empty is left out", () => {
    const fields = answerFields(schema)
    const filled = form(["colour", "r"], ["sizes", "s"], ["sizes", "l"], ["count", "3"], ["sure", "on"], ["other", " "])
    expect(answerContent(fields, filled)).toEqual({ colour: "r", sizes: ["s", "l"], count: 3, sure: true })
    expect(answerContent(fields, form())).toEqual({ sure: false })
  })
})
