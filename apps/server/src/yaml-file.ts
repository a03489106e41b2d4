import { readFileSync } from "node:fs"
import { isNode, LineCounter, parseDocument } from "yaml"
import { ConfigError } from "./config-error.ts"

export interface YamlFile {
  /** Undefined: there is none. */
  readonly source: string | undefined
  readonly values: Record<string, unknown>
  /** `file:line:column` of what stands at the path, or of the nearest thing around it. */
  placeOf(path: readonly PropertyKey[]): string
}

/** Reads a mapping from a YAML file, or a `ConfigError` with line and column. JSON is YAML, too. */
export function readYamlFile(source: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(readText(source), { lineCounter: lines, prettyErrors: false })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${source}:${line}:${col}`
  }
  const [error] = document.errors
  if (error) throw new ConfigError(`${place(error.pos[0])}: ${error.message}`)
  const values: unknown = document.toJS() ?? {}
  if (typeof values !== "object" || values === null || Array.isArray(values))
    throw new ConfigError(`${source}: this is to be a mapping of keys to values.`)
  return {
    source,
    values: values as Record<string, unknown>,
    placeOf(path) {
      for (let length = path.length; length > 0; length--) {
        const node: unknown = document.getIn(path.slice(0, length), true)
        if (isNode(node) && node.range) return place(node.range[0])
      }
      return source
    },
  }
}

function readText(source: string) {
  try {
    return readFileSync(source, "utf8")
  } catch (error) {
    throw new ConfigError(`${source} cannot be read: ${(error as Error).message}`)
  }
}
