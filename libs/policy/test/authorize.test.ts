import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  audienceOf,
  authorize,
  isVisibleTo,
  type Permission,
  type Principal,
  permissionsOf,
  type Role,
  type Target,
} from "../src/index.ts"
import { PermissionSchema, RoleSchema } from "../src/schema.ts"

const ada: Principal = { keyId: "k1", userId: "ada", tenantId: "t1", role: "operator", credential: "key" }
const own = { userId: "ada", tenantId: "t1", sessionId: "s1" }
const colleagues = { userId: "bo", tenantId: "t1", sessionId: "s2" }
const foreign = { userId: "cy", tenantId: "t2", sessionId: "s3" }

describe("authorize", () => {
  it("asks for a credential of the right kind before anything else", () => {
    expect(authorize(undefined, "public", { sharing: "tenant" })).toBe("allowed")
    expect(authorize(undefined, "any", { sharing: "tenant" })).toBe("unauthenticated")
    expect(authorize(ada, "stream", { sharing: "tenant" })).toBe("unauthenticated")
    expect(authorize({ ...ada, credential: "stream" }, "session.read", { sharing: "tenant" })).toBe("unauthenticated")
    expect(authorize({ ...ada, credential: "stream" }, "any", { sharing: "tenant" })).toBe("unauthenticated")
    expect(authorize({ ...ada, credential: "hook" }, "hook", { sharing: "tenant" })).toBe("allowed")
  })

  it("treats what may not be read as absent, and what may be read but not done as forbidden", () => {
    expect(authorize(ada, "session.kill", { target: own, sharing: "owner" })).toBe("allowed")
    expect(authorize(ada, "session.kill", { target: colleagues, sharing: "tenant" })).toBe("forbidden")
    expect(authorize(ada, "session.kill", { target: colleagues, sharing: "owner" })).toBe("absent")
    expect(authorize(ada, "session.approve", { target: colleagues, sharing: "tenant" })).toBe("allowed")
    expect(authorize(ada, "template.read", { target: colleagues, sharing: "tenant" })).toBe("allowed")
    expect(authorize(ada, "template.write", { target: colleagues, sharing: "tenant" })).toBe("forbidden")
    expect(authorize(ada, "session.read", { target: foreign, sharing: "tenant" })).toBe("absent")
    expect(authorize({ ...ada, role: "admin" }, "session.read", { target: foreign, sharing: "tenant" })).toBe("absent")
    expect(authorize({ ...ada, role: "admin" }, "session.kill", { target: colleagues, sharing: "owner" })).toBe(
      "allowed",
    )
  })

  it("keeps a stream token bound to its session", () => {
    const token: Principal = { ...ada, credential: "stream", sessionId: "s1" }
    expect(authorize(token, "stream", { target: own, sharing: "tenant" })).toBe("allowed")
    expect(authorize(token, "stream", { target: colleagues, sharing: "tenant" })).toBe("absent")
  })

  it("never lets an agent approve, nor see what is not its own", () => {
    const agent: Principal = { ...ada, role: "agent" }
    expect(authorize(agent, "session.approve", { target: own, sharing: "tenant" })).toBe("forbidden")
    expect(authorize(agent, "session.read", { target: colleagues, sharing: "tenant" })).toBe("absent")
  })

  it("has a session's agent look at its own session, use that one's children, and know of nothing else", () => {
    const agent: Principal = { ...ada, role: "agent", agentOf: "s1" }
    const child = { ...own, sessionId: "s4", parentId: "s1" }
    const verdicts = (target: Target) =>
      PermissionSchema.options.filter((mark) => authorize(agent, mark, { target, sharing: "tenant" }) === "allowed")
    expect(verdicts(own)).toEqual(["session.read", "session.create"])
    expect(verdicts(child)).toEqual(["session.read", "session.send"])
    for (const target of [
      { ...own, sessionId: "s5" },
      { ...own, sessionId: "s5", parentId: "s4" },
      { ...colleagues, parentId: "s1" },
      { ...colleagues, sessionId: "s1" },
      { ...foreign, parentId: "s1" },
    ])
      for (const mark of ["session.read", "any"] as const)
        expect(authorize(agent, mark, { target, sharing: "tenant" })).toBe("absent")
    const stream: Principal = { ...agent, credential: "stream" }
    const streams = (who: Principal) =>
      [own, child, { ...own, sessionId: "s5" }].map((target) => authorize(who, "stream", { target, sharing: "tenant" }))
    expect(streams(stream)).toEqual(["allowed", "allowed", "absent"])
    expect(streams({ ...stream, sessionId: "s4" })).toEqual(["absent", "allowed", "absent"])
    // Whatever else it were.
    expect(authorize({ ...agent, role: "admin" }, "session.kill", { target: child, sharing: "tenant" })).toBe(
      "forbidden",
    )
  })

  it("narrows lists and streams of a session's agent to that one's children", () => {
    const audience = audienceOf({ ...ada, role: "agent", agentOf: "s1" }, "tenant")
    expect(audience).toEqual({ tenantId: "t1", userId: "ada", parentId: "s1" })
    expect(
      [own, { ...own, parentId: "s1" }, { ...own, parentId: "s2" }].map((of) => isVisibleTo(audience, of)),
    ).toEqual([false, true, false])
  })

  it("gives a custom role exactly its list", () => {
    const custom: Principal = { ...ada, role: "custom", permissions: ["audit.read"] }
    for (const permission of PermissionSchema.options)
      expect(authorize(custom, permission, { sharing: "tenant" })).toBe(
        permission === "audit.read" ? "allowed" : "forbidden",
      )
    expect(authorize({ ...ada, role: "custom" }, "session.read", { sharing: "tenant" })).toBe("forbidden")
  })

  it("orders the roles: what a viewer may, an operator may; what an operator may, an admin may; admin may all", () => {
    const of = (role: Role) => permissionsOf({ role })
    expect([...of("viewer")].every((permission) => of("operator").has(permission))).toBe(true)
    expect([...of("operator")].every((permission) => of("admin").has(permission))).toBe(true)
    expect([...of("admin")].toSorted()).toEqual([...PermissionSchema.options].toSorted())
  })

  it("never allows across tenants, whatever else is said", () => {
    const principal = fc.record({
      keyId: fc.string(),
      userId: fc.constantFrom("ada", "bo"),
      tenantId: fc.constant("t1"),
      role: fc.constantFrom(...RoleSchema.options),
      permissions: fc.subarray<Permission>([...PermissionSchema.options]),
      credential: fc.constantFrom("key" as const, "stream" as const, "hook" as const),
    })
    const mark = fc.constantFrom(...PermissionSchema.options, "any" as const, "stream" as const, "hook" as const)
    fc.assert(
      fc.property(principal, mark, fc.constantFrom("tenant" as const, "owner" as const), (who, what, sharing) => {
        expect(authorize(who, what, { target: { userId: "ada", tenantId: "t2" }, sharing })).not.toBe("allowed")
      }),
    )
  })
})
