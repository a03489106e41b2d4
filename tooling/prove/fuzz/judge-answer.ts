import type { Canaries, Viewer } from "./canaries.ts"
import type { Contract, Operation } from "./contract.ts"
import type { TellFinder } from "./find-tells.ts"
import type { Body } from "./twisted-body.ts"
import type { Answer } from "./wire.ts"

export interface AskedFor {
  /** Undefined: it leads to no operation. */
  readonly operation: Operation | undefined
  readonly method: string
  readonly body: Body | undefined
}

/** What answers are held against. */
export interface Measure {
  readonly contract: Contract
  readonly canaries: Canaries
  readonly tells: TellFinder
}

/** Refusals that every operation has, whatever its document says: of its connection, its address, its media type, its size. */
const GENERAL = new Set([401, 403, 404, 405, 413, 415, 421, 429])

/** What is wrong with an answer, whatever was asked; each as a line. */
export function judgeAnswer(
  asked: AskedFor,
  answer: Answer,
  { viewer, ...measure }: Measure & { readonly viewer: Viewer },
) {
  return [
    ...judgeStatus(asked, answer),
    ...judgeHeaders(answer),
    ...(asked.method === "HEAD" ? [] : judgeBody(asked, answer, measure)),
    ...judgeLeaks(asked, answer, { viewer, ...measure }),
  ]
}

function judgeStatus({ operation, method }: AskedFor, { status, text }: Answer) {
  // It says so where there is no browser.
  const isMissing = status === 501 && operation?.statuses.has(status)
  if (status >= 500 && !isMissing) return [`is answered ${status} ${text.slice(0, 300)}`]
  if (operation === undefined || method !== operation.method) return []
  if (status < 400 ? operation.statuses.has(status) : operation.statuses.has(status) || GENERAL.has(status)) return []
  return [`is answered ${status}, which its document does not say: ${text.slice(0, 200)}`]
}

function judgeHeaders({ headers }: Answer) {
  const missing = [
    "x-request-id",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "content-security-policy",
  ]
  const shared = Object.keys(headers).filter((name) => name.startsWith("access-control-"))
  return [
    ...missing.filter((name) => headers[name] === undefined).map((name) => `is answered without ${name}`),
    // Pages of other origins are let in to nothing.
    ...shared.map((name) => `is answered with ${name}: ${String(headers[name])}`),
  ]
}

function judgeBody(asked: AskedFor, answer: Answer, measure: Pick<Measure, "contract">) {
  const { status, headers } = answer
  const type = headers["content-type"] ?? ""
  if (status >= 400) return judgeProblem(answer, measure)
  if (status >= 300 || type === "text/event-stream" || asked.operation === undefined) return []
  if (status === 204) return answer.text === "" ? [] : [`is answered with a body where there is none: ${answer.text}`]
  if (asked.operation.otherTypes.has(type.split(";")[0] ?? "")) return []
  if (!type.startsWith("application/json")) return [`is answered with a ${type || "nothing"} instead of JSON`]
  return [...judgePromise(asked.operation, answer, measure), ...judgeAcceptance(asked, asked.operation, measure)]
}

/** RFC 9457, and what the contract says of it. */
function judgeProblem({ status, headers, text }: Answer, { contract }: Pick<Measure, "contract">) {
  const type = headers["content-type"]
  if (type !== "application/problem+json")
    return [`is refused with ${String(type)} instead of a problem: ${status} ${text.slice(0, 200)}`]
  const problem = parse(text)
  const refusal = contract.refusalOfProblem(problem)
  if (refusal !== undefined) return [`is refused with no problem of the contract (${refusal}): ${text.slice(0, 200)}`]
  const { code, title, detail, status: said } = problem as Readonly<Record<string, unknown>>
  const faults = [
    said === status ? "" : `says ${String(said)} with status ${status}`,
    /^[a-z]+(-[a-z]+)*$/.test(String(code)) ? "" : `has the code ${String(code)}`,
    title === "Error" || title === "" ? `has no title: ${status}` : "",
    String(detail).length < 10 || String(detail).length > 10_000
      ? `has a detail of ${String(detail).length} characters`
      : "",
  ]
  return faults.filter((fault) => fault !== "").map((fault) => `is refused with a problem that ${fault}`)
}

function judgePromise(operation: Operation, { status, text }: Answer, { contract }: Pick<Measure, "contract">) {
  if (!operation.statuses.has(status)) return []
  const refusal = contract.refusalOfAnswer(operation, status, parse(text))
  return refusal === undefined
    ? []
    : [`is answered with what its document does not say (${refusal}): ${text.slice(0, 300)}`]
}

/** What the document refuses is not done. */
function judgeAcceptance({ body }: AskedFor, operation: Operation, { contract }: Pick<Measure, "contract">) {
  if (operation.body === undefined) return []
  const text = body === undefined ? "" : new TextDecoder().decode(Buffer.from(body))
  if (text === "") return operation.isBodyRequired ? ["is done without the body that it needs"] : []
  const value = parse(text)
  const refusal = value === undefined ? "no JSON" : contract.refusalOfBody(operation, value)
  return refusal === undefined ? [] : [`is done, with a body that its document refuses: ${refusal}`]
}

/** What leaves those who may read the sessions: nobody is shown a secret in it. */
const REDACTED = new Set(["listAudit", "exportAudit"])

function judgeLeaks(
  { operation }: AskedFor,
  { status, headers, text }: Answer,
  { viewer, canaries, tells }: Measure & { readonly viewer: Viewer },
) {
  const said = `${JSON.stringify(headers)}\n${text}`
  const isRedacted = status >= 400 || REDACTED.has(operation?.operationId ?? "")
  return [
    ...canaries.findIn(said, isRedacted ? {} : viewer).map(({ place, id }) => `shows a secret (${id}) of ${place}`),
    ...tells.findIn(said, operation?.operationId).map((tell) => `tells ${tell}`),
  ]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No JSON: judged as what it is.
    return undefined
  }
}
