/** The part of the contract's document that tools are made from. */
export interface ContractDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, MarkedOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface MarkedOperation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: "path" | "query" | "header"
    readonly required?: boolean
    readonly description?: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } }
  readonly "x-aegis-mcp"?: string
}

type Schema = {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
} & Readonly<Record<string, unknown>>

interface Argument {
  readonly name: string
  readonly place: "path" | "query" | "body"
  /** Its name there. */
  readonly as: string
  readonly schema: Schema
  readonly isRequired: boolean
}

/** Arguments are named as the rest of MCP names them (spec/mcp.md). */
const names: Readonly<Record<string, string>> = { id: "sessionId", status: "state", before_id: "beforeId" }

const creates = ["workDir", "name", "prompt", "agent", "permissionMode", "model", "labels", "reuse"] as const

/** Where a tool takes less than its operation, or asks for more of it (spec/mcp.md, the table). */
const narrowed: Readonly<Record<string, { readonly takes: readonly string[]; readonly needs?: readonly string[] }>> = {
  send_message: { takes: ["sessionId", "text", "whenBusy"], needs: ["text"] },
  send_command: { takes: ["sessionId", "command"] },
  create_session: { takes: creates },
  approve_permission: { takes: ["sessionId", "approvalId", "digest", "remember"] },
  reject_permission: { takes: ["sessionId", "approvalId", "reason"] },
}

/** The same of what is in its lists. */
const narrowedItems: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  batch_create_sessions: { sessions: creates },
}

/** Deciding for a person, and ending something for good. */
const destructive = new Set(["approve_permission", "kill_session"])

/** A tool for each operation that is marked as one, in the document's order. */
export function toolsOf(document: ContractDocument) {
  return Object.values(document.paths)
    .flatMap((path) => Object.entries(path))
    .flatMap(([method, operation]) => {
      const name = operation["x-aegis-mcp"]
      return name === undefined ? [] : [toTool(name, { method, operation, document })]
    })
}

function toTool(
  name: string,
  {
    method,
    operation,
    document,
  }: { readonly method: string; readonly operation: MarkedOperation; readonly document: ContractDocument },
) {
  const { takes, needs = [] } = narrowed[name] ?? {}
  const all = argumentsOf(operation, document)
  const used = takes === undefined ? all : takes.map((wanted) => all.find((each) => each.name === wanted))
  if (used.includes(undefined)) throw new Error(`${name} takes an argument that ${operation.operationId} has not.`)
  const given = used.flatMap((each) => each ?? [])
  const required = given.filter((each) => each.isRequired || needs.includes(each.name)).map((each) => each.name)
  return {
    name,
    title: operation.summary,
    description: [operation.summary, operation.description].filter((text) => text !== undefined).join(". "),
    operation: operation.operationId,
    inputSchema: {
      type: "object",
      properties: Object.fromEntries(
        given.map((each) => [each.name, withItems(each.schema, narrowedItems[name]?.[each.name])]),
      ),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    },
    arguments: Object.fromEntries(given.map((each) => [each.name, { place: each.place, as: each.as }])),
    annotations: {
      readOnlyHint: method === "get",
      destructiveHint: destructive.has(name),
      idempotentHint: method === "get" || method === "delete",
      openWorldHint: method === "post",
    },
  }
}

function argumentsOf({ parameters = [], requestBody }: MarkedOperation, document: ContractDocument): Argument[] {
  const { properties = {}, required = [] } = inlined(requestBody?.content["application/json"].schema ?? {}, document)
  return [
    // Headers are the client's matter, not the model's.
    ...parameters.flatMap(({ name, in: place, schema, description, required: isRequired = false }) =>
      place === "header"
        ? []
        : [
            {
              name: names[name] ?? name,
              place,
              as: name,
              schema: inlined(description === undefined ? schema : { ...schema, description }, document),
              isRequired,
            },
          ],
    ),
    ...Object.entries(properties).map(([name, schema]) => ({
      name,
      place: "body" as const,
      as: name,
      schema: inlined(schema, document),
      isRequired: required.includes(name),
    })),
  ]
}

/** Without references: a tool's schema stands alone. */
function inlined(schema: Schema, document: ContractDocument): Schema {
  const { $ref, example: _, ...rest } = schema
  const target = $ref === undefined ? {} : document.components.schemas[$ref.split("/").at(-1) ?? ""]
  if (target === undefined) throw new Error(`There is no ${$ref}.`)
  const whole: Schema = { ...target, ...rest }
  return whole.items ? { ...whole, items: inlined(whole.items, document) } : whole
}

/** With only these properties of its items. */
function withItems(schema: Schema, takes: readonly string[] | undefined): Schema {
  if (schema.items === undefined || takes === undefined) return schema
  const { properties = {}, required = [], ...items } = schema.items
  const taken = Object.entries(properties).filter(([name]) => takes.includes(name))
  return {
    ...schema,
    items: {
      ...items,
      properties: Object.fromEntries(taken),
      required: required.filter((name) => takes.includes(name)),
    },
  }
}
