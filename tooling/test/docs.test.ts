import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
const pages = ["README.md", ...globSync("docs/*.md", { cwd: root })]
const blocks = pages.flatMap((page) => blocksOf(page, "sh"))
/** Lines that go together: they are run one after the other in one shell. */
const scripts = blocks.filter((block) => block.startsWith("ag() {"))
const commands = [
  ...new Set(blocks.filter((block) => !scripts.includes(block)).flatMap((block) => block.trim().split("\n"))),
]

const embed = "node --conditions=@aegis/source docs/examples/embed/src/embed.ts"

/** Run by this test as they are printed, with what they have to say; `[y/N]` is answered with no. */
const executedHere: Readonly<Record<string, RegExp>> = {
  [embed]: /end_turn\n$/,
  [`${embed} --cwd docs --state .aegis/docs "/hello"`]: /end_turn\n$/,
  "pnpm check --only lockfiles": /^All 1 checks passed\.$/m,
  "node apps/cli/bin/ag.js hooks install --print": /^ {4}"PreToolUse": \[$/m,
  "pnpm prove": /^ {2}nodes +/m,
}

const executedElsewhere: Readonly<Record<string, string>> = {
  "ag diff docs --path src": "by apps/cli/test",
  "ag export docs --format md --out docs.md": "by apps/cli/test",
  "ag config set agent.recordTraffic true": "by apps/cli/test, as a variable",
  "ag server start": "by apps/cli/test",
  'ag run "Have a look at this folder" --name look --agent demo': "by apps/cli/test, with a script",
  "ag export look --format cassette --out look.jsonl": "by apps/cli/test",
  'ag run "Have a look at this folder" --agent cassette:look.jsonl': "by apps/cli/test, with a script",
  "npm test": "it runs this test",
  "npm start": "by apps/cli/test (ag demo), and by hand in a clean clone",
  "npm run setup": "the first half of npm test",
  'export PATH="$PWD/tooling/toolchain/node_modules/.bin:$PATH"': "changes the reader's shell; the path of all jobs",
  "pnpm check": "by .ci/run",
  "pnpm check --prove": "by hand and at night: over a minute",
  "pnpm prove model --full": "by tooling/prove/prove-model.test.ts, in short",
  "pnpm prove kill --full": "by tooling/prove/prove-kill.test.ts, in short",
  "pnpm prove power --full": "by tooling/prove/prove-power.test.ts, in short",
  "pnpm prove syscalls --full": "by tooling/prove/prove-syscalls.test.ts, in short",
  "pnpm prove disk-full --full": "by tooling/prove/prove-disk-full.test.ts, in short",
  "pnpm prove hostile-agent --full": "by tooling/prove/prove-hostile-agent.test.ts, in short",
  "pnpm prove matrix --full": "by tooling/prove/prove-matrix.test.ts, in short",
  "pnpm prove approvals --full": "by tooling/prove/prove-approvals.test.ts, in short",
  "pnpm prove contract --full": "by tooling/prove/prove-contract.test.ts, in short",
  "pnpm prove browser --full": "by tooling/prove/prove-browser.test.ts, in short",
  "pnpm prove fuzz --full": "by tooling/prove/prove-fuzz.test.ts, in short",
  "pnpm prove races --full": "by tooling/prove/prove-races.test.ts, in short",
  "pnpm prove revoke --full": "by tooling/prove/prove-revoke.test.ts, in short",
  "pnpm prove sleepers --full": "by tooling/prove/prove-sleepers.test.ts, in short",
  "pnpm prove readers --full": "by tooling/prove/prove-readers.test.ts, in short",
  "pnpm prove soak --full": "by tooling/prove/prove-soak.test.ts, in short",
  "pnpm prove audit --full": "by tooling/prove/prove-audit.test.ts, in short",
  "pnpm prove nodes": "by hand and at night: several minutes",
  "ag policy simulate policy.yaml --since 30d": "by apps/cli/test/policy-history.test.ts",
  "ag policy suggest": "by apps/cli/test/policy-history.test.ts",
  "ag policy set policy.yaml": "by apps/cli/test/policy-versions.test.ts",
  "ag policy versions": "by apps/cli/test/policy-versions.test.ts",
  "ag policy show --version 1": "by apps/cli/test/policy-versions.test.ts",
  "ag policy shadow strict.yaml": "by apps/cli/test/policy-versions.test.ts",
  "ag policy shadow": "by apps/cli/test/policy-versions.test.ts",
  "pnpm bench": "by tooling/bench/bench.test.ts",
  "pnpm bench relay": "by tooling/bench/bench.test.ts, with fewer chunks and runs",
  "pnpm bench restart": "by tooling/bench/bench.test.ts, with fewer sessions and one run",
  "pnpm bench policy": "by tooling/bench/bench.test.ts, with one run",
  "pnpm bench stall": "by tooling/bench/bench.test.ts, with one run",
  "pnpm bench start": "by tooling/bench/bench.test.ts, with one run",
  "pnpm e2e:claude": "its parts by .ci/run and by npm test",
  "pnpm format": "changes files; its check is a step of pnpm check",
  "pnpm changeset": "asks questions; changeset status is a step of pnpm check",
  "pnpm --filter @aegis/policy test": "by npm test",
  "pnpm --filter @aegis/policy dev": "runs until it is stopped; the same tests as above",
  [`${embed} --agent claude`]: "needs Claude Code and a login",
  'node apps/cli/bin/ag.js run "Have a look at this folder" --agent demo': "by apps/cli/test, in a home of its own",
  'node apps/cli/bin/ag.js keys create "CI of the website" --role operator --user ci --expires 30d':
    "by apps/cli/test, with another name",
  "node apps/cli/bin/ag.js keys list": "by apps/cli/test",
  'node apps/cli/bin/ag.js keys rotate "CI of the website" --grace 1h': "by apps/cli/test, with another name",
  'node apps/cli/bin/ag.js keys revoke "CI of the website"': "by apps/cli/test, by its id",
  ...Object.fromEntries(
    ["docs/audit.md", "docs/configuration.md", "docs/memory.md"]
      .flatMap((page) => blocksOf(page, "sh"))
      .flatMap((block) => block.trim().split("\n"))
      .map((command) => [command, "by apps/cli/test, as they stand there"]),
  ),
  "node apps/cli/bin/ag.js hooks install": "by apps/cli/test, in a home of its own",
  "node apps/cli/bin/ag.js hooks uninstall": "by apps/cli/test, in a home of its own",
  "node apps/cli/bin/ag.js server stop": "by apps/cli/test, in a home of its own",
}

let folder = ""
beforeAll(() => {
  // The commands are run as in a clone, but leave their state in a folder of the test's.
  folder = mkdtempSync(join(tmpdir(), "docs-"))
  for (const name of readdirSync(root).filter((entry) => entry !== ".aegis"))
    symlinkSync(join(root, name), join(folder, name))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe("every command of the pages is run", () => {
  it.each(commands)("%s", (command) => {
    const places = [executedHere, executedElsewhere].filter((list) => Object.hasOwn(list, command))
    expect(places, "name it once in docs.test.ts").toHaveLength(1)
  })

  it("and no other is listed", () => {
    expect(commands).toEqual(expect.arrayContaining([...Object.keys(executedHere), ...Object.keys(executedElsewhere)]))
  })
})

describe("works as printed", () => {
  it.each(Object.entries(executedHere))("%s", async (command, says) => {
    expect(await runCommand(command)).toMatch(says)
  })
})

it("the calls with curl work one after the other, from the first prompt to the end of the stream", async () => {
  expect(scripts).toHaveLength(1)
  const isAsked = `until call $api/sessions/$id | grep permission_prompt; do sleep 0.1; done`
  // Its own server and port; and a person would look before saying yes.
  const script = (scripts[0] ?? "")
    .replace(":9100", ":$AEGIS_PORT")
    .replace("call $api/sessions/$id/approvals", `${isAsked}\n$&`)
  const output = await runCommand(script, {
    AEGIS_STATE_DIR: join(folder, "curl"),
    AEGIS_PORT: String(await freePort()),
  })
  expect(output).toMatch(/Started: .*"status":"(pending|working)"/s)
  expect(output).toMatch(/"status":"open".*"status":"approved".*"role":"assistant".*"status":"killed"/s)
  expect(output).toMatch(/^event: session\.created\n.*^event: session\.killed\n.*^event: bye\n/ms)
  expect(output).not.toContain("about:blank")
})

it("the program of docs/embedding.md runs", async () => {
  const env = { PLAYGROUND: mkdtempSync(join(folder, "playground-")) }
  const stdout = await runProgram(blocksOf("docs/embedding.md", "ts")[0], { from: "docs/examples/embed", env })
  expect(stdout).toMatch(/^I would like to keep a note\.\napproved\nWrote note\.txt\.\n$/)
})

describe("with a server of its own", () => {
  let own = { AEGIS_STATE_DIR: "", AEGIS_PORT: "", AEGIS_AGENT: "demo" }
  const ag = (words: string) => runCommand(`node apps/cli/bin/ag.js ${words}`, own)
  beforeAll(async () => {
    own = { ...own, AEGIS_STATE_DIR: join(folder, "programs"), AEGIS_PORT: String(await freePort()) }
    await ag("server start")
  })
  afterAll(() => ag("server stop"))

  it.each([
    ["docs/memory.md", "10\n"],
    ["docs/sessions.md", "model, thinking, terse\ntrue demo-large high\n"],
    ["docs/templates.md", "what, branch\nmain 1\n"],
    ["docs/exports.md", "true\n"],
    ["docs/pipelines.md", "completed It renames a file. They pass. Fine.\n"],
    ["docs/routines.md", "-01-01T00:00:00.000Z\ncompleted\n"],
    ["docs/children.md", "release\n  tests\n  notes\n"],
    ["docs/batches.md", "0 tests\n1 workdir-invalid\n1\n"],
  ])("the program of %s does what is said there", async (page, says) => {
    const env = { AEGIS_AUTH_TOKEN: (await ag("token")).trim() }
    const program = blocksOf(page, "ts")[0]?.replace(":9100", `:${own.AEGIS_PORT}`)
    expect(await runProgram(program, { from: "apps/cli", env })).toBe(says)
  })
})

describe("links lead somewhere", () => {
  it.each(pages)("%s", (page) => {
    const targets = [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
      ([, target = ""]) => target,
    )
    expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([])
  })
})

function blocksOf(page: string, language: string) {
  const text = readFileSync(join(root, page), "utf8")
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, block = ""]) => block)
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface RunProgramOptions {
  /** The folder whose packages it uses. */
  readonly from: string
  readonly env: Readonly<Record<string, string>>
}

async function runProgram(program = "", { from, env }: RunProgramOptions) {
  const flags = ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning"]
  const words = [...flags, "--input-type=module-typescript", "--eval", program]
  const cwd = mkdtempSync(join(folder, "program-"))
  symlinkSync(join(root, from, "node_modules"), join(cwd, "node_modules"))
  const options = { cwd, env: { ...process.env, ...env } }
  return (await promisify(execFile)(process.execPath, words, options)).stdout
}

async function runCommand(command: string, more: Readonly<Record<string, string>> = {}) {
  const child = spawn("sh", ["-c", command], {
    cwd: folder,
    env: { ...process.env, ...more, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) },
    stdio: ["pipe", "pipe", "pipe"],
  })
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on("data", (chunk: Buffer) => {
    if (chunk.toString().includes("[y/N]")) child.stdin.write("n\n")
    else output += chunk.toString()
  })
  await once(child, "close")
  return output
}
