import { randomUUID } from "node:crypto"
import { flushCompileCache } from "node:module"
import { readCassette } from "./cassette.ts"
import { CassettePlayer } from "./cassette-player.ts"
import { tapeAfter } from "./cassette-tape.ts"
import { LineSplitter } from "./line-splitter.ts"

// The program of the agents `cassette:<file>`: `cassette-agent <file> <prompts>` plays what was recorded after so many prompts.

const [path = "", prompts = "0"] = process.argv.slice(2)
const lines = new LineSplitter()
const player = new CassettePlayer({ tape: await load(), sessionId: randomUUID() })

for await (const bytes of process.stdin as AsyncIterable<Buffer>) {
  for (const { text } of lines.push(bytes)) answer(text)
  if (player.isOver) break
}
// It ends when what it has said is with the pipe.
process.exitCode = player.isOver ? 1 : 0
flushCompileCache()

async function load() {
  try {
    const tape = tapeAfter(await readCassette(path), Number(prompts))
    return tape ?? `The cassette has no process of the agent that begins after ${prompts} prompts.`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function answer(line: string) {
  const earlier = player.problem
  for (const said of player.hear(line)) process.stdout.write(`${said}\n`)
  if (player.problem !== earlier) process.stderr.write(`${player.problem}\n`)
}
