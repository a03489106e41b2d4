import { join } from "node:path"
import { checkDatabase } from "../disk/check-database.ts"
import { ProvedServer } from "../kill/proved-server.ts"
import { type Fault, straceWords } from "./strace.ts"

/** A start on an empty data directory whose disk fails: it works or says why not, and the next start works. */
export async function failStart(stateDir: string, fault: Fault): Promise<readonly string[]> {
  const files = ["aegis.db", "aegis.db-wal", "aegis.db-shm"].map((name) => join(stateDir, name))
  const under = ["strace", "-qq", "-o", "/dev/null", ...straceWords(fault, files)]
  const failing = new ProvedServer(stateDir, { under })
  const sound = new ProvedServer(stateDir)
  const problems: string[] = []
  try {
    await failing.start().catch(() => {
      if (!/free some space|disk (of the log )?has failed/i.test(failing.said))
        problems.push(`said only: ${failing.said.slice(-300)}`)
    })
    failing.killAll()
    if ((await failing.untilEnded()) === 0) problems.push("ended as if all were well")
    await sound.start()
    await sound.call("/v1/sessions")
  } catch (error) {
    problems.push(`the next start: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    sound.killAll()
    await sound.end("SIGKILL")
  }
  const { call, error, nth } = fault
  return [...problems, ...checkDatabase(stateDir)].map((line) => `${error} at ${call} ${nth} of a start: ${line}`)
}
