import { z } from "zod"

/** The object that a schema has inside of defaults and transformations; undefined: it is none. */
export function objectIn(schema: unknown): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return objectIn(schema.def.innerType)
  return schema instanceof z.ZodPipe ? objectIn(schema.def.in) : undefined
}
