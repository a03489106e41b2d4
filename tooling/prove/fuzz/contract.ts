import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import addFormats from "ajv-formats"

/** A JSON schema, as far as the document uses it. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
}

export interface Parameter {
  readonly name: string
  readonly in: "path" | "query" | "header"
  readonly required?: boolean
  readonly schema: Schema
}

/** An operation as the running server's document describes it. */
export interface Operation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly permission: string
  readonly parameters: readonly Parameter[]
  readonly body: Schema | undefined
  readonly isBodyRequired: boolean
  /** The statuses that it may be answered with. */
  readonly statuses: ReadonlySet<number>
  /** The media types of its answers that are not JSON. */
  readonly otherTypes: ReadonlySet<string>
}

/** The promise that answers are held against. */
export class Contract {
  readonly operations: readonly Operation[]
  readonly #document: Document
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false })
  readonly #validators = new Map<string, ValidateFunction | undefined>()

  constructor(document: Document) {
    this.#document = document
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => toOperation(path, method, operation)),
    )
    addFormats.default(this.#ajv)
    this.#ajv.addSchema(document, "contract")
  }

  /** What stands behind a reference. */
  resolve(schema: Schema): Schema {
    const name = schema.$ref?.replace("#/components/schemas/", "")
    return name === undefined ? schema : (this.#document.components.schemas[name] ?? {})
  }

  /** Why the body is not what the document says of such an answer; undefined: it is. */
  refusalOfAnswer({ path, method }: Operation, status: number, body: unknown): string | undefined {
    const place = ["paths", path, method.toLowerCase(), "responses", String(status), "content", "application/json"]
    return this.#refusal([...place, "schema"], body)
  }

  refusalOfProblem(body: unknown) {
    return this.#refusal(["components", "schemas", "Problem"], body)
  }

  /** The same of a request's body. */
  refusalOfBody({ path, method }: Operation, body: unknown): string | undefined {
    return this.#refusal(
      ["paths", path, method.toLowerCase(), "requestBody", "content", "application/json", "schema"],
      body,
    )
  }

  #refusal(place: readonly string[], body: unknown) {
    const pointer = place.map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")
    if (!this.#validators.has(pointer)) {
      const ref = `contract#/${encodeURI(pointer)}`
      this.#validators.set(pointer, this.#ajv.compile({ $ref: ref }))
    }
    const validate = this.#validators.get(pointer)
    if (validate === undefined || validate(body)) return undefined
    return this.#ajv.errorsText(validate.errors, { dataVar: "body" })
  }
}

/** What is read of the document. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface DocumentOperation {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly required?: boolean
    readonly content: { readonly "application/json": { readonly schema: Schema } }
  }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>
  readonly "x-aegis-permission": string
}

function toOperation(path: string, method: string, operation: DocumentOperation): Operation {
  const { operationId, parameters = [], requestBody, responses } = operation
  return {
    operationId,
    method: method.toUpperCase(),
    path,
    permission: operation["x-aegis-permission"],
    parameters,
    body: requestBody?.content["application/json"].schema,
    isBodyRequired: requestBody?.required ?? false,
    statuses: new Set(Object.keys(responses).map(Number)),
    otherTypes: new Set(
      Object.values(responses)
        .flatMap(({ content = {} }) => Object.keys(content))
        .filter((type) => !type.includes("json") || type === "application/x-ndjson"),
    ),
  }
}
