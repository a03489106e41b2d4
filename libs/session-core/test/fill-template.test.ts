import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fillTemplate, variablesOf } from "../src/fill-template.ts"
import { SessionError } from "../src/session-error.ts"

const template = {
  name: "t {{not}}",
  workDir: "/work/{{ folder }}",
  prompt: "On {{branch=main}}, mend {{what}}; {{branch}} and {{ not one }} {{1}} {{}} {what}.",
  labels: { team: "{{what}}" },
}

const refusalOf = (values: Record<string, string>) => {
  try {
    return fillTemplate(template, values)
  } catch (error) {
    return SessionError.is(error) ? [error.code, error.message] : error
  }
}

describe("a template", () => {
  it("leaves open what stands in double braces, each once", () => {
    expect(variablesOf(template)).toEqual([{ name: "folder" }, { name: "branch", default: "main" }, { name: "what" }])
    expect(variablesOf({ name: "{{a}}" })).toEqual([])
  })

  it("is filled in wherever that stands, and nowhere else", () => {
    expect(fillTemplate(template, { folder: "x", what: "it" })).toEqual({
      name: "t {{not}}",
      workDir: "/work/x",
      prompt: "On main, mend it; main and {{ not one }} {{1}} {{}} {what}.",
      labels: { team: "it" },
    })
    expect(fillTemplate(template, { folder: "", what: "$& {{folder}}", branch: "b" })).toMatchObject({
      workDir: "/work/",
      prompt: expect.stringContaining("On b, mend $& {{folder}}; b and"),
    })
  })

  it("says what is missing, and what it does not have", () => {
    expect(refusalOf({ folder: "x" })).toEqual([
      "template-variables",
      "The template needs a value for what. It has: folder, branch, what.",
    ])
    expect(refusalOf({ folder: "x", what: "y", waht: "z", __proto__: "p" })).toMatchObject([
      "template-variables",
      expect.stringContaining("has no variable waht."),
    ])
    expect(() => fillTemplate({ name: "n" }, { a: "b" })).toThrow("The template has no variable a. It has none.")
  })

  it("is not filled in where it would be longer than any prompt", () => {
    const many = { name: "n", prompt: "{{a}}".repeat(20_000) }
    expect(() => fillTemplate(many, { a: "x".repeat(100_000) })).toThrow(/comes to more than 100,000 characters/)
    expect(fillTemplate(many, { a: "xxxxx" }).prompt).toHaveLength(100_000)
    expect(() => fillTemplate(many, { a: "xxxxxx" })).toThrow(/comes to more/)
  })

  it("takes every value as it is, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const filled = fillTemplate({ name: "n", prompt: "<{{a}}|{{b}}|{{a}}>" }, { a: one, b: other })
        expect(filled.prompt).toBe(`<${one}|${other}|${one}>`)
      }),
    )
  })
})
