import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isFit } from "../node-fitness.mjs"
import { machineEnvironment } from "./machine-environment.ts"
import { type ProgramResult, runProgram } from "./run-program.ts"

/** The first of each supported line, or its newest where the first has nothing of its own to show. */
const versions = ["22.18.0", "24.21.0", "26.10.0"]

interface NodeRun {
  readonly title: string
  readonly version: string
  readonly broughtNode: boolean
  readonly runs: readonly NamedRun[]
}

interface NamedRun extends ProgramResult {
  readonly words: string
}

/** What a newcomer types, and types again. */
const commands = ["start", "start", "test", "test"]
const LONGEST_SECOND_START_SECONDS = 15

/** `npm start` and `npm test`, each twice, in a clean clone of HEAD: on the machine's own Node, and with each supported one first on the path. */
export async function proveNodes() {
  const folder = mkdtempSync(join(tmpdir(), "prove-nodes-"))
  try {
    const results = [await runOn("machine", machineEnvironment(), folder)]
    for (const version of versions)
      results.push(await runOn(version, machineEnvironment(await installNode(version, folder)), folder))
    const problems = results.flatMap(problemsOf)
    console.log(toTable(results))
    for (const problem of problems) console.log(problem)
    return problems.length === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Gives the folder with the `node` of that version: npm makes a plain link there, so signals reach the program. */
async function installNode(version: string, folder: string) {
  const cwd = join(folder, `node-${version}`)
  mkdirSync(cwd)
  const name = `node-${process.platform}-${process.arch}@${version}`
  const words = ["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", name]
  const { code, output } = await runProgram("npm", words, { cwd, env: machineEnvironment() })
  if (code !== 0) throw new Error(`${name} could not be installed:\n${output}`)
  return join(cwd, "node_modules", ".bin")
}

async function runOn(title: string, env: NodeJS.ProcessEnv, folder: string): Promise<NodeRun> {
  const clone = join(folder, `clone-${title}`)
  const cloned = await runProgram("git", ["clone", "--quiet", process.cwd(), clone], { cwd: folder, env })
  if (cloned.code !== 0) throw new Error(`The repository could not be cloned:\n${cloned.output}`)
  const { output } = await runProgram("node", ["--version"], { cwd: clone, env })
  const version = output.trim().replace("v", "")
  const runs: NamedRun[] = []
  for (const words of commands) {
    process.stderr.write(`${title}: npm ${words} … `)
    const result = await runProgram("npm", [words], { cwd: clone, env })
    process.stderr.write(`${result.seconds.toFixed(1)} s, exit ${result.code}\n`)
    runs.push({ words, ...result })
  }
  const broughtNode = existsSync(join(clone, "tooling/toolchain/node_modules/.bin/node"))
  rmSync(clone, { recursive: true, force: true })
  return { title, version, broughtNode, runs }
}

function problemsOf({ title, version, broughtNode, runs }: NodeRun) {
  return [
    ...(title !== "machine" && title !== version ? [`${title}: the Node that ran was ${version}`] : []),
    ...(broughtNode === isFit(version)
      ? [`${title}: our own Node was ${broughtNode ? "brought" : "not brought"}`]
      : []),
    ...runs.flatMap(({ words, code, output }) =>
      code === 0 ? [] : [`${title}: npm ${words} ended with ${code}:\n${output}`],
    ),
    ...((runs[1]?.seconds ?? 0) > LONGEST_SECOND_START_SECONDS ? [`${title}: the second npm start was slow`] : []),
    ...runs.flatMap(({ output }) => warningsIn(output).map((warning) => `${title}: ${warning}`)),
  ]
}

// A line's younger features are announced as experimental there; who types `npm test` shall not see it.
function warningsIn(output: string) {
  return output.split("\n").filter((line) => line.includes("ExperimentalWarning"))
}

function toTable(results: readonly NodeRun[]) {
  const rows = results.map(({ title, version, broughtNode, runs }) => [
    title === "machine" ? `${version} (the machine's)` : version,
    broughtNode ? "24.21.0, ours" : "its own",
    ...runs.map(({ seconds }) => seconds.toFixed(1)),
    runs.map(({ code }) => code).join(", "),
    runs.at(-1)?.output.trim().split("\n").at(-1) ?? "",
  ])
  const titles = ["Node", "works with", "start s", "again s", "test s", "again s", "exit", "last line"]
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  return [titles, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}
