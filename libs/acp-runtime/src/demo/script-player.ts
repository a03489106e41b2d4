import { once } from "node:events"
import { setTimeout as delay } from "node:timers/promises"
import { RequestError, type StopReason, type ToolKind } from "@agentclientprotocol/sdk/unstable"
import type { DemoTurn } from "./demo-turn.ts"
import { breakProcess } from "./process-steps.ts"
import { numbersOf, type ScriptStep, textOf, wordsOf, wrong } from "./script.ts"

/** Plays the steps in order. The README has the table of them. */
export async function playScript(turn: DemoTurn, steps: readonly ScriptStep[]): Promise<StopReason> {
  for (const step of steps) {
    if (step.word === "stop") return step.rest as StopReason
    const play = Object.hasOwn(STEPS, step.word) ? STEPS[step.word] : undefined
    if (play) await play(turn, step)
    else if (!(await breakProcess(turn, step))) throw wrong(step, "is no step")
    turn.signal.throwIfAborted()
  }
  return "end_turn"
}

type Play = (turn: DemoTurn, step: ScriptStep) => Promise<unknown>

const STEPS: Readonly<Record<string, Play>> = {
  say: (turn, step) => turn.say(textOf(step)),
  think: (turn, step) => turn.think(textOf(step)),
  chunks: sayChunks,
  tool: useTool,
  write: writeFile,
  run: runCommand,
  ask: askQuestion,
  askmany: (turn, step) => askMany(turn, step, (n) => pretend(turn, `make step-${n}`)),
  writes: (turn, step) => askMany(turn, step, (n) => turn.writeFile(`demo-${n}.txt`, `Number ${n}\n`)),
  options: (turn) =>
    turn.say(turn.session.configOptions.map(({ id, currentValue }) => `${id} ${currentValue}`).join(", ")),
  plan: (turn, step) => turn.plan(step.rest.split(";").map((item) => item.trim())),
  usage: reportUsage,
  commands: (turn) =>
    turn.update({
      sessionUpdate: "available_commands_update",
      availableCommands: [{ name: "hello", description: "Only says hello" }],
    }),
  mode: (turn, step) => turn.update({ sessionUpdate: "current_mode_update", currentModeId: step.rest }),
  title: (turn, step) => turn.update({ sessionUpdate: "session_info_update", title: step.rest }),
  wait: (turn) => once(turn.signal, "abort"),
  pause: (turn, step) => delay(numbersOf(step, 1)[0], undefined, { signal: turn.signal }),
  retry: sayRetry,
  fail: async (_turn, step) => {
    const [code, message = ""] = wordsOf(step, 1)
    throw new RequestError(Number(code), message)
  },
}

async function sayChunks(turn: DemoTurn, step: ScriptStep) {
  const [count = 0, size = 0] = numbersOf(step, 2)
  const messageId = turn.session.nextId("message")
  for (let n = 1; n <= count; n++) await turn.say(`${n} `.padEnd(size, "x"), messageId)
}

async function useTool(turn: DemoTurn, step: ScriptStep) {
  const [name = "", kind = "", title = ""] = wordsOf(step, 2)
  await turn.useTool({ name, title, kind: kind as ToolKind, rawInput: {} }, { done: true })
}

async function writeFile(turn: DemoTurn, step: ScriptStep) {
  const [path = "", text = ""] = wordsOf(step, 1)
  const answer = await turn.writeFile(path, text)
  await turn.say(answer === "allowed" ? `Wrote ${path}.` : `Did not write ${path}.`)
}

async function runCommand(turn: DemoTurn, step: ScriptStep) {
  const answer = await pretend(turn, step.rest)
  await turn.say(answer === "allowed" ? `Ran ${step.rest}.` : `Did not run ${step.rest}.`)
}

function pretend(turn: DemoTurn, command: string) {
  const call = { name: "Bash", title: command, kind: "execute" as const, rawInput: { command } }
  return turn.askToUse(call, async () => ({ pretended: command }))
}

async function askQuestion(turn: DemoTurn, step: ScriptStep) {
  const [message = "", ...options] = step.rest.split("|").map((part) => part.trim())
  const choice = await turn.askQuestion(message, options)
  await turn.say(choice === undefined ? "Nothing was chosen." : `Chosen: ${choice}.`)
}

async function askMany(turn: DemoTurn, step: ScriptStep, ask: (n: number) => Promise<string>) {
  const [count = 0] = numbersOf(step, 1)
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => ask(index + 1)))
  await turn.say(`Allowed ${answers.filter((answer) => answer === "allowed").length} of ${count}.`)
}

async function reportUsage(turn: DemoTurn, step: ScriptStep) {
  const [used = 0, size = 0, cost = 0] = numbersOf(step, 3)
  turn.session.costMicros = Math.round(cost * 1_000_000)
  await turn.usage({ used, size, costMicros: turn.session.costMicros })
}

/** In the words of the Claude adapter: the protocol itself has none for it. */
async function sayRetry(turn: DemoTurn, step: ScriptStep) {
  const [attempt, retryDelayMs] = numbersOf(step, 2)
  const retry = { attempt, max_retries: 10, retry_delay_ms: retryDelayMs, error_status: 429, error: "rate_limit" }
  await turn.notify("_claude/sdkMessage", { message: { type: "system", subtype: "api_retry", ...retry } })
}
