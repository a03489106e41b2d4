import { AegisClient } from "@aegis/client"
import { openVenv } from "../../python/open-venv.ts"

/** What clients have under a name of their own, or not at all: streams are `events`, and hooks are told by an agent's program. */
const OTHERWISE = ["subscribeEvents", "subscribeSessionEvents", "receiveHook", "receiveSessionHook"]
const METHODS = ["get", "post", "put", "patch", "delete"]

interface Operation {
  readonly operationId: string
  readonly method: string
  readonly path: string
}

export interface Compared {
  readonly problems: readonly string[]
  readonly figures: string
}

/** What a running server does, what its document says, and what both clients can: the same. */
export async function compareMethods({ baseUrl, token }: { readonly baseUrl: string; readonly token: string }) {
  const problems: string[] = []
  const ask = (method: string, path: string) =>
    fetch(`${baseUrl}${path}`, { method, headers: { Authorization: `Bearer ${token}` } })
  const { paths } = (await (await ask("GET", "/v1/openapi.json")).json()) as Document
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ operationId, method, path })),
  )
  const documented = operations.map(({ operationId }) => operationId)
  const answering = await whatAnswers(operations, ask)
  problems.push(...differences("the running server", answering, "its document", documented))
  const called = documented.filter((name) => !OTHERWISE.includes(name))
  const typescript = [...new Set(methodsOf(AegisClient.prototype))].filter((name) => documented.includes(name))
  problems.push(...differences("the TypeScript client", typescript, "the document", called))
  const python = await pythonMethods()
  const snake = called.map(toSnake)
  if (python)
    problems.push(
      ...differences(
        "the Python client",
        python.filter((name) => snake.includes(name)),
        "the document",
        snake,
      ),
    )
  const count = python ? `${python.filter((name) => snake.includes(name)).length}` : "not here, so none are counted"
  const figures = `Operations: the running server ${answering.length}, its document ${documented.length}; methods: the TypeScript client ${typescript.length}, the Python client ${count}; besides these both have events, and ${OTHERWISE.join(", ")} by no method.`
  return { problems, figures }
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
}

/** A method of a path that is there is answered by its operation; one that is not, by nobody. */
async function whatAnswers(
  operations: readonly Operation[],
  ask: (method: string, path: string) => Promise<Response>,
): Promise<string[]> {
  const found: string[] = []
  for (const path of new Set(operations.map((operation) => operation.path)))
    for (const method of METHODS) {
      const operation = operations.find((one) => one.path === path && one.method === method)
      // A fixed word where others have a name: it is one for them.
      const isNamed = operations.some((one) => one.method === method && one.path !== path && covers(one.path, path))
      if (!operation && isNamed) continue
      // Of nobody's: whoever answers that there is no such thing is there.
      const address = path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === "event" ? "Stop" : "none"))
      if (operation && STOPS.has(operation.operationId)) {
        found.push(operation.operationId)
        continue
      }
      const response = await ask(method.toUpperCase(), address)
      const text = response.headers.get("content-type")?.includes("event-stream") ? "" : await response.text()
      if (text === "") await response.body?.cancel().catch(() => undefined)
      const isThere = response.status < 400 || !text.includes('"code":"not-found"')
      if (isThere) found.push(operation?.operationId ?? `${method.toUpperCase()} ${path}`)
    }
  return found
}

/** Whether an address of the second is one of the first, too. */
function covers(template: string, path: string) {
  const [parts, others] = [template.split("/"), path.split("/")]
  return parts.length === others.length && parts.every((part, n) => part === others[n] || part.startsWith("{"))
}

/** Not asked for: it would end what asks. */
const STOPS: ReadonlySet<string> = new Set(["stopAll", "liftStopAll"])

function methodsOf(prototype: object): string[] {
  const above: unknown = Object.getPrototypeOf(prototype)
  return [
    ...Object.getOwnPropertyNames(prototype),
    ...(above === Object.prototype || above === null ? [] : methodsOf(above as object)),
  ]
}

async function pythonMethods(): Promise<readonly string[] | undefined> {
  const venv = await openVenv()
  const program = "import json, aegis_python_client as c; print(json.dumps(dir(c.AegisClient)))"
  return venv && (JSON.parse(await venv.run(["-c", program], { env: { PYTHONPATH: "src" } })) as string[])
}

function toSnake(name: string) {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function differences(one: string, ones: readonly string[], other: string, others: readonly string[]) {
  const [first, second] = [new Set(ones), new Set(others)]
  return [
    ...others.filter((name) => !first.has(name)).map((name) => `${one} has no ${name}, and ${other} does`),
    ...ones.filter((name) => !second.has(name)).map((name) => `${one} has ${name}, and ${other} does not`),
  ]
}
