/** The part of an OpenAPI document that the client is made from. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export interface DocumentedOperation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly "x-aegis-permission"?: string
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: Schema
}

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly enum?: readonly (string | number | boolean)[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly description?: string
}

/** An operation with where it is. */
export interface PlacedOperation extends DocumentedOperation {
  readonly method: string
  readonly path: string
}

/** What becomes a method: streams are read by hand-written code, and hooks are told with a secret that no client has. */
export function methodsOf({ paths }: OpenApiDocument): readonly PlacedOperation[] {
  return Object.entries(paths)
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
    )
    .filter((operation) => !isStream(operation) && operation["x-aegis-permission"] !== "hook")
}

function isStream({ responses }: DocumentedOperation) {
  return Object.values(responses).some(({ content }) => content !== undefined && "text/event-stream" in content)
}
