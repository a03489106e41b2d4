import { expect, it } from "vitest"
import { EventHub } from "../src/event-hub.ts"
import type { FeedSink } from "../src/feed-reader.ts"
import { useServer } from "./server-harness.ts"

const { start } = useServer()

it("who was let in by a key a moment before it was revoked gets nothing", async () => {
  const server = await start()
  const { aegis } = server.server
  const { id } = await server.createKey("operator")
  const shutdown = new AbortController()
  const hub = new EventHub({ aegis, shutdown: shutdown.signal, heartbeatMs: 60_000, stuckMs: 60_000 })
  const authorizedAt = aegis.head()
  await server.call("DELETE", `/v1/auth/keys/${id}`)
  for await (const page of aegis.tail({ after: authorizedAt }))
    if (page.some(({ type }) => type === "key.revoked")) break
  const audience = { tenantId: "local", seesAccess: "tenant", sees: ["policy"] } as const
  const subscribe = (keyId: string) =>
    new Promise<string>((resolve) => {
      const told = (what: string) => () => resolve(what)
      const sink: FeedSink = {
        entries: (entries) => {
          resolve("events")
          return { taken: entries.length, hasRoom: true }
        },
        gap: told("gap"),
        heartbeat: told("heartbeat"),
        bye: (reason) => resolve(reason),
        abandon: told("abandon"),
      }
      hub.subscribe({ sink, after: 0, audience, keyId, authorizedAt })
    })
  expect(await subscribe(id)).toBe("token-expired")
  expect(await subscribe("another")).toBe("events")
  shutdown.abort()
  await hub.closed
})
