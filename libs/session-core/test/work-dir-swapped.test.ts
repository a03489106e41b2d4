import { mkdirSync, readFileSync, renameSync, statSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { ada, demo } from "./aegis-callers.ts"
import { isType, script, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()
const text = (words: string) => ({ content: [{ type: "text", text: words }] })

/** A folder to work in, in which somebody may put a link to another one. */
function places() {
  const [root, elsewhere] = [temporary("root"), temporary("elsewhere")]
  const workDir = join(root, "work")
  mkdirSync(workDir)
  const swap = (to = elsewhere) => {
    renameSync(workDir, join(root, "aside"))
    symlinkSync(to, workDir)
  }
  const restore = () => {
    unlinkSync(workDir)
    renameSync(join(root, "aside"), workDir)
  }
  return { workDir, elsewhere, swap, restore }
}

describe("a folder that became a link to elsewhere", () => {
  it("begins no agent: the session says so, and goes on when the folder is back", async () => {
    const aegis = await open({ settings: { parkAfterMs: 50 } })
    const { workDir, elsewhere, swap, restore } = places()
    const { session } = await aegis.createSession(ada, demo(workDir, script("say One.")))
    await until(aegis, session.id, isType("agent.exited"))
    swap()
    await aegis.send(ada, session.id, text(script("run touch escaped")))
    const [refused] = (await until(aegis, session.id, isType("agent.exited"), 2)).slice(-1)
    const error = { code: "workdir-invalid", message: expect.stringContaining(`${workDir} leads to ${elsewhere}`) }
    expect(refused?.event).toMatchObject({ status: "error", data: { cause: "failed", error } })
    expect(await aegis.getSession(session.id)).toMatchObject({ status: "error", failure: error })
    restore()
    await aegis.send(ada, session.id, text(script("run true")))
    await until(aegis, session.id, isType("approval.requested"))
  })

  it("nor does one that is in the server's own folder, or where nobody may work any more", async () => {
    const { workDir, elsewhere, swap, restore } = places()
    const stateDir = temporary("state")
    const first = await open({ stateDir, settings: { parkAfterMs: 50 } })
    const { session } = await first.createSession(ada, demo(workDir, script("say One.")))
    await until(first, session.id, isType("agent.exited"))
    swap(stateDir)
    await first.send(ada, session.id, text(script("say Two.")))
    const seen = await until(first, session.id, isType("agent.exited"), 2)
    expect(seen.at(-1)?.event.data).toMatchObject({ error: { code: "workdir-forbidden" } })
    restore()
    await first.close()
    const second = await open({ stateDir, allowedWorkDirs: [elsewhere] })
    await second.restart(ada, session.id)
    const again = await until(second, session.id, isType("agent.exited"), 3)
    expect(again.at(-1)?.event.data).toMatchObject({ error: { code: "workdir-forbidden" } })
  })
})

describe("a folder that is swapped all the time", () => {
  it.runIf(process.platform === "linux")(
    "has agents begun in it or not at all, and never where the link leads",
    async () => {
      const { workDir, elsewhere, swap, restore } = places()
      const record = join(temporary("record"), "folders")
      writeFileSync(record, "")
      const program = `require("node:fs").appendFileSync(${JSON.stringify(record)}, require("node:fs").statSync(".").ino + "\\n")`
      const aegis = await open({
        allowedWorkDirs: [dirname(workDir)],
        agents: { witness: { command: process.execPath, args: ["-e", program], modes: {} } },
        settings: { agentRestart: { max: 0, backoffMs: 1 }, maxAgentProcesses: 4 },
      })
      const inode = statSync(workDir).ino
      let isOver = false
      const swapping = (async () => {
        for (let turn = 0; !isOver; turn++) {
          swap()
          for (let wait = turn % 3; wait >= 0; wait--) await setImmediate()
          restore()
          for (let wait = (turn * 7) % 60; wait >= 0; wait--) await setImmediate()
        }
      })()
      for (let round = 0; round < 60; round++) {
        const wish = demo(workDir, undefined, { agent: "witness", reuse: false })
        const made = await aegis.createSession(ada, wish).catch(() => undefined)
        if (made) await until(aegis, made.session.id, isType("agent.exited"))
      }
      isOver = true
      await swapping
      const inodes = readFileSync(record, "utf8")
        .split("\n")
        .filter((line) => line !== "")
      expect(inodes).not.toContain(String(statSync(elsewhere).ino))
      expect(new Set(inodes)).toEqual(new Set([String(inode)]))
    },
    60_000,
  )
})
