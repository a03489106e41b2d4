import { expect, it } from "vitest"
import { decideTemplate, type TemplateWish } from "../src/decide-template.ts"
import { SessionError } from "../src/session-error.ts"
import { countTemplates, type TemplateCounts } from "../src/template-counts.ts"
import type { TemplateEvent } from "../src/template-rows.ts"

const actor = { kind: "key", id: "k", via: "test" } as const
const owner = { tenantId: "t", userId: "ada" }
const template = { name: "one" }
const present = { templateId: "x", version: 3, template, ...owner, createdAt: "", updatedAt: "" }

/** Plays wishes, and gives the code of a refusal or the type of what came of each. */
function play() {
  let counts: TemplateCounts = {}
  return (wish: TemplateWish) => {
    const change = decideTemplate(counts, wish)
    if (change === undefined) return undefined
    if (SessionError.is(change)) return change.code
    counts = countTemplates(counts, { at: "", actor, ...change } as TemplateEvent)
    return change.type
  }
}

it("a tenant has 1,000 at most, and others have theirs", () => {
  const wish = play()
  const create = { type: "create-template", templateId: "x", owner, template } as const
  for (let index = 0; index < 1000; index += 1) expect(wish(create)).toBe("template.created")
  expect(wish(create)).toBe("too-many-templates")
  expect(wish({ ...create, owner: { tenantId: "u", userId: "eve" } })).toBe("template.created")
  const change = { templateId: "x", present, ifVersion: undefined }
  expect(wish({ ...change, type: "update-template", template: { name: "other" } })).toBe("template.updated")
  expect(wish(create)).toBe("too-many-templates")
  expect(wish({ ...change, type: "delete-template" })).toBe("template.deleted")
  expect(wish(create)).toBe("template.created")
})

it("what is as it was leads to nothing, and what was another version to a refusal", () => {
  const wish = play()
  const update = { type: "update-template", templateId: "x", present, ifVersion: 3 } as const
  expect(wish({ ...update, template: { name: "one" } })).toBeUndefined()
  expect(wish({ ...update, template, ifVersion: 2 })).toBe("version-mismatch")
  expect(wish({ ...update, template, present: undefined })).toBe("template-not-found")
  expect(wish({ ...update, template, templateId: "ci-runner", present: undefined })).toBe("template-built-in")
})
