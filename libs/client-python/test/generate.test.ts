import { describe, expect, it } from "vitest"
import type { OpenApiDocument, Schema } from "../scripts/open-api.ts"
import { defineEvents, modelsFile } from "../scripts/python-models.ts"
import { pascalCase, singular, snakeCase, wireName } from "../scripts/python-names.ts"
import { operationsFile } from "../scripts/python-operations.ts"
import { PythonTypes } from "../scripts/python-types.ts"

const text: Schema = { type: "string" }

describe("names", () => {
  it("are Python's, and keep away from its own words", () => {
    expect(["workDir", "oldest_id", "getOpenApiDocument", "from", "schema", "X-Run"].map(snakeCase)).toEqual([
      "work_dir",
      "oldest_id",
      "get_open_api_document",
      "from_",
      "schema_",
      "x_run",
    ])
    expect(pascalCase("session.rate_limited")).toBe("SessionRateLimited")
    expect(["entries", "rules", "access"].map(singular)).toEqual(["entry", "rule", "access"])
    expect(["work_dir", "from_"].map(wireName)).toEqual(["workDir", "from"])
  })
})

describe("models", () => {
  it("have a class per object, a literal that later words may join, and the names of the wire where they differ", () => {
    const code = modelsOf({
      type: "object",
      required: ["workDir", "rule"],
      properties: {
        workDir: text,
        oldest_id: { type: ["integer", "null"], description: 'Ends with a "quote"' },
        rule: {
          oneOf: [
            {
              type: "object",
              required: ["id", "decision"],
              properties: { id: text, decision: { ...text, enum: ["a"] } },
            },
            { type: "object", required: ["id"], properties: { id: text, decision: { ...text, enum: ["b"] } } },
          ],
        },
      },
    })
    expect(code).toContain(`class ThingRule(Model):
    id: str
    decision: Open[Literal["a", "b"]] | None = None


class Thing(Model):
    work_dir: str
    oldest_id: int | None = Field(None, validation_alias="oldest_id", serialization_alias="oldest_id")
    """Ends with a "quote"."""
    rule: ThingRule
`)
  })

  it("are refused where two things would have one name, and where there is nothing by that name", () => {
    const inner: Schema = { type: "object", properties: { a: text } }
    const outer = { type: "object", properties: { two: inner } }
    const other = { type: "object", properties: { b: text } }
    expect(modelsOf({ type: "object", properties: { one: outer, oneTwo: inner } })).toContain("class ThingOneTwo(")
    expect(modelsOf({ type: "object", properties: { parts: other } })).toContain("parts: ThingPartsValue | None")
    expect(() => modelsOf({ type: "object", properties: { one: outer, oneTwo: other } })).toThrow("called ThingOneTwo")
    expect(() => modelsOf({ $ref: "#/components/schemas/Nothing" })).toThrow("refers to #/components/schemas/Nothing")
  })
})

describe("methods", () => {
  it("take the path, then what a body must have, and tell arguments of one name apart", () => {
    const code = operationsOf({
      "/v1/things/{id}": {
        put: {
          operationId: "updateThing",
          summary: "Change a thing",
          parameters: [
            { name: "id", in: "path", required: true, schema: text },
            { name: "Idempotency-Key", in: "header", schema: text },
          ],
          requestBody: json({
            type: "object",
            required: ["id"],
            properties: { id: text, timeout: { type: "integer" }, until: { type: ["string", "null"] } },
          }),
          responses: { 200: json({ type: "array", items: text }), 204: {} },
        },
      },
    })
    expect(code).toContain(`    def update_thing(
        self,
        id: str,
        body_id: str,
        *,
        body_timeout: int | None = None,
        until: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> list[str]:
        """Change a thing."""
        call = Call(
            "PUT",
            f"/v1/things/{segment(id)}",
            body={"id": body_id, "timeout": body_timeout, "until": until},
            nullable=["until"],
            idempotency_key=idempotency_key or new_key(),
            timeout=timeout,
        )
        kind: TypeAdapter[list[str]] = TypeAdapter(list[str])
        return self._value(kind, call)
`)
  })

  it("are not made of streams and of what hooks alone may ask", () => {
    const operation = { summary: "No method", responses: { 200: json(text) } }
    const code = operationsOf({
      "/v1/a": {
        get: {
          ...operation,
          operationId: "a",
          responses: { 200: { content: { "text/event-stream": { schema: text } } } },
        },
      },
      "/v1/b": { post: { ...operation, operationId: "b", "x-aegis-permission": "hook" } },
      "/v1/c": { delete: { ...operation, operationId: "c", responses: { 204: {} } } },
    })
    expect([...code.matchAll(/def \w+|self\.\w+/g)].flat()).toEqual(["def c", "self._nothing"])
  })
})

function json(schema: Schema) {
  return { content: { "application/json": { schema } } }
}

function operationsOf(paths: OpenApiDocument["paths"]) {
  return operationsFile({ paths, components: { schemas: {} } }, new PythonTypes({}))
}

function modelsOf(thing: Schema) {
  const event: Schema = { type: "object", properties: { type: text, data: {} } }
  const schemas = { Thing: thing, ThingParts: text, Event: event, EventData: { properties: { "thing.made": thing } } }
  const types = new PythonTypes(schemas)
  types.typeOf({ $ref: "#/components/schemas/Thing" }, { name: "Thing" })
  return modelsFile(types, defineEvents(types, schemas))
}
