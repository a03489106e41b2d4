import { spawn } from "node:child_process"
import { once } from "node:events"
import type { DemoTurn } from "./demo-turn.ts"
import { numbersOf, type ScriptStep } from "./script.ts"

/** The steps with which the demo agent misbehaves as a process; false: it is none of them. */
export async function breakProcess(turn: DemoTurn, step: ScriptStep): Promise<boolean> {
  const { program } = turn
  switch (step.word) {
    case "raw":
      await write(program.stdout, `${step.rest}\n`)
      return true
    case "stderr":
      await write(program.stderr, `${step.rest}\n`)
      return true
    case "flood":
      await flood(program.stdout, numbersOf(step, 1)[0] ?? 0)
      return true
    case "env":
      await turn.say(JSON.stringify(Object.keys(program.environment).sort()))
      return true
    case "exit":
      process.exit(numbersOf(step, 1)[0])
      return true
    case "crash":
      process.kill(process.pid, "SIGKILL")
      return true
    case "ignore-term":
      ignoreTerm()
      return true
    case "spawn-daemon":
      await turn.say(`Daemon ${startDaemon(program.environment)} runs.`)
      return true
    default:
      return false
  }
}

async function write(stream: NodeJS.WriteStream, text: string) {
  if (!stream.write(text)) await once(stream, "drain")
}

async function flood(stream: NodeJS.WriteStream, bytes: number) {
  const block = "x".repeat(64 * 1024)
  for (let left = bytes; left > 0; left -= block.length) await write(stream, block.slice(0, left))
}

/** Neither SIGTERM nor the end of input ends it any more. */
function ignoreTerm() {
  process.on("SIGTERM", () => {})
  setInterval(() => {}, 2 ** 30)
}

/** A session of its own, so no signal to the agent's group reaches it; only its environment tells where it is from. */
function startDaemon(environment: DemoTurn["program"]["environment"]) {
  const idle = "setInterval(() => {}, 2 ** 30)"
  const daemon = spawn(process.execPath, ["-e", idle], { detached: true, stdio: "ignore", env: environment })
  daemon.unref()
  return daemon.pid
}
