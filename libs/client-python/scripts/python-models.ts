import type { Schema } from "./open-api.ts"
import { importBlock, layOut, wordsOf } from "./python-layout.ts"
import { pascalCase } from "./python-names.ts"
import type { PythonTypes } from "./python-types.ts"

/** A class per type of event, with its data; gives the table that leads from a type to its class. */
export function defineEvents(types: PythonTypes, { Event, EventData }: Readonly<Record<string, Schema>>) {
  if (!Event || !EventData) throw new Error("The document has no events.")
  types.typeOf({ $ref: "#/components/schemas/Event" }, { name: "Event" })
  const classes = Object.entries(EventData.properties ?? {}).map(([type, data]) => {
    const properties = { type: {}, data: {} }
    const dataType = types.typeOf(data, { name: `${pascalCase(type)}Data` })
    const fixed = { type: `Literal["${type}"]`, data: dataType }
    const schema = { properties, required: ["type", "data"] }
    return { type, name: types.define(`${pascalCase(type)}Event`, schema, { base: "Event", fixed }) }
  })
  const items = classes.map(({ type, name }) => `"${type}": ${name}`)
  return layOut({ open: "KNOWN_EVENTS: dict[str, type[Event]] = {", items, close: "}" })
}

/** models.py: every class that the operations and the events need. */
export function modelsFile(types: PythonTypes, knownEvents: string) {
  const definitions = [...types.definitions.values(), knownEvents]
  const body = definitions.join("\n\n\n")
  const names = ["KNOWN_EVENTS", ...[...types.definitions.keys()].toSorted()]
  return `"""Generated from the contract by scripts/generate.ts."""

from __future__ import annotations

${importBlock(wordsOf(`Model ${body}`), IMPORTS)}
${layOut({ open: "__all__ = [", items: names.map((name) => `"${name}"`), close: "]" })}


${body}
`.replaceAll(/(Literal\[[^\]]*\]\n)\n\n(?=\w+: TypeAlias)/g, "$1")
}

const IMPORTS = [
  { datetime: ["datetime"], typing: ["Any", "Literal", "TypeAlias"] },
  { pydantic: ["Field"] },
  { "..wire": ["Model", "Open"] },
]
