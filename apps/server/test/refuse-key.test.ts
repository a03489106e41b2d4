import type { PermissionMode, Principal } from "@aegis/policy"
import { expect, it } from "vitest"
import { refuseKey } from "../src/refuse-key.ts"

const person = { keyId: "k", userId: "ada", tenantId: "t", credential: "key" } as const
const mine = (permissions: NonNullable<Principal["permissions"]>): Principal => ({
  ...person,
  role: "custom",
  permissions,
})

async function refusal(
  principal: Principal | undefined,
  { mode = "default", usual = "default", isWritable = true, isKeyless = false } = {},
) {
  const credentials = { ofKey: async (keyId: string) => (keyId === "k" ? principal : undefined) }
  const work = { key: isKeyless ? undefined : "k", kind: "routine", permissionMode: mode } as const
  const audit = { isWritable: async () => isWritable }
  return refuseKey(work, { credentials, config: { permissionMode: usual as PermissionMode }, audit })
}

it("begins with a key what that may begin now, and nothing with one that may not any more, or is gone", async () => {
  const operator: Principal = { ...person, role: "operator" }
  expect(await refusal(operator)).toBeUndefined()
  expect(await refusal(operator, { mode: "bypassPermissions" })).toBeUndefined()
  expect(await refusal(undefined)).toBe("The key k, which asked for it, was revoked or has expired.")
  expect(await refusal({ ...person, role: "viewer" })).toContain("has no routine.write, session.create any more")
  expect(await refusal(mine(["session.create"]))).toContain("has no routine.write any more")
  expect(await refusal(mine(["routine.write"]))).toContain("has no session.create any more")
})

it("asks no less than the server does now without the right to approve", async () => {
  const maker = mine(["routine.write", "session.create"])
  expect(await refusal(maker)).toBeUndefined()
  expect(await refusal(maker, { mode: "acceptEdits" })).toContain("has no session.approve any more")
  expect(await refusal(maker, { mode: "acceptEdits", usual: "acceptEdits" })).toBeUndefined()
})

it("begins nothing that judges itself while the audit cannot be written, with whatever key", async () => {
  const admin: Principal = { ...person, role: "admin" }
  expect(await refusal(admin, { mode: "auto", isWritable: false })).toContain("audit cannot be written")
  expect(await refusal(admin, { mode: "auto" })).toBeUndefined()
  expect(await refusal(admin, { isWritable: false })).toBeUndefined()
  expect(await refusal(undefined, { isKeyless: true })).toBeUndefined()
})
