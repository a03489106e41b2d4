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
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (format === "binary") return pg.types.getTypeParser(oid, "binary")
    if (oid === pg.types.builtins.INT8) return Number
    if (oid === pg.types.builtins.TEXT) return fromPostgresText
    return pg.types.getTypeParser(oid, "text")
  }) as typeof pg.types.getTypeParser,
}

function toValue(value: unknown): unknown {
  if (typeof value === "string") return toPostgresText(value)
  return Array.isArray(value) ? value.map(toValue) : value
}
