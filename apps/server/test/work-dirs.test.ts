import { mkdirSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { environmentOf } from "./environment-of.ts"
import { bearer, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

it("folders are completed for who may begin a session there, and for an agent in its own", async () => {
  const server = await start()
  const root = realpathSync(temporary("work"))
  for (const name of ["one/inner", "other"]) mkdirSync(join(root, name), { recursive: true })
  const ask = (query: string, key?: string) =>
    server.call("GET", `/v1/workdirs?${query}`, undefined, key === undefined ? undefined : bearer(key))
  const prefix = encodeURIComponent(`${root}/o`)
  const items = ["one", "other"].map((name) => ({ path: join(root, name), isRepository: false }))
  expect(await ask(`prefix=${prefix}`)).toMatchObject({ status: 200, body: { items, hasMore: false } })
  expect((await ask(`prefix=${prefix}&limit=1`)).body).toEqual({ items: items.slice(0, 1), hasMore: true })
  for (const wrong of ["limit=0", "prefix=a&prefix=b", "path=x", `prefix=${"a".repeat(4097)}`])
    expect([wrong, (await ask(wrong)).body.code]).toEqual([wrong, "request-invalid"])
  const { key } = await server.createKey("viewer")
  expect((await ask(`prefix=${prefix}`, key)).status).toBe(403)
  const { id } = await server.create(join(root, "one"))
  const { AEGIS_AGENT_KEY: own = "" } = await environmentOf(server, id)
  expect((await ask(`prefix=${prefix}`, own)).body).toEqual({ items: items.slice(0, 1), hasMore: false })
  const inner = { path: join(root, "one/inner"), isRepository: false }
  expect((await ask(`prefix=${encodeURIComponent(`${root}/one/`)}`, own)).body.items).toEqual([inner])
  expect((await ask(`prefix=${encodeURIComponent(`${root}/other/`)}`, own)).body.items).toEqual([])
})
