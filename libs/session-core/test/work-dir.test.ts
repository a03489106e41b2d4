import { linkSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { describe, expect, it } from "vitest"
import { ada, demo } from "./aegis-callers.ts"
import { isType, script, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

describe("where a session may work", () => {
  it("anywhere but in the data directory and in what the kernel shows as files, also by a link", async () => {
    const root = realpathSync(temporary("root"))
    const [stateDir, links] = [join(root, "state"), join(root, "links")]
    for (const folder of [links, `${stateDir}-other`, join(stateDir, "inside")]) mkdirSync(folder, { recursive: true })
    symlinkSync(stateDir, join(links, "data"))
    // However it is named to the server.
    const aegis = await open({ stateDir: join(links, "data") })
    const data = [stateDir, join(stateDir, "inside"), join(links, "data"), join(links, "data/inside")]
    for (const place of [...data, "/proc", "/proc/self", "/sys", "/dev/shm"])
      await expect(aegis.createSession(ada, demo(place)), place).rejects.toMatchObject({ code: "workdir-forbidden" })
    for (const place of ["", "relative", "/no/such", `${links}\n`, `${links}\0`, `/${"a/".repeat(3000)}`, "~nobody"])
      await expect(aegis.createSession(ada, demo(place)), place).rejects.toMatchObject({ code: "workdir-invalid" })
    // What only begins like it is another folder.
    const { session } = await aegis.createSession(ada, demo(`${links}/../state-other/`))
    expect(session.workDir).toBe(`${stateDir}-other`)
    expect(await aegis.listSessions({ tenantId: "home", limit: 9 })).toHaveLength(1)
  })

  it("only in the folders that are allowed, where some are; where a link leads counts", async () => {
    const [allowed, other] = [temporary("allowed"), temporary("other")]
    mkdirSync(join(allowed, "project"))
    symlinkSync(other, join(allowed, "out"))
    symlinkSync(join(allowed, "project"), join(other, "in"))
    const aegis = await open({ allowedWorkDirs: [allowed] })
    for (const place of [other, join(allowed, "out"), join(allowed, ".."), `${allowed}/../${other.split("/").at(-1)}`])
      await expect(aegis.createSession(ada, demo(place)), place).rejects.toMatchObject({
        code: "workdir-forbidden",
        message: expect.stringContaining(allowed),
      })
    for (const place of [allowed, join(allowed, "project"), join(other, "in")])
      await aegis.createSession(ada, demo(place, undefined, { reuse: false }))
  })
})

describe("folders that begin with what was typed", () => {
  const paths = async (aegis: Awaited<ReturnType<typeof open>>, prefix: string, more = {}) =>
    (await aegis.completeWorkDir({ prefix, limit: 50, ...more })).items.map(({ path }) => path)

  it("are those by name, where sessions may work; hidden ones for who asks for them", async () => {
    const root = realpathSync(temporary("root"))
    for (const name of ["beta", "alpha", "alps/.git", ".hidden", "state/inside"])
      mkdirSync(join(root, name), { recursive: true })
    writeFileSync(join(root, "alphabet"), "")
    symlinkSync(join(root, "beta"), join(root, "alias"))
    symlinkSync(join(root, "state"), join(root, "also"))
    const aegis = await open({ stateDir: join(root, "state") })
    expect(await aegis.completeWorkDir({ prefix: `${root}/al`, limit: 50 })).toEqual({
      items: [
        { path: join(root, "alias"), isRepository: false },
        { path: join(root, "alpha"), isRepository: false },
        { path: join(root, "alps"), isRepository: true },
      ],
      hasMore: false,
    })
    expect(await aegis.completeWorkDir({ prefix: `${root}/al`, limit: 2 })).toMatchObject({
      items: [{ path: join(root, "alias") }, {}],
      hasMore: true,
    })
    expect(await paths(aegis, `${root}/`)).toEqual(["alias", "alpha", "alps", "beta"].map((name) => join(root, name)))
    expect(await paths(aegis, `${root}/.`)).toEqual([join(root, ".hidden")])
    for (const nothing of [`${root}/state/`, `${root}/also/`, `${root}/nope/x`, "relative", "/proc/", `${root}/a\0`])
      expect([nothing, await paths(aegis, nothing)]).toEqual([nothing, []])
  })

  it("are nothing outside of what is allowed, and of what is allowed the beginning", async () => {
    const [allowed, other] = [realpathSync(temporary("allowed")), realpathSync(temporary("other"))]
    for (const folder of [join(allowed, "project/src"), join(other, "secret")]) mkdirSync(folder, { recursive: true })
    symlinkSync(other, join(allowed, "out"))
    // What lies outside is not even named where it leads inside.
    symlinkSync(join(allowed, "project"), join(other, "in"))
    const aegis = await open({ allowedWorkDirs: [allowed] })
    expect(await paths(aegis, "")).toEqual([allowed])
    expect(await paths(aegis, allowed.slice(0, -2))).toEqual([allowed])
    expect(await paths(aegis, `${allowed}/`)).toEqual([join(allowed, "project")])
    for (const nothing of [`${other}/`, `${allowed}/out/`, `${allowed}/../${basename(other)}/`, "~/"])
      expect([nothing, await paths(aegis, nothing)]).toEqual([nothing, []])
    const within = join(allowed, "project")
    expect(await paths(aegis, `${allowed}/`, { within })).toEqual([within])
    expect(await paths(aegis, `${within}/`, { within })).toEqual([join(within, "src")])
  })
})

// Each in a folder full of links.
const steps = [
  "write link/token x",
  "run cat {data}/token",
  "run sh -c 'cat {data}/token'",
  "run cat link/token",
  "run cp a.txt {data}/b",
  "run true > link/b",
  "run cat one-link",
  "write one-link x",
  "write hard-link x",
  "run cat hard-link",
  "run true > hard-link",
  "run cat hard-log",
  "run sh -c 'cat < deep/hard-host'",
  "run cat l*/token",
  "run cat l*/to*",
  "run cat deep/../h?rd-link",
  "run cd deep && cat h*",
  "run cd deep && cat ../hard-link",
  "run cd deep && true > ../link/x",
  "run cat host-link/../token",
  "run true > host-link/../token",
  "run cd {data}/.. && cat {name}/token",
  "run cd {data}/.. && cat */token",
  "run cd $NOWHERE && cat {name}/token",
  "run cat {data}*/token",
  "run cat {data}/host/../token",
  "run dd if=link/token",
  "run dd if=hard-link",
]

describe("the data directory", () => {
  it("is in no call of an agent's, in any mode", async () => {
    const [stateDir, workDir] = [temporary("state"), temporary("work")]
    writeFileSync(join(stateDir, "token"), "secret")
    symlinkSync(stateDir, join(workDir, "link"))
    symlinkSync(join(stateDir, "host"), join(workDir, "host-link"))
    symlinkSync(join(stateDir, "token"), join(workDir, "one-link"))
    linkSync(join(stateDir, "token"), join(workDir, "hard-link"))
    for (const folder of [join(stateDir, "host"), join(workDir, "deep")]) mkdirSync(folder)
    writeFileSync(join(stateDir, "host/secret"), "secret")
    linkSync(join(stateDir, "host/secret"), join(workDir, "deep/hard-host"))
    const aegis = await open({ stateDir: join(workDir, "link") })
    linkSync(join(stateDir, "aegis.db"), join(workDir, "hard-log"))
    const prompt = script(...steps)
      .replaceAll("{data}", stateDir)
      .replaceAll("{name}", basename(stateDir))
    const { session } = await aegis.createSession(ada, demo(workDir, prompt, { permissionMode: "bypassPermissions" }))
    await until(aegis, session.id, isType("turn.ended"))
    const approvals = await aegis.listApprovals({ sessionId: session.id })
    const judged = approvals.toReversed().map(({ status, rule }, index) => [steps[index], status, rule])
    expect(judged).toEqual(steps.map((step) => [step, "rejected", "server:data-directory"]))
  })

  it("is no reason to deny what only may lead anywhere", async () => {
    const workDir = temporary("work")
    const aegis = await open()
    const steps = ["run cat $X", "run ls $X/* ~/$X", "run cd $X; cat token", "run cat *", "run ls ../no-such/*"]
    const wish = { permissionMode: "bypassPermissions" }
    const { session } = await aegis.createSession(ada, demo(workDir, script(...steps), wish))
    await until(aegis, session.id, isType("turn.ended"))
    const approvals = await aegis.listApprovals({ sessionId: session.id })
    expect(approvals.map(({ status, rule }) => [status, rule])).toEqual(
      steps.map(() => ["approved", "mode:bypassPermissions"]),
    )
  })
})

describe("a file of several names", () => {
  it("is edited by its name in the folder only where somebody allows it", async () => {
    const [outside, workDir] = [join(temporary("outside"), "file"), temporary("work")]
    for (const file of [outside, join(workDir, "own")]) writeFileSync(file, "before")
    linkSync(outside, join(workDir, "other"))
    const aegis = await open()
    const statusOf = async (step: string) => {
      const wish = { permissionMode: "acceptEdits", reuse: false }
      const { session } = await aegis.createSession(ada, demo(workDir, script(step), wish))
      await until(aegis, session.id, (event) => event.type === "turn.ended" || event.status === "permission_prompt")
      return (await aegis.listApprovals({ sessionId: session.id })).map(({ status }) => status)
    }
    expect(await statusOf("write own after")).toEqual(["approved"])
    expect(await statusOf("write fresh after")).toEqual(["approved"])
    expect(await statusOf("write other after")).toEqual(["open"])
    expect([readFileSync(join(workDir, "own"), "utf8"), readFileSync(outside, "utf8")]).toEqual(["after", "before"])
  })
})
