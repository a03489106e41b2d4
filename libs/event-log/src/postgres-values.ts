import pg from "pg"
import { fromPostgresText, toPostgresText } from "./postgres-text.ts"

/** `?` stands for the next parameter; none of our texts has one for another reason. */
export function toQueryText(sql: string) {
  let position = 0
  return sql.replaceAll("?", () => `$${++position}`)
}

export function toValues(parameters: readonly unknown[]): unknown[] {
  return parameters.map(toValue)
}

/** How values come back: whole numbers of 64 bits as numbers (`seq` is a safe integer), texts as they went in. */
export const types: pg.CustomTypesConfig = { getTypeParser: parserOf as typeof pg.types.getTypeParser }

type Parser = (value: string) => unknown

function parserOf(oid: number, format?: "text" | "binary"): Parser {
  if (format === "binary") return pg.types.getTypeParser(oid, "binary") as Parser
  if (oid === pg.types.builtins.INT8) return Number
  if (oid === pg.types.builtins.TEXT) return fromPostgresText
  return pg.types.getTypeParser(oid, "text") as Parser
}

function toValue(value: unknown): unknown {
  if (typeof value === "string") return toPostgresText(value)
  return Array.isArray(value) ? value.map(toValue) : value
}
