import { execFileSync } from "node:child_process"
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { createDiffFolder, type DiffLimits } from "../src/node-diff-folder.ts"
import { headOf } from "../src/node-find-repository.ts"

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function temporary(name: string) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `aegis-${name}-`)))
  folders.push(folder)
  return folder
}

/** A repository with these files, and what is to be another in it. */
async function repositoryOf(files: Readonly<Record<string, string>>) {
  const folder = temporary("repository")
  const git = (...words: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...words], {
      cwd: folder,
      stdio: "pipe",
    })
  const put = (path: string, text: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
    return join(folder, path)
  }
  git("init", "--quiet")
  for (const [path, text] of Object.entries(files)) put(path, text)
  git("add", "--all")
  git("commit", "--quiet", "--allow-empty", "--no-verify", "--message", "all")
  return { workDir: folder, base: await headOf(folder), put, git }
}

function diffing(limits: Partial<DiffLimits> = {}) {
  const stateDir = temporary("state")
  return { stateDir, diff: createDiffFolder({ stateDir, searchPath: process.env.PATH ?? "", limits }) }
}

/** Whoever may do everything may read everything: then it is done as somebody who may not. */
async function unprivileged<T>(own: readonly string[], work: () => Promise<T>) {
  if (process.geteuid?.() !== 0) return work()
  execFileSync("chown", ["-R", String(NOBODY), ...own])
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

const NOBODY = 65534

const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}\n`).join("")

describe("the changes of a folder", () => {
  it("are as many as anybody reads, and it is said that there are more", async () => {
    const { workDir, base, put } = await repositoryOf({ a: "1\n", b: "1\n", c: "1\n" })
    const { diff, stateDir } = diffing({ files: 4 })
    for (const name of ["a", "b", "c", "d"]) put(name, "2\n")
    const paths = (found: Awaited<ReturnType<typeof diff>>) =>
      "code" in found ? found : { paths: found.files.map(({ path }) => path), hasMore: found.hasMore }
    expect(paths(await diff({ workDir, base }))).toEqual({ paths: ["a", "b", "c", "d"], hasMore: false })
    put("aa", "2\n")
    const five = await diff({ workDir, base })
    expect(paths(five)).toEqual({ paths: ["a", "aa", "b", "c"], hasMore: true })
    expect("patch" in five && five.patch.match(/^diff --git/gm)).toHaveLength(4)
    for (const name of ["e", "f", "g"]) put(name, "2\n")
    expect(paths(await diff({ workDir, base }))).toMatchObject({ hasMore: true })
    rmSync(join(workDir, "a"))
    expect(paths(await diff({ workDir, base, path: "b" }))).toEqual({ paths: ["b"], hasMore: false })
    expect(readdirSync(join(stateDir, "diff"))).toEqual([])
  })

  it("are not looked for without an end", async () => {
    const { workDir, base, put } = await repositoryOf({})
    const stateDir = join(workDir, "data")
    for (let n = 0; n < 40; n += 1) put(join("data", `${n}`.padStart(250, "0")), "1\n")
    const diff = createDiffFolder({ stateDir, searchPath: process.env.PATH ?? "", limits: { files: 1 } })
    expect(await diff({ workDir, base })).toMatchObject({ files: [], skipped: [], hasMore: true })
    rmSync(stateDir, { recursive: true })
    expect(await diff({ workDir, base })).toMatchObject({ files: [], hasMore: false })
  })

  it("are in the patch whole, or not; a change of what a file is counts as two", async () => {
    const { workDir, base, put, git } = await repositoryOf({ "b.txt": "1\n", "c.txt": "1\n" })
    git("config", "core.symlinks", "true")
    put("a.txt", "2\n")
    rmSync(join(workDir, "b.txt"))
    execFileSync("ln", ["-s", "c.txt", join(workDir, "b.txt")])
    put("c.txt", "2\n")
    put("d.txt", lines(200))
    put("e.txt", "2\n")
    const { diff } = diffing({ bytes: 1000 })
    const found = await diff({ workDir, base })
    if ("code" in found) throw new Error(found.reason)
    expect(found.files.map(({ path, isInPatch }) => [path, isInPatch])).toEqual([
      ["a.txt", true],
      ["b.txt", true],
      ["c.txt", true],
      ["d.txt", false],
      ["e.txt", false],
    ])
    expect(found.patch).toMatch(/\+2\n$/)
    expect(found.patch).not.toContain("d.txt")
    const rest = await diff({ workDir, base, path: "e.txt" })
    expect("patch" in rest && rest.patch).toContain("+++ b/e.txt\n")
  })

  it("are told of large files, of files that changed and moved, and of what cannot be read", async () => {
    const { workDir, base, put, git } = await repositoryOf({
      "big.bin": "1\n",
      "text.txt": lines(20),
      "same.txt": "1\n",
    })
    truncateSync(put("big.bin", "1\n"), 17 << 20)
    git("mv", "text.txt", "moved.txt")
    put("moved.txt", `${lines(20)}more\n`)
    put("same.txt", "1\n")
    const { diff } = diffing()
    const large = await diff({ workDir, base })
    expect("files" in large && large.files).toEqual([
      { path: "big.bin", status: "modified", isBinary: true, isInPatch: true },
      { path: "moved.txt", status: "added", additions: 21, deletions: 0, isBinary: false, isInPatch: true },
      { path: "text.txt", status: "deleted", additions: 0, deletions: 20, isBinary: false, isInPatch: true },
    ])
    put("big.bin", "1\n")
    const moved = await diff({ workDir, base })
    expect("files" in moved && moved.files).toEqual([
      {
        path: "moved.txt",
        oldPath: "text.txt",
        status: "renamed",
        additions: 1,
        deletions: 0,
        isBinary: false,
        isInPatch: true,
      },
    ])
  })

  it("are told but for what the server may not read", async () => {
    const { workDir, base, put } = await repositoryOf({ "a.txt": "1\n" })
    for (const path of ["a.txt", "b.txt"]) chmodSync(put(path, "2\n"), 0o000)
    put("c.txt", "2\n")
    const { diff, stateDir } = diffing()
    const found = await unprivileged([workDir, stateDir], () => diff({ workDir, base }))
    if ("code" in found) throw new Error(found.reason)
    expect(found.files.map(({ path }) => path)).toEqual(["c.txt"])
    expect(found.skipped.map(({ path, reason }) => `${reason} ${path}`)).toEqual([
      "unreadable a.txt",
      "unreadable b.txt",
    ])
  })

  it("say of a name that is no text that it cannot be read", async () => {
    const { workDir, base } = await repositoryOf({})
    writeFileSync(Buffer.concat([Buffer.from(`${workDir}/n`), Buffer.from([0xff])]), "2\n")
    const found = await diffing().diff({ workDir, base })
    expect(found).toMatchObject({ files: [], skipped: [{ path: "n\u{fffd}", reason: "unreadable" }] })
  })

  it("are given up in time, and only some are looked for at once; nothing of that is left", async () => {
    const { workDir, base } = await repositoryOf({ "a.txt": "1\n" })
    // Git waits for what it takes for a HEAD.
    for (const path of ["nested/.git/objects", "nested/.git/refs"]) mkdirSync(join(workDir, path), { recursive: true })
    execFileSync("mkfifo", [join(workDir, "nested/.git/HEAD")])
    const { diff, stateDir } = diffing({ milliseconds: 1500, running: 1, waiting: 1 })
    const found = await Promise.all([1, 2, 3].map(() => diff({ workDir, base })))
    expect(found.map((refusal) => "code" in refusal && refusal.code).toSorted()).toEqual([
      "diff-too-large",
      "diff-too-large",
      "too-many-diffs",
    ])
    expect(readdirSync(join(stateDir, "diff"))).toEqual([])
    rmSync(join(workDir, "nested"), { recursive: true })
    expect(await diff({ workDir, base })).not.toHaveProperty("code", "too-many-diffs")
    expect(await diff({ workDir, base, signal: AbortSignal.abort() })).toHaveProperty("code")
  })

  it("are found by a git that gets nothing of the server's, and once more where it stumbles", async () => {
    const { workDir, base, put } = await repositoryOf({ "a.txt": "1\n" })
    put("a.txt", "2\n")
    const bin = temporary("bin")
    const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim()
    const stumbling = [
      `env >> "${bin}/env"`,
      `echo "$1" >> "${bin}/words"`,
      `[ -e "${bin}/stumbled" ] && exec "${real}" "$@"`,
    ]
    // As where a file goes while it is looked at.
    const at = `[ "$1" != diff-index ] && exec "${real}" "$@"`
    writeFileSync(join(bin, "git"), ["#!/bin/sh", ...stumbling, at, `: > "${bin}/stumbled"`, "exit 128"].join("\n"))
    chmodSync(join(bin, "git"), 0o755)
    const diff = createDiffFolder({ stateDir: temporary("state"), searchPath: `relative:${bin}` })
    const before = { ...process.env }
    Object.assign(process.env, { GIT_EXTERNAL_DIFF: "/bin/false", GIT_CONFIG_COUNT: "1", CANARY: "secret" })
    try {
      expect(await diff({ workDir, base })).toMatchObject({ files: [{ path: "a.txt", status: "modified" }] })
    } finally {
      process.env = before
    }
    const names = readFileSync(join(bin, "env"), "utf8").matchAll(/^(\w+)=/gm)
    const own = [...new Set([...names].map(([, name = ""]) => name))]
    expect(own.filter((name) => !/^(?:GIT_\w+|LC_ALL|HOME|XDG_CONFIG_HOME|PWD|OLDPWD|SHLVL|_)$/.test(name))).toEqual([])
    expect(own).not.toContain("GIT_EXTERNAL_DIFF")
    expect(own).not.toContain("GIT_CONFIG_COUNT")
    const words = readFileSync(join(bin, "words"), "utf8")
    expect(words.match(/^read-tree$/gm)).toHaveLength(2)
    writeFileSync(join(bin, "git"), "#!/bin/sh\nexit 128\n")
    expect(await diff({ workDir, base })).toHaveProperty("code", "base-gone")
  })

  it("leave the repository as it was", async () => {
    const { workDir, base, put } = await repositoryOf({ "a.txt": "1\n" })
    put("a.txt", "2\n")
    put("b.txt", "2\n")
    const all = () =>
      readdirSync(join(workDir, ".git"), { recursive: true, encoding: "utf8" })
        .toSorted()
        .map((path) => [path, statSync(join(workDir, ".git", path)).mtimeMs])
    const [before, index] = [all(), readFileSync(join(workDir, ".git/index"))]
    const { diff } = diffing()
    expect(await diff({ workDir, base })).toMatchObject({ files: [{ path: "a.txt" }, { path: "b.txt" }] })
    expect([all(), readFileSync(join(workDir, ".git/index"))]).toEqual([before, index])
  })
})
