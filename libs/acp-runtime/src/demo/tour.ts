import { join } from "node:path"
import type { SessionUpdate, StopReason } from "@agentclientprotocol/sdk/unstable"
import type { DemoTurn } from "./demo-turn.ts"
import { type FolderSurvey, surveyFolder } from "./folder-survey.ts"

const PLAN = ["Look at the folder", "Propose a summary file", "Ask what comes next"]
const CONTEXT_SIZE = 200_000
const COST_MICROS = 1250

/** The answer to a prompt without a script: a bit of everything that an agent does. */
export async function giveTour(turn: DemoTurn, text: string, commands: SessionUpdate): Promise<StopReason> {
  await greet(turn)
  if (text.trim() === "/hello") return "end_turn"
  await turn.update(commands)
  await turn.plan(PLAN)
  const survey = await lookAround(turn)
  await report(turn, 2100)
  await turn.plan(PLAN, 1)
  await proposeSummary(turn, survey)
  await report(turn, 3400)
  await turn.plan(PLAN, 2)
  await askWhatNext(turn)
  await turn.plan(PLAN, 3)
  await report(turn, 3600)
  return "end_turn"
}

async function greet(turn: DemoTurn) {
  await turn.think("A visitor. I say hello, look around, and touch nothing without asking.")
  const messageId = turn.session.nextId("message")
  for (const chunk of ["Hello! ", "I am the demo agent: ", "no model, ", "no network, ", "always the same."]) {
    await turn.say(chunk, messageId)
  }
}

async function lookAround(turn: DemoTurn) {
  const { cwd } = turn.session
  const survey = await surveyFolder(cwd)
  const list = { name: "List", title: "List the folder", kind: "search" as const, rawInput: { path: cwd } }
  await turn.useTool(
    { ...list, locations: [{ path: cwd }] },
    { files: survey.files.slice(0, 50), total: survey.files.length },
  )
  if (survey.readme) {
    const path = join(cwd, survey.readme.path)
    const read = {
      name: "Read",
      title: `Read ${survey.readme.path}`,
      kind: "read" as const,
      rawInput: { file_path: path },
    }
    await turn.useTool({ ...read, locations: [{ path, line: 1 }] }, { heading: survey.readme.heading })
  }
  await turn.say(summarise(survey))
  return survey
}

function summarise({ files, isComplete, counts, readme }: FolderSurvey) {
  if (files.length === 0) return "The folder is empty."
  const endings = counts.slice(0, 8).map(([ending, count]) => `${count} ${ending}`)
  const title = readme ? ` ${readme.path} begins with "${readme.heading}".` : ""
  return `The folder has ${isComplete ? "" : "more than "}${files.length} ${files.length === 1 ? "file" : "files"}: ${endings.join(", ")}.${title}`
}

async function proposeSummary(turn: DemoTurn, survey: FolderSurvey) {
  const path = "AEGIS-DEMO.md"
  const answer = await turn.writeFile(path, `# What the demo agent saw\n\n${summarise(survey)}\n`)
  await turn.say(answer === "allowed" ? `I wrote ${path}.` : `No problem: I leave the folder as it is.`)
}

async function askWhatNext(turn: DemoTurn) {
  const choice = await turn.askQuestion("What shall I look at next?", ["Tests", "Documentation", "Nothing"])
  await turn.say(
    choice === undefined ? "Then that is all. Goodbye!" : `You chose "${choice}". That is all I can do. Goodbye!`,
  )
}

async function report(turn: DemoTurn, used: number) {
  turn.session.costMicros += COST_MICROS
  await turn.usage({ used, size: CONTEXT_SIZE, costMicros: turn.session.costMicros })
}
