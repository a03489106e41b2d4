import type { TemplateFields } from "./events.ts"

/** What sessions can be begun with. */
export interface Template {
  readonly templateId: string
  readonly version: number
  readonly template: TemplateFields
  /** Whose it is. */
  readonly tenantId: string
  readonly userId: string
  /** ISO 8601 UTC. */
  readonly createdAt: string
  readonly updatedAt: string
}

/** A template that comes with Aegis and is nobody's. */
export type BuiltInTemplate = Pick<Template, "templateId" | "version" | "template">
