import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { leafOf, verifyCheckpoint, verifyConsistency, verifyExport, verifyInclusion } from "@aegis/client"
import { describe, expect, it } from "vitest"
import { bearer, defaults, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>
interface Item {
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly sessionId?: string
  readonly actor: { readonly id: string }
  readonly data: { readonly salt?: string }
}

const auditor = { permissions: ["audit.read"] }

/** A session of the key's, in which the agent says something and writes a file after it was allowed to. */
async function work(server: Server, key = server.server.token) {
  const workDir = temporary("work")
  const { body } = await server.call(
    "POST",
    "/v1/sessions",
    { workDir, prompt: script("say Hello", "write a.txt Hello"), reuse: false },
    bearer(key),
  )
  await server.untilLogged(body.id, "approval.requested")
  expect((await server.call("POST", `/v1/sessions/${body.id}/approve`, {}, bearer(key))).status).toBe(200)
  await server.untilLogged(body.id, "turn.ended")
  return body.id as string
}

async function list(server: Server, query = "", key = server.server.token): Promise<Item[]> {
  const { status, body } = await server.call("GET", `/v1/audit?limit=200${query}`, undefined, bearer(key))
  expect(status).toBe(200)
  return body.items
}

async function download(server: Server, query = "", key = server.server.token) {
  const response = await fetch(`${server.url}/v1/audit/export${query}`, { headers: bearer(key) })
  expect(response.status).toBe(200)
  return { type: response.headers.get("Content-Type"), text: await response.text() }
}

const linesOf = (text: string) => text.split("\n").slice(0, -1)

describe("the trail", () => {
  it("has what was wished, decided and done, newest first, and not what the agent says", async () => {
    const server = await start()
    const id = await work(server)
    const items = await list(server)
    const types = items.map(({ type }) => type)
    expect(items.map(({ seq }) => seq)).toEqual(items.map(({ seq }) => seq).toSorted((one, other) => other - one))
    for (const type of ["session.created", "turn.requested", "approval.requested", "approval.resolved", "tool.ended"])
      expect(types).toContain(type)
    expect(types).not.toContain("message.delta")
    expect(items.find(({ type }) => type === "approval.resolved")).toMatchObject({
      sessionId: id,
      actor: { kind: "key", id: "local", via: "rest" },
      data: { status: "approved" },
    })
    const whole = await server.call("GET", `/v1/audit?after=0&limit=200`)
    expect(whole.body.items).toEqual(items.toReversed())
  })

  it("is narrowed by who, what, where and when", async () => {
    const server = await start()
    const [one, other] = [await work(server), await work(server)]
    const { id: keyId, key } = await server.createKey("operator", { userId: "bo" })
    const third = await work(server, key)
    const all = await list(server)
    expect(new Set((await list(server, `&session=${other}`)).map(({ sessionId }) => sessionId))).toEqual(
      new Set([other]),
    )
    const his = await list(server, `&actor=${keyId}`)
    expect(his).toEqual(all.filter(({ actor }) => actor.id === keyId))
    expect(his.map(({ sessionId }) => sessionId)).toEqual(expect.arrayContaining([third]))
    const approvals = await list(server, "&type=approval.*,key.created")
    expect(new Set(approvals.map(({ type }) => type.split(".")[0]))).toEqual(new Set(["approval", "key"]))
    expect(await list(server, "&type=message.delta")).toEqual([])
    const moment = all.find(({ sessionId, type }) => sessionId === other && type === "session.created")?.at ?? ""
    const [before, since] = [await list(server, `&to=${moment}`), await list(server, `&from=${moment}`)]
    expect([...since, ...before]).toEqual(all)
    expect(before.some(({ sessionId }) => sessionId === one)).toBe(true)
    expect(since.every(({ sessionId }) => sessionId !== one)).toBe(true)
  })

  it("comes in pages that leave nothing out and repeat nothing, both ways", async () => {
    const server = await start()
    await work(server)
    await work(server)
    const all = await list(server)
    for (const [way, expected] of [
      ["before", all],
      ["after", all.toReversed()],
    ] as const) {
      const seen: Item[] = []
      let cursor = way === "after" ? "after=0" : ""
      for (let pages = 0; pages < 100; pages += 1) {
        const { body } = await server.call("GET", `/v1/audit?limit=7&${cursor}`)
        seen.push(...body.items)
        if (body.nextCursor === undefined) break
        cursor = `${way}=${body.nextCursor}`
      }
      expect(seen.map(({ seq }) => seq)).toEqual(expected.map(({ seq }) => seq))
    }
  })

  it("is one tenant's: of the others neither sessions nor keys", async () => {
    const server = await start()
    const theirs = await server.createKey("admin", { tenantId: "they", userId: "mallory" })
    const ours = await server.createKey("custom", { ...auditor, tenantId: "we", userId: "ada" })
    const work1 = await server.createKey("operator", { tenantId: "we", userId: "bo" })
    const [hidden, shown] = [await work(server, theirs.key), await work(server, work1.key)]
    expect((await server.call("GET", "/v1/sessions", undefined, bearer("wrong"))).status).toBe(401)
    for (const { key } of [theirs, work1]) await server.call("DELETE", "/v1/auth/keys/nobody", undefined, bearer(key))
    const [items, exported] = [await list(server, "", ours.key), await download(server, "", ours.key)]
    expect(items.some(({ sessionId }) => sessionId === shown)).toBe(true)
    for (const text of [JSON.stringify(items), exported.text, (await download(server, "?format=csv", ours.key)).text]) {
      expect(text).toContain(work1.id)
      expect(text).not.toContain(hidden)
      expect(text).not.toContain(theirs.id)
      expect(text).not.toContain("mallory")
      expect(text).not.toContain("auth.failed")
      expect(text).toContain("auth.denied")
    }
    expect(await list(server, `&session=${hidden}`, ours.key)).toEqual([])
    // The machine's own person has to do with everybody's access, and with its own tenant's sessions.
    const local = JSON.stringify(await list(server))
    expect(local).toContain(theirs.id)
    expect(local).not.toContain(hidden)
    expect(local).toContain("auth.failed")
    // Streams and pages of the log tell of access no more than that, and only to whose business it is.
    const logOf = async (key: string) =>
      JSON.stringify((await server.call("GET", "/v1/log?limit=200", undefined, bearer(key))).body)
    expect(await logOf(work1.key)).not.toContain("auth.")
    const admin = await server.createKey("admin", { tenantId: "we", userId: "ann" })
    expect(await logOf(admin.key)).toContain("auth.denied")
    expect(await logOf(admin.key)).not.toContain("auth.failed")
  })

  it("says what is wrong with a question", async () => {
    const server = await start()
    for (const query of ["limit=0", "type=Nonsense", "from=yesterday", "nonsense=1", "after=-1"])
      expect((await server.call("GET", `/v1/audit?${query}`)).status).toBe(400)
    for (const query of ["", "seq=0", "seq=1&from=1", "from=1&size=3", "seq=1&size=99999", "from=5&to=1"])
      expect([query, (await server.call("GET", `/v1/audit/proof?${query}`)).status]).toEqual([query, 400])
  })
})

describe("what proves it", () => {
  it("a checkpoint, and proofs that the client believes", async () => {
    const server = await start()
    await work(server)
    const { text } = await download(server)
    const { body: report } = await server.call("POST", "/v1/audit/verify")
    expect(report).toMatchObject({ ok: true, problems: [] })
    const response = await fetch(`${server.url}/v1/audit/checkpoint`, { headers: bearer(server.server.token) })
    expect(response.headers.get("Content-Type")).toMatch(/^text\/plain/)
    const head = await verifyCheckpoint(await response.text(), report.key)
    expect(head).toMatchObject({ size: report.size, root: report.root })
    // Who may read the events has their streams' salts, and needs no export.
    const events: Item[] = (await server.call("GET", "/v1/log?limit=200")).body.items
    const saltOf = (stream: string | undefined) =>
      events.find(({ sessionId, data }) => sessionId === stream && data.salt)?.data.salt ?? ""
    for (const line of linesOf(text).slice(1, -1)) {
      const { seq } = JSON.parse(line).event as Item
      const { body: proof } = await server.call("GET", `/v1/audit/proof?seq=${seq}&size=${head.size}`)
      const event = events.find((one) => one.seq === seq)
      expect(proof.leaf).toBe(await leafOf(JSON.stringify(event), saltOf(event?.sessionId)))
      await verifyInclusion(proof.leaf, head, proof)
    }
    const { body: consistency } = await server.call("GET", `/v1/audit/proof?from=3&to=${head.size}`)
    expect(consistency.to).toEqual({ size: head.size, root: head.root })
    await verifyConsistency(consistency.from, consistency.to, consistency)
  })

  it("an export, which is verified without the server", async () => {
    const server = await start()
    const id = await work(server)
    const { type, text } = await download(server)
    expect(type).toBe("application/x-ndjson")
    const { key } = (await server.call("POST", "/v1/audit/verify")).body
    const items = await list(server)
    expect(await verifyExport(linesOf(text), { key })).toMatchObject({ key, entries: items.length })
    expect(await verifyExport(linesOf((await download(server, `?session=${id}&type=approval.*`)).text))).toMatchObject({
      filter: { session: id, type: "approval.*" },
      entries: items.filter(({ type: one }) => one.startsWith("approval.")).length,
    })
    const other = await start()
    const { key: stranger } = (await other.call("POST", "/v1/audit/verify")).body
    await expect(verifyExport(linesOf(text), { key: stranger })).rejects.toMatchObject({ code: "checkpoint-untrusted" })
  })

  it("an export that was changed is found, and the entry is named", async () => {
    const server = await start()
    await work(server)
    const lines = linesOf((await download(server)).text)
    const verdict = (changed: readonly string[]) =>
      verifyExport(changed).then(
        () => "believed",
        ({ message }: Error) => message,
      )
    expect(await verdict(lines)).toBe("believed")
    for (let place = 1; place < lines.length - 1; place += 1) {
      const line = lines[place] ?? ""
      const { seq, type } = JSON.parse(line).event as Item
      const without = lines.filter((_, index) => index !== place)
      for (const changed of [
        line.replace(/"at":"2/, '"at":"3'),
        line.replace(`"type":"${type}"`, `"type":"${type}s"`),
        line.replace(/(?<="(?:salt|dataHash)":")./, (digit) => (digit === "0" ? "1" : "0")),
        line.replace(`"seq":${seq}`, `"seq":${seq + 10_000}`),
      ])
        expect([type, await verdict(lines.with(place, changed))]).toEqual([
          type,
          expect.stringMatching(new RegExp(`[Ee]ntry (${seq}|${seq + 10_000}) `)),
        ])
      // Of what is shown without its secrets the signature over all lines is what proves it.
      const data = await verdict(lines.with(place, line.replace(/"data":\{/, '"data":{"more":1,')))
      expect(data).toMatch(
        line.startsWith('{"dataHash"') ? /not those that were exported/ : new RegExp(`Entry ${seq} `),
      )
      expect(await verdict(without)).toMatch(/left out/)
      expect(await verdict(lines.toSpliced(place, 0, line))).toMatch(/put in/)
      expect(await verdict([...without.slice(0, place + 1), line, ...without.slice(place + 1)])).not.toBe("believed")
    }
    expect(await verdict(lines.slice(0, -1))).toMatch(/cut off/)
    expect(await verdict(lines.slice(0, -3))).toMatch(/cut off/)
    expect(await verdict([...lines, lines.at(1) ?? ""])).toMatch(/behind the end/)
    expect(await verdict([])).toMatch(/empty/)
    const [header = "", ...rest] = lines
    expect(await verdict([header.replace('"filter":{}', '"filter":{"actor":"ada"}'), ...rest])).toMatch(/not those/)
  })

  it("a table for spreadsheets, in which nothing is a formula", async () => {
    const server = await start()
    await server.createKey("viewer", { name: "=1+1", userId: "-2" })
    const { type, text } = await download(server, "?format=csv")
    expect(type).toBe("text/csv; charset=utf-8")
    const rows = text.split("\r\n")
    expect(rows[0]).toBe("seq,at,type,sessionId,turnId,actorKind,actorId,actorVia,status,data,hash")
    expect(rows.find((row) => row.includes("key.created"))).toMatch(
      /^3,2\d{3}-.*Z,key\.created,,,key,local,rest,,"\{""/,
    )
    expect(rows.filter((row) => row !== "").length).toBe((await list(server)).length + 1)
    for (const row of rows) for (const cell of row.split(",")) expect(cell).not.toMatch(/^"?[=+\-@\t]/)
  })

  it("the same log after a restart, whose key and witness are where the configuration says", async () => {
    const elsewhere = temporary("elsewhere")
    const [key, witness] = [join(elsewhere, "key"), join(elsewhere, "seen")]
    const config = { ...defaults(temporary("state")), audit: { key, witness, interval: "1s" } }
    const first = await start({ config })
    await work(first)
    // By itself, as often as the configuration says.
    const signed = async () => {
      const { audit, storage } = (await first.call("GET", "/v1/health")).body
      return audit.checkpoint === storage.head
    }
    await expect.poll(signed, { timeout: 10_000 }).toBe(true)
    await first.createKey("viewer")
    const head = first.server.aegis.head()
    await first.server.close()
    const notes = readFileSync(witness, "utf8").match(/^[^\n]+\n\d+\n[^\n]+\n\n— [^\n]+\n/gm) ?? []
    const second = await start({ config })
    const { body } = await second.call("POST", "/v1/audit/verify")
    expect(body.problems).toEqual([])
    expect(body).toMatchObject({ ok: true, witness: { checkpoints: expect.any(Number) } })
    // A server that stops in order signs first.
    expect((await verifyCheckpoint(notes.at(-1) ?? "", body.key)).size).toBeGreaterThanOrEqual(head)
    expect(readFileSync(key, "utf8")).toMatch(/^PRIVATE\+KEY\+aegis\.local/)
    writeFileSync(join(elsewhere, "open"), readFileSync(key), { mode: 0o644 })
    await expect(
      start({
        config: { ...config, stateDir: temporary("state"), audit: { ...config.audit, key: join(elsewhere, "open") } },
      }),
    ).rejects.toThrow(/chmod 600/)
  })
})
