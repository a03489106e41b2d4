import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { PolicySchema } from "@aegis/policy/schema"
import { describe, expect, it } from "vitest"
import { ada, bo, demo } from "./aegis-callers.ts"
import { isType, script, until, untilEach, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

// Between the question and the answer somebody changes what the call leads to.

interface Place {
  readonly workDir: string
  /** In front of all others where programs are looked for, and empty. */
  readonly bin: string
  readonly outside: string
}

const cases: Readonly<
  Record<string, { readonly step: string; prepare(place: Place): void; change(place: Place): void }>
> = {
  "a script is written anew": {
    step: "run sh build.sh",
    prepare: ({ workDir }) => writeFileSync(join(workDir, "build.sh"), "true\n"),
    change: ({ workDir }) => writeFileSync(join(workDir, "build.sh"), "evil\n"),
  },
  "a script is there only afterwards": {
    step: "run sh build.sh || true",
    prepare: () => {},
    change: ({ workDir }) => writeFileSync(join(workDir, "build.sh"), "evil\n"),
  },
  "a script is gone": {
    step: "run sh build.sh || true",
    prepare: ({ workDir }) => writeFileSync(join(workDir, "build.sh"), "true\n"),
    change: ({ workDir }) => rmSync(join(workDir, "build.sh")),
  },
  "a script in the folder that the line goes to": {
    step: "run cd sub && sh build.sh",
    prepare: ({ workDir }) => {
      mkdirSync(join(workDir, "sub"))
      writeFileSync(join(workDir, "sub/build.sh"), "true\n")
    },
    change: ({ workDir }) => writeFileSync(join(workDir, "sub/build.sh"), "evil\n"),
  },
  "a script that a shell in the line runs": {
    step: `run sh -c "sh build.sh"`,
    prepare: ({ workDir }) => writeFileSync(join(workDir, "build.sh"), "true\n"),
    change: ({ workDir }) => writeFileSync(join(workDir, "build.sh"), "evil\n"),
  },
  "a large file": {
    step: "run sh large.sh",
    prepare: ({ workDir }) => writeFileSync(join(workDir, "large.sh"), "# \n".repeat(500_000)),
    change: ({ workDir }) => writeFileSync(join(workDir, "large.sh"), "#!\n".repeat(500_000)),
  },
  "what npm runs": {
    step: "run npm test || true",
    prepare: ({ workDir }) => writeFileSync(join(workDir, "package.json"), `{"scripts":{"test":"true"}}`),
    change: ({ workDir }) => writeFileSync(join(workDir, "package.json"), `{"scripts":{"test":"evil"}}`),
  },
  "another program of that name": {
    step: "run printf x",
    prepare: () => {},
    change: ({ bin }) => {
      writeFileSync(join(bin, "printf"), "#!/bin/sh\necho evil\n")
      chmodSync(join(bin, "printf"), 0o755)
    },
  },
  "a link to a script": {
    step: "run sh build.sh",
    prepare: ({ workDir }) => {
      for (const name of ["one", "two"]) writeFileSync(join(workDir, name), "true\n")
      symlinkSync("one", join(workDir, "build.sh"))
    },
    change: ({ workDir }) => {
      rmSync(join(workDir, "build.sh"))
      symlinkSync("two", join(workDir, "build.sh"))
    },
  },
  "a folder on the way to what is written becomes a link": {
    step: "write sub/a.txt hello",
    prepare: ({ workDir }) => mkdirSync(join(workDir, "sub")),
    change: ({ workDir, outside }) => {
      rmSync(join(workDir, "sub"), { recursive: true })
      symlinkSync(outside, join(workDir, "sub"))
    },
  },
}

async function asked(step: string, { prepare, policy }: { prepare?: (place: Place) => void; policy?: object } = {}) {
  const place = { workDir: temporary("work"), bin: temporary("bin"), outside: temporary("outside") }
  prepare?.(place)
  const env = { ...process.env, PATH: [place.bin, process.env.PATH].join(delimiter) }
  const aegis = await open({ env, ...(policy ? { policy: PolicySchema.parse(policy) } : {}) })
  const { session } = await aegis.createSession(ada, demo(place.workDir, script(step)))
  await until(aegis, session.id, isType("approval.requested"))
  const [approval] = await aegis.listApprovals({ sessionId: session.id })
  if (!approval) throw new Error("There is no approval.")
  const approve = (approvalId?: string) => aegis.vote(ada, session.id, { choice: "approve", approvalId })
  return { aegis, place, approval, approve, sessionId: session.id }
}

describe("an approval is about what was asked about", () => {
  it.each(Object.entries(cases))(
    "%s: it is asked anew, and the new question can be answered",
    async (_, { step, prepare, change }) => {
      const { aegis, place, approval, approve, sessionId } = await asked(step, { prepare })
      change(place)
      await expect(approve(approval.approvalId)).rejects.toMatchObject({ code: "approval-changed" })
      const [anew, old, ...more] = await aegis.listApprovals({ sessionId })
      expect([old?.status, old?.delivery, anew?.status, more]).toEqual(["withdrawn", "none", "open", []])
      expect(anew).toMatchObject({ digest: approval.digest, tool: approval.tool, votes: [] })
      expect(anew?.files).not.toEqual(old?.files)
      expect(await approve(anew?.approvalId)).toMatchObject({ status: "approved" })
      const entries = await untilEach(aegis, sessionId, ["turn.ended", "approval.delivered"])
      const events = entries.map(({ event }) => event.type)
      expect(events.filter((type) => type === "approval.delivered")).toHaveLength(1)
    },
  )

  it.each(Object.entries(cases))("and if nothing changes it is the answer: %s", async (_, { step, prepare }) => {
    const { approval, approve } = await asked(step, { prepare })
    expect(await approve(approval.approvalId)).toMatchObject({ status: "approved" })
  })

  it("names what it leads to: where paths lead, and what is in the files of a command", async () => {
    const { approval, place } = await asked("run sh build.sh > out.txt", {
      prepare: ({ workDir }) => writeFileSync(join(workDir, "build.sh"), "true\n"),
    })
    expect(approval.files).toContainEqual({
      path: "build.sh",
      target: join(place.workDir, "build.sh"),
      // Of `true` and the line's end.
      state: "a17fcf0a2f50e2d495e4f90ce263410edc183add6c62699a2facbccf60410f74",
    })
    const out = join(place.workDir, "out.txt")
    expect(approval.files).toContainEqual({ path: out, target: out })
  })

  it("what a rule denies in its new place is denied without anybody being asked", async () => {
    const rules = [{ id: "no-keys", decision: "deny", match: { path: "**/keys/**" } }]
    const { aegis, place, approval, approve, sessionId } = await asked("write sub/a.txt hello", {
      prepare: ({ workDir, outside }) => {
        mkdirSync(join(workDir, "sub"))
        mkdirSync(join(outside, "keys"))
      },
      policy: { version: 1, rules },
    })
    rmSync(join(place.workDir, "sub"), { recursive: true })
    symlinkSync(join(place.outside, "keys"), join(place.workDir, "sub"))
    await expect(approve(approval.approvalId)).rejects.toMatchObject({ code: "approval-changed" })
    const [anew] = await aegis.listApprovals({ sessionId })
    expect(anew).toMatchObject({ status: "rejected", rule: "no-keys" })
    await until(aegis, sessionId, isType("turn.ended"))
  })

  it("whoever approved before has to look again, too; a no is about anything", async () => {
    const place = { workDir: temporary("work") }
    const file = join(place.workDir, "build.sh")
    writeFileSync(file, "true\n")
    const aegis = await open({ settings: { approvals: { required: 2 } } })
    const { session } = await aegis.createSession(
      ada,
      demo(place.workDir, script("run sh build.sh", "run sh build.sh")),
    )
    const vote = (who: typeof ada, choice: "approve" | "reject") => aegis.vote(who, session.id, { choice })
    await until(aegis, session.id, isType("approval.requested"))
    await vote(ada, "approve")
    writeFileSync(file, "evil\n")
    await expect(vote(bo, "approve")).rejects.toMatchObject({ code: "approval-changed" })
    expect(await vote(bo, "approve")).toMatchObject({ status: "open", votes: [{ voter: "bo" }] })
    expect(await vote(ada, "approve")).toMatchObject({ status: "approved" })
    await until(aegis, session.id, isType("approval.requested"), 3)
    writeFileSync(file, "other\n")
    expect(await vote(ada, "reject")).toMatchObject({ status: "rejected" })
    expect(readFileSync(file, "utf8")).toBe("other\n")
  })

  it("the same words in another order are another call", async () => {
    const { aegis, approval, sessionId } = await asked("run printf a b\nrun printf b a")
    await aegis.vote(ada, sessionId, { choice: "approve", digest: approval.digest })
    await until(aegis, sessionId, isType("approval.requested"), 2)
    await expect(aegis.vote(ada, sessionId, { choice: "approve", digest: approval.digest })).rejects.toMatchObject({
      code: "digest-mismatch",
    })
  })
})
