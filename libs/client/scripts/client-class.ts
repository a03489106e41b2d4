/** The part of an OpenAPI document that the class is made from. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
}

interface DocumentedOperation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly required?: boolean }
  readonly "x-aegis-permission"?: string
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>
}

/** A class with a method per operation: path parameters first, then body or query, then what every call takes. */
export function clientClass({ paths }: OpenApiDocument) {
  const operations = Object.values(paths)
    .flatMap((path) => Object.values(path))
    // Hooks are told with a secret of their own, which no client has.
    .filter((operation) => !isStream(operation) && operation["x-aegis-permission"] !== "hook")
  const names = operations.map(({ operationId }) => operationId)
  const types = names.flatMap((name) => [`${upper(name)}Data`, `${upper(name)}Responses`])
  return `// Generated from the contract by scripts/generate.ts.

import { type CallOptions, Caller, type ReplaceOptions, type WriteOptions } from "../caller.ts"
import { ${names.join(", ")} } from "./sdk.gen.ts"
import type { ${types.join(", ")} } from "./types.gen.ts"

/** Every operation of the contract as a method; a problem is thrown as AegisProblem. */
export class Operations extends Caller {
${operations.map(method).join("\n\n")}
}
`
}

const optionsOf = { request: "CallOptions", write: "WriteOptions", replace: "ReplaceOptions" } as const

function method({ operationId, summary, parameters = [], requestBody, responses }: DocumentedOperation) {
  const type = upper(operationId)
  const path = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name)
  const answer = answerOf(responses)
  const has = (header: string) => parameters.some(({ name }) => name === header)
  const kind = has("If-Match") ? "replace" : has("Idempotency-Key") ? "write" : "request"
  const hasQuery = parameters.some((parameter) => parameter.in === "query")
  const given = [
    ...path.map((name) => `${name}: string`),
    ...(requestBody ? [`body${requestBody.required ? "" : "?"}: ${type}Data["body"]`] : []),
    ...(hasQuery ? [`query?: ${type}Data["query"]`] : []),
    `options?: ${optionsOf[kind]}`,
  ]
  const passed = [
    ...(path.length > 0 ? [`path: { ${path.join(", ")} }`] : []),
    ...(requestBody ? [requestBody.required ? "body" : "...(body === undefined ? {} : { body })"] : []),
    ...(hasQuery ? ["...(query === undefined ? {} : { query })"] : []),
    `...this.${kind}(options)`,
    ...(answer === "json" ? [] : [`parseAs: "${answer}"`]),
  ]
  return `  /** ${summary}. */
  ${operationId}(${given.join(", ")}): Promise<${answer === "stream" ? "ReadableStream<Uint8Array>" : `${type}Responses[keyof ${type}Responses]`}> {
    return this.${answer === "stream" ? "stream" : "call"}(${operationId}({ ${passed.join(", ")} }))
  }`
}

/** How an answer is read: lines and tables may be long, and come as they are made. */
function answerOf(responses: DocumentedOperation["responses"]) {
  const types = Object.keys(responses["200"]?.content ?? { "application/json": {} })
  if (types.some((type) => type === "application/x-ndjson" || type === "text/csv")) return "stream"
  return types.includes("text/plain") ? "text" : "json"
}

function isStream({ responses }: DocumentedOperation) {
  return Object.values(responses).some(({ content }) => content !== undefined && "text/event-stream" in content)
}

function upper(name: string) {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
