import type { AegisClient } from "@aegis/client"
import { z } from "zod"
import { tools } from "./tools.gen.ts"

type GeneratedTool = (typeof tools)[number]

/** A tool that is an operation: its arguments checked, and put where the operation takes them. */
export interface Tool {
  readonly name: GeneratedTool["name"]
  readonly title: string
  readonly description: string
  readonly inputSchema: { readonly type: "object" } & Readonly<Record<string, unknown>>
  readonly annotations: GeneratedTool["annotations"]
  /** Rejects with `ToolArgumentError`, or with the problem that the server answers. */
  call(client: AegisClient, given: unknown, signal: AbortSignal): Promise<object>
}

/** What was given does not fit the tool; nothing was done. */
export class ToolArgumentError extends Error {
  override readonly name = "ToolArgumentError"
}

/** All tools, by name. */
export function createTools(): ReadonlyMap<string, Tool> {
  return new Map(tools.map((tool) => [tool.name, toTool(tool)]))
}

type Given = Readonly<Record<string, unknown>>
type Operation = (...words: readonly unknown[]) => Promise<object>

function toTool(tool: GeneratedTool): Tool {
  const { name, title, description, annotations } = tool
  const schema = z.fromJSONSchema(tool.inputSchema as Parameters<typeof z.fromJSONSchema>[0])
  return {
    name,
    title,
    description,
    annotations,
    inputSchema: tool.inputSchema,
    call(client, given, signal) {
      const parsed = schema.safeParse(given ?? {})
      if (!parsed.success) throw new ToolArgumentError(describe(tool, parsed.error))
      const { path, query, body } = placed(tool, parsed.data as Given)
      // The generator took the name from the contract that the client's methods are generated from.
      const operation = (client[tool.operation] as unknown as Operation).bind(client)
      return operation(...Object.values(path), ...[body, query].flatMap((part) => part ?? []), { signal })
    },
  }
}

/** Path values in the operation's order; query and body only where the operation has one. */
function placed(tool: GeneratedTool, given: Given) {
  const places = Object.entries(tool.arguments as Record<string, { readonly place: string; readonly as: string }>)
  const at = (wanted: string) => {
    const here = places.filter(([, { place }]) => place === wanted)
    const values = here
      .filter(([name]) => given[name] !== undefined)
      .map(([name, { as }]) => [as, given[name]] as const)
    return here.length === 0 ? undefined : (Object.fromEntries(values) as Given)
  }
  return { path: at("path") ?? {}, query: at("query"), body: at("body") }
}

function describe({ name, arguments: known }: GeneratedTool, { issues }: z.ZodError) {
  const said = issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
  return `${name}: ${said.join("; ")}. Its arguments: ${Object.keys(known).join(", ") || "none"}.`
}
