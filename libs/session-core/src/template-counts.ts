import type { TemplateEvent } from "./template-rows.ts"

/** How many templates each tenant has. Survives JSON. */
export type TemplateCounts = Readonly<Record<string, number>>

export function templateCount(counts: TemplateCounts, tenantId: string) {
  return (Object.hasOwn(counts, tenantId) ? counts[tenantId] : undefined) ?? 0
}

/** Pure. */
export function countTemplates(counts: TemplateCounts, { type, data }: TemplateEvent): TemplateCounts {
  if (type === "template.updated") return counts
  const count = templateCount(counts, data.tenantId) + (type === "template.created" ? 1 : -1)
  return { ...counts, [data.tenantId]: count }
}
