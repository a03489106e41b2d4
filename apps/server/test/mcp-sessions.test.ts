import { EventEmitter } from "node:events"
import type { ServerResponse } from "node:http"
import { AegisClient } from "@aegis/client"
import { describe, expect, it } from "vitest"
import type { Holder } from "../src/credentials.ts"
import type { Guest } from "../src/event-hub.ts"
import type { McpSession } from "../src/mcp-session.ts"
import { McpSessions } from "../src/mcp-sessions.ts"
import { HOST_HEADERS, INITIALIZE, LIST } from "./mcp-host.ts"

const HOUR_MS = 60 * 60_000
const holder: Holder = {
  principal: { keyId: "k", userId: "u", tenantId: "t", role: "operator", credential: "key" },
  tag: "one",
}

const client = new AegisClient("http://aegis.test", "token")

/** A session that has begun, and a clock. */
async function begin() {
  let clock = 1000
  const sessions = new McpSessions({
    hub: { admit: () => true, forget: () => undefined },
    version: "0",
    now: () => clock,
  })
  const session = await sessions.open(holder, { client, authorizedAt: 0 })
  await answer(session, INITIALIZE).then(({ outgoing }) => outgoing.emit("close"))
  const isThere = () => {
    try {
      return sessions.find(session.id, holder) === session
    } catch {
      return false
    }
  }
  const passUnseen = (milliseconds: number) => {
    clock += milliseconds
  }
  const pass = (milliseconds: number) => {
    passUnseen(milliseconds)
    session.tick({ monotonic: clock, wall: 0 })
  }
  return { session, isThere, pass, passUnseen }
}

async function answer(session: McpSession, body: string) {
  const outgoing = new EventEmitter()
  const headers = { ...HOST_HEADERS, "Mcp-Session-Id": session.id }
  const request = new Request("http://aegis.test/mcp", { method: "POST", headers, body })
  const { status } = await session.answer(request, { outgoing: outgoing as ServerResponse })
  return { outgoing, status }
}

describe("an MCP session", () => {
  it("is forgotten an hour after it was used last, whether somebody has swept or not", async () => {
    const swept = await begin()
    swept.pass(HOUR_MS - 1)
    expect(swept.isThere()).toBe(true)
    const used = await answer(swept.session, LIST)
    used.outgoing.emit("close")
    swept.pass(HOUR_MS - 1)
    expect(swept.isThere()).toBe(true)
    swept.pass(1)
    expect([swept.isThere(), (await answer(swept.session, LIST)).status]).toEqual([false, 404])
    const unseen = await begin()
    unseen.passUnseen(HOUR_MS)
    expect(unseen.isThere()).toBe(false)
  })

  it("is used as long as an answer is open", async () => {
    const { session, isThere, pass } = await begin()
    const { outgoing } = await answer(session, LIST)
    pass(3 * HOUR_MS)
    expect(isThere()).toBe(true)
    outgoing.emit("close")
    pass(HOUR_MS)
    expect(isThere()).toBe(false)
  })

  it("is over before it begins when its key was changed since that was looked at", async () => {
    const asked: unknown[] = []
    const hub = {
      admit(guest: Guest, authorizedAt?: number) {
        asked.push([guest.keyId, authorizedAt])
        guest.bye("token-expired")
        return false
      },
      forget: (guest: Guest) => void asked.push(guest.keyId),
    }
    const sessions = new McpSessions({ hub, version: "0" })
    const session = await sessions.open(holder, { client, authorizedAt: 7 })
    expect((await answer(session, INITIALIZE)).status).toBe(404)
    expect(() => sessions.find(session.id, holder)).toThrow("no such MCP session")
    expect(asked).toEqual([["k", 7], "k"])
  })

  it("has so many answers open at once, and more when some are over", async () => {
    const { session } = await begin()
    const open = await Promise.all(Array.from({ length: 33 }, () => answer(session, LIST)))
    await expect(answer(session, LIST)).rejects.toMatchObject({ code: "too-many-streams", retryAfterSeconds: 5 })
    open[0]?.outgoing.emit("close")
    expect((await answer(session, LIST)).status).toBe(200)
  })
})
