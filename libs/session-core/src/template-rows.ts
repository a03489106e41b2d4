import type { Row, RowOperation, Table } from "@aegis/event-log"
import type { AegisEvent, SystemEvent } from "./events.ts"

/** A row a template of somebody's. */
export const templatesTable = {
  name: "templates",
  columns: {
    templateId: "text",
    tenantId: "text",
    userId: "text",
    createdSeq: "integer",
    version: "integer",
    template: "json",
    createdAt: "text",
    updatedAt: "text",
  },
  key: ["templateId"],
  indexes: [["tenantId", "createdSeq"]],
} as const satisfies Table

export type TemplateRow = Row<typeof templatesTable>
export type TemplateEvent = Extract<SystemEvent, { readonly type: `template.${string}` }>

export function isTemplateEvent<E extends AegisEvent>(event: E): event is E & TemplateEvent {
  return event.type.startsWith("template.")
}

export function templateOperation({ type, at, seq, data }: TemplateEvent & { readonly seq: number }): RowOperation {
  const { templateId, tenantId, userId, version } = data
  const key = { templateId }
  switch (type) {
    case "template.created": {
      const row = {
        templateId,
        tenantId,
        userId,
        createdSeq: seq,
        version,
        template: data.template,
        createdAt: at,
        updatedAt: at,
      }
      return { type: "put", table: templatesTable, row }
    }
    case "template.updated":
      return { type: "patch", table: templatesTable, key, columns: { version, template: data.template, updatedAt: at } }
    case "template.deleted":
      return { type: "delete", table: templatesTable, key }
  }
}
