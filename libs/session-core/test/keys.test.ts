import { expect, it } from "vitest"
import { decideSystem, type SystemCommand } from "../src/decide-system.ts"
import { SessionError } from "../src/session-error.ts"
import { evolveSystem, type SystemState } from "../src/system-state.ts"

type Wish = SystemCommand extends infer C ? (C extends unknown ? Omit<C, "at" | "actor" | "salt"> : never) : never

/** Plays wishes, and gives the state or the code of the first refusal. */
function play(...wishes: readonly Wish[]) {
  let state: SystemState | undefined
  for (const [index, wish] of wishes.entries()) {
    const at = new Date(index * 1000).toISOString()
    const actor = { kind: "key", id: "local", via: "test" } as const
    const events = decideSystem(state, { ...wish, at, actor, salt: "00" })
    if (SessionError.is(events)) return events.code
    for (const event of events) state = evolveSystem(state, event)
  }
  return state
}

const key = { keyId: "k", name: "A key", role: "viewer", userId: "ada", tenantId: "t", digest: "d1" }
const create = { type: "create-key", key } as const
const of = { keyId: "k", tenantId: "t" }

it("a key is what it was made as, and nothing of the wish besides", () => {
  expect(play(create)).toEqual({ keys: { k: { ...key, createdAt: "1970-01-01T00:00:00.000Z" } } })
})

it("a rotated key has the other secret, and the one before as long as was said", () => {
  const until = "1970-01-02T00:00:00.000Z"
  const once = play(create, { type: "rotate-key", of, digest: "d2", previousUntil: until })
  expect(once).toMatchObject({ keys: { k: { digest: "d2", previous: { digest: "d1", until } } } })
  const twice = play(
    create,
    { type: "rotate-key", of, digest: "d2", previousUntil: until },
    { type: "rotate-key", of, digest: "d3", previousUntil: undefined },
  )
  expect(twice).toMatchObject({ keys: { k: { digest: "d3" } } })
  expect(twice).not.toHaveProperty("keys.k.previous")
})

it("a change leaves the secrets as they are, and takes away what a role does not have", () => {
  const rotated = { type: "rotate-key", of, digest: "d2", previousUntil: "1970-01-02T00:00:00.000Z" } as const
  const custom = { type: "update-key", of, changes: { role: "custom", permissions: ["session.read"] } } as const
  expect(play(create, rotated, custom)).toMatchObject({
    keys: { k: { role: "custom", permissions: ["session.read"], digest: "d2", previous: { digest: "d1" } } },
  })
  const back = play(create, custom, { type: "update-key", of, changes: { role: "viewer" } })
  expect(back).toMatchObject({ keys: { k: { role: "viewer" } } })
  expect(back).not.toHaveProperty("keys.k.permissions")
})

it("a change to what it is already is no event", () => {
  const opened = play(create)
  const state = typeof opened === "string" ? undefined : opened
  const same = { type: "update-key", of, changes: { name: "A key", role: "viewer" } } as const
  const actor = { kind: "key", id: "local", via: "test" } as const
  expect(decideSystem(state, { ...same, at: "1970-01-01T00:00:09.000Z", actor, salt: "00" })).toEqual([])
})

it("a revoked key is gone, and nothing is done to it, nor to another tenant's", () => {
  const revoke = { type: "revoke-key", of, reason: "Lost." } as const
  expect(play(create, revoke)).toEqual({ keys: {} })
  expect(play(create, revoke, revoke)).toBe("key-not-found")
  expect(play(create, { ...revoke, of: { ...of, tenantId: "other" } })).toBe("key-not-found")
  expect(
    play(create, { type: "rotate-key", of: { ...of, keyId: "toString" }, digest: "d", previousUntil: undefined }),
  ).toBe("key-not-found")
})

it("keys do not touch the stop of all work, nor that them", () => {
  const stop = { type: "stop-all", reason: "Smoke." } as const
  const lift = { type: "lift-stop-all", reason: "Over." } as const
  expect(play(create, stop)).toMatchObject({ keys: { k: {} }, stop: { reason: "Smoke." } })
  expect(play(stop, create, lift)).toEqual({ keys: { k: expect.anything() } })
})

it("there are at most a thousand", () => {
  const wishes = Array.from({ length: 1000 }, (_, n) => ({ ...create, key: { ...key, keyId: `k${n}` } }))
  expect(Object.keys((play(...wishes) as SystemState).keys ?? {})).toHaveLength(1000)
  expect(play(...wishes, create)).toBe("too-many-keys")
  const room = { type: "revoke-key", of: { keyId: "k7", tenantId: "t" }, reason: "x" } as const
  expect(typeof play(...wishes, room, create)).toBe("object")
})

it("a login that was ended is known as long as it would have lasted, and no longer", () => {
  const logout = (loginId: string, until: string) => {
    const data = { keyId: "k", tenantId: "t", userId: "ada", loginId, until }
    return { type: "tell-access", change: { type: "auth.logout", data } } as const
  }
  const [soon, later] = ["1970-01-01T00:00:02.500Z", "1970-01-01T12:00:00.000Z"]
  const both = play(create, logout("a", soon), logout("b", later))
  expect(both).toMatchObject({ keys: { k: {} }, logouts: { a: soon, b: later } })
  const [one, two, three] = [logout("b", later), logout("c", later), logout("d", later)]
  expect((play(logout("a", soon), one, two, three) as SystemState).logouts).toEqual({ b: later, c: later, d: later })
})
