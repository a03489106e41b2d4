import { operations } from "@aegis/openapi-contract"
import type { PermissionMode } from "@aegis/policy"
import { type BuiltInTemplate, type Template, variablesOf } from "@aegis/session-core"
import { etagOf, versionOf } from "./etag.ts"
import { guarded } from "./guarded.ts"
import { type App, audienceOfCaller, callerOf, type RouteParts } from "./routes.ts"

/** After all of one's own come those that are built in. */
const BUILT_IN = "0"

/** Routes of what sessions can be begun with. */
export function addTemplateRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.createTemplate, parts), async (context) => {
    const made = await aegis.templates.create(callerOf(context), context.req.valid("json"))
    return context.json(toWire(made), 201, etagOf(made))
  })

  app.openapi(guarded(operations.listTemplates, parts), async (context) => {
    const { limit, after } = context.req.valid("query")
    const { tenantId, userId } = audienceOfCaller(context, parts)
    const query = { tenantId, userId, limit, ...(after === undefined ? {} : { after: Number(after) }) }
    const page = after === BUILT_IN ? { templates: [], next: undefined } : await aegis.templates.list(query)
    const items = page.templates.map(toWire)
    if (page.next !== undefined) return context.json({ items, nextCursor: String(page.next) }, 200)
    const builtIn = aegis.templates.allBuiltIn().map(toWire)
    const hasRoom = items.length + builtIn.length <= limit || after === BUILT_IN
    return context.json(hasRoom ? { items: [...items, ...builtIn] } : { items, nextCursor: BUILT_IN }, 200)
  })

  app.openapi(guarded(operations.getTemplate, parts), async (context) => {
    const found = await anyTemplate(context.req.valid("param").id, parts)
    return context.json(toWire(found), 200, etagOf(found))
  })

  app.openapi(guarded(operations.updateTemplate, parts), async (context) => {
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    const wish = { template: context.req.valid("json"), ifVersion }
    const changed = await aegis.templates.update(callerOf(context), context.req.valid("param").id, wish)
    return context.json(toWire(changed), 200, etagOf(changed))
  })

  app.openapi(guarded(operations.deleteTemplate, parts), async (context) => {
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    await aegis.templates.delete(callerOf(context), context.req.valid("param").id, { ifVersion })
    return context.json({ ok: true as const }, 200)
  })
}

/** Somebody's, or one that is built in. Rejects with `template-not-found`. */
export async function anyTemplate(
  templateId: string,
  { aegis: { templates } }: Pick<RouteParts, "aegis">,
): Promise<Template | BuiltInTemplate> {
  return templates.builtIn(templateId) ?? (await templates.get(templateId))
}

function toWire({ templateId, version, template, ...of }: Template | BuiltInTemplate) {
  const { permissionMode, labels, ...fields } = template
  return {
    id: templateId,
    ...fields,
    ...(permissionMode === undefined ? {} : { permissionMode: permissionMode as PermissionMode }),
    ...(labels === undefined ? {} : { labels: { ...labels } }),
    variables: variablesOf(template).map((variable) => ({ ...variable })),
    builtIn: !("userId" in of),
    version,
    ...("userId" in of ? { owner: of.userId, createdAt: of.createdAt, updatedAt: of.updatedAt } : {}),
  }
}
