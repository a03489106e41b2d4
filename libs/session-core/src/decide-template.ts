import { builtInTemplate } from "./built-in-templates.ts"
import { canonical } from "./canonical.ts"
import type { TemplateFields } from "./events.ts"
import { SessionError } from "./session-error.ts"
import type { SystemChange } from "./system-change.ts"
import type { Template } from "./template.ts"
import { type TemplateCounts, templateCount } from "./template-counts.ts"

/** A template is to be made, to be another one, or to be gone. */
export type TemplateWish =
  | {
      readonly type: "create-template"
      readonly templateId: string
      readonly owner: { readonly tenantId: string; readonly userId: string }
      readonly template: TemplateFields
    }
  | (TemplateAim & { readonly type: "update-template"; readonly template: TemplateFields })
  | (TemplateAim & { readonly type: "delete-template" })

interface TemplateAim {
  readonly templateId: string
  /** As the log has it. */
  readonly present: Template | undefined
  /** The version that was read; absent: whichever there is. */
  readonly ifVersion: number | undefined
}

/** How many a tenant may have. */
const MOST_TEMPLATES = 1000

/** What follows, or why it is refused (spec/rest.md, Operations). Pure. */
export function decideTemplate(counts: TemplateCounts, wish: TemplateWish): SystemChange | SessionError | undefined {
  if (wish.type !== "create-template") return change(wish)
  const { templateId, owner, template } = wish
  if (templateCount(counts, owner.tenantId) >= MOST_TEMPLATES)
    return new SessionError(
      "too-many-templates",
      `There are ${MOST_TEMPLATES} templates, and no more may be: delete some.`,
    )
  return { type: "template.created", data: { templateId, ...owner, version: 1, template } }
}

function change(wish: Exclude<TemplateWish, { readonly type: "create-template" }>) {
  const { templateId, present, ifVersion } = wish
  if (builtInTemplate(templateId))
    return new SessionError("template-built-in", `The template ${templateId} is built in: make another one like it.`)
  if (!present) return new SessionError("template-not-found", `There is no template ${templateId}.`)
  const { tenantId, userId, version } = present
  if (ifVersion !== undefined && ifVersion !== version)
    return new SessionError(
      "version-mismatch",
      `The template is at version ${version}, and not at ${ifVersion}: read it again, and decide anew.`,
    )
  const name = { templateId, tenantId, userId }
  if (wish.type === "delete-template") return { type: "template.deleted", data: { ...name, version } } as const
  if (canonical(wish.template) === canonical(present.template)) return undefined
  return { type: "template.updated", data: { ...name, version: version + 1, template: wish.template } } as const
}
