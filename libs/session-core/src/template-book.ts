import type { AegisParts } from "./aegis-parts.ts"
import { boundedPage } from "./bounded-page.ts"
import { builtInIds, builtInTemplate } from "./built-in-templates.ts"
import type { Caller } from "./caller.ts"
import type { CommandExecutor } from "./command-executor.ts"
import type { SystemEvent, TemplateFields } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { SessionError } from "./session-error.ts"
import type { BuiltInTemplate, Template } from "./template.ts"
import { isTemplateEvent, type TemplateRow, templatesTable } from "./template-rows.ts"

export interface TemplatePageQuery {
  readonly tenantId: string
  readonly userId?: string | undefined
  /** `next` of the page before. */
  readonly after?: number | undefined
  readonly limit: number
}

/** Templates, as the log has them. Who may see and change which is decided at the door. */
export class TemplateBook {
  readonly #parts: Pick<AegisParts, "log" | "newId">
  readonly #executor: CommandExecutor

  constructor(parts: Pick<AegisParts, "log" | "newId">, executor: CommandExecutor) {
    this.#parts = parts
    this.#executor = executor
  }

  /** Rejects with `too-many-templates`. */
  async create({ actor, owner, idempotency }: Caller, template: TemplateFields): Promise<Template> {
    const templateId = this.#parts.newId()
    const wish = { type: "create-template", templateId, owner, template } as const
    const events = await this.#executor.executeSystem(wish, { actor, idempotency })
    return this.get(changedId(events) ?? templateId)
  }

  /** Undefined: there is none of that id, or it is built in. */
  async find(templateId: string): Promise<Template | undefined> {
    const [row] = await this.#parts.log.rows(templatesTable, { where: { templateId } })
    return row && toTemplate(row)
  }

  /** Rejects with `template-not-found`. */
  async get(templateId: string): Promise<Template> {
    const found = await this.find(templateId)
    if (found) return found
    throw new SessionError("template-not-found", `There is no template ${templateId}.`)
  }

  /** Those that come with Aegis, too. */
  builtIn(templateId: string): BuiltInTemplate | undefined {
    const template = builtInTemplate(templateId)
    return template && { templateId, version: 1, template }
  }

  allBuiltIn(): readonly BuiltInTemplate[] {
    return builtInIds.flatMap((templateId) => this.builtIn(templateId) ?? [])
  }

  /** Rejects with `template-not-found`, `template-built-in` and `version-mismatch`. */
  async update(
    { actor, idempotency }: Caller,
    templateId: string,
    { template, ifVersion }: { readonly template: TemplateFields; readonly ifVersion?: number | undefined },
  ): Promise<Template> {
    const wish = async () =>
      ({ type: "update-template", templateId, template, ifVersion, present: await this.find(templateId) }) as const
    await this.#executor.executeSystem(wish, { actor, idempotency })
    return this.get(templateId)
  }

  /** Rejects as `update`. */
  async delete(
    { actor, idempotency }: Caller,
    templateId: string,
    { ifVersion }: { readonly ifVersion?: number | undefined } = {},
  ) {
    const wish = async () =>
      ({ type: "delete-template", templateId, ifVersion, present: await this.find(templateId) }) as const
    await this.#executor.executeSystem(wish, { actor, idempotency })
  }

  /** Newest first, without those that are built in. `next`: where there is more. */
  async list({ tenantId, userId, after, limit }: TemplatePageQuery) {
    const whose = { tenantId, ...withoutUndefined({ userId }) }
    const { items, hasMore } = await boundedPage({
      limit,
      read: (last: TemplateRow | undefined, most) => {
        const before = last?.createdSeq ?? after
        const where = { ...whose, ...(before === undefined ? {} : { createdSeq: { lt: before } }) }
        return this.#parts.log.rows(templatesTable, { where, order: [["createdSeq", "desc"]], limit: most })
      },
      toItem: (row) => row,
      lengthOf: ({ template }) => JSON.stringify(template).length,
    })
    return { templates: items.map(toTemplate), next: hasMore ? items.at(-1)?.createdSeq : undefined }
  }
}

function changedId(events: readonly SystemEvent[]) {
  return events.find(isTemplateEvent)?.data.templateId
}

// JSON columns hold what the projection put there: the event's own fields.
function toTemplate({ createdSeq: _createdSeq, template, ...row }: TemplateRow): Template {
  return { ...row, template: template as TemplateFields }
}
