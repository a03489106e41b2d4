import { execFileSync, spawnSync } from "node:child_process"
import { linkSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { GitFolder } from "./git-folder.ts"
import { bearer, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const newRepository = (options?: ConstructorParameters<typeof GitFolder>[1]) =>
  new GitFolder(realpathSync(temporary("work")), options)

async function diffOf(server: Server, id: string, query = "", key = server.server.token) {
  return server.call("GET", `/v1/sessions/${id}/diff${query}`, undefined, bearer(key))
}

/** What a session of a folder finds that is made another by that. */
async function changed(repository: GitFolder, change: () => void, query = "") {
  const server = await start()
  const { id } = await server.create(repository.folder)
  change()
  return diffOf(server, id, query)
}

interface Change {
  readonly path: string
  readonly status: string
}
const namesOf = (files: readonly Change[]) => files.map(({ status, path }) => `${status} ${path}`)

describe("what a session has changed", () => {
  it("is told since it began, whatever was committed, switched and rewritten meanwhile", async () => {
    const repository = newRepository()
    repository.put(".gitignore", "*.log\n")
    repository.put("kept.txt", "as it was\n")
    repository.put("changed.txt", "one\ntwo\nthree\n")
    repository.put("gone.txt", "gone\n")
    repository.put("moved.txt", "a\nb\nc\nd\ne\nf\n")
    const base = repository.commit()
    const server = await start()
    const { id } = await server.create(repository.folder)
    expect((await diffOf(server, id)).body).toEqual({
      base,
      head: base,
      files: [],
      hasMore: false,
      skipped: [],
      patch: "",
      isRedacted: false,
    })
    repository.git("switch", "--quiet", "--create", "other")
    repository.put("changed.txt", "one\n2\nthree\nfour\n")
    repository.commit()
    repository.put("staged.txt", "staged\n")
    repository.git("add", "staged.txt")
    repository.git("commit", "--quiet", "--amend", "--message", "again")
    repository.git("mv", "moved.txt", "there.txt")
    rmSync(join(repository.folder, "gone.txt"))
    repository.put("ß new.txt", "new")
    repository.put("picture.bin", Uint8Array.from([0, 1, 2, 3]))
    repository.put("debug.log", "ignored\n")
    const { status, body } = await diffOf(server, id)
    const text = { isBinary: false, isInPatch: true }
    expect(status).toBe(200)
    expect([body.base, body.head]).toEqual([base, repository.git("rev-parse", "HEAD")])
    expect(body.head).not.toBe(base)
    expect(body.files).toEqual([
      { path: "changed.txt", status: "modified", additions: 2, deletions: 1, ...text },
      { path: "gone.txt", status: "deleted", additions: 0, deletions: 1, ...text },
      { path: "picture.bin", status: "added", isBinary: true, isInPatch: true },
      { path: "staged.txt", status: "added", additions: 1, deletions: 0, ...text },
      { path: "there.txt", oldPath: "moved.txt", status: "renamed", additions: 0, deletions: 0, ...text },
      { path: "ß new.txt", status: "added", additions: 1, deletions: 0, ...text },
    ])
    expect(body.patch).toContain("\n-two\n+2\n three\n+four\n")
    expect(body.patch).toContain("+++ b/ß new.txt\t\n@@ -0,0 +1 @@\n+new\n\\ No newline at end of file\n")
    const elsewhere = new GitFolder(realpathSync(temporary("clone")))
    elsewhere.git("fetch", "--quiet", repository.folder, "main")
    elsewhere.git("reset", "--hard", "--quiet", "FETCH_HEAD")
    rmSync(join(repository.folder, "picture.bin"))
    const { patch } = (await diffOf(server, id)).body
    execFileSync("git", ["apply", "--index"], { cwd: elsewhere.folder, input: patch })
    for (const path of ["changed.txt", "there.txt", "ß new.txt", "staged.txt"])
      expect(elsewhere.read(path)).toBe(repository.read(path))
    expect(elsewhere.git("status", "--short")).toContain("D  gone.txt")
  })

  it("is of the folder that it works in, where that is a part of a repository, and of what is asked for", async () => {
    const repository = newRepository()
    repository.put(".gitignore", "/packages/*/dist\n")
    repository.put("packages/a/src/x.ts", "1\n")
    repository.put("packages/a/y.ts", "1\n")
    repository.put("packages/ab/z.ts", "1\n")
    const base = repository.commit()
    const server = await start()
    const { id } = await server.create(join(repository.folder, "packages/a"))
    for (const path of ["packages/a/src/x.ts", "packages/a/y.ts", "packages/ab/z.ts", "top.ts", "packages/a/dist/o"])
      repository.put(path, "2\n")
    const { body } = await diffOf(server, id)
    expect([body.base, ...namesOf(body.files)]).toEqual([base, "modified src/x.ts", "modified y.ts"])
    expect(body.patch).toMatch(/^diff --git a\/src\/x\.ts b\/src\/x\.ts\n/)
    for (const path of ["src", "src/", "src/x.ts"])
      expect(namesOf((await diffOf(server, id, `?path=${path}`)).body.files)).toEqual(["modified src/x.ts"])
    expect(namesOf((await diffOf(server, id, "?path=*.ts")).body.files)).toEqual([])
    for (const path of [
      "..",
      "../ab",
      "/etc",
      "src/../..",
      "./src",
      ".git/config",
      "src/.git",
      "src//x.ts",
      "a%00",
      "",
    ])
      expect([path, (await diffOf(server, id, `?path=${path}`)).status]).toEqual([path, 400])
    expect((await diffOf(server, id, "?stat=true")).status).toBe(400)
  })

  it("is told of a repository of SHA-256, and of a working tree that git has made", async () => {
    const long = newRepository({ init: ["--object-format=sha256"] })
    long.put("a.txt", "1\n")
    long.commit()
    const { body } = await changed(long, () => long.put("b.txt", "2\n"))
    expect([body.base.length, ...namesOf(body.files)]).toEqual([64, "added b.txt"])
    const repository = newRepository()
    repository.put("a.txt", "1\n")
    repository.commit()
    const tree = join(realpathSync(temporary("trees")), "tree")
    repository.git("worktree", "add", "--quiet", tree)
    repository.git("pack-refs", "--all")
    const server = await start()
    const { id } = await server.create(tree)
    writeFileSync(join(tree, "a.txt"), "2\n")
    expect(namesOf((await diffOf(server, id)).body.files)).toEqual(["modified a.txt"])
  })

  it("is told of an agent that somebody else has started, since its first hook", async () => {
    const repository = newRepository()
    repository.put("a.txt", "1\n")
    const base = repository.commit()
    const server = await start()
    const hook = (event: string) => {
      const told = { session_id: "by-hand", cwd: repository.folder, hook_event_name: event }
      return server.call("POST", `/v1/hooks/${event}`, told, { "X-Hook-Secret": server.hookSecret })
    }
    await hook("SessionStart")
    repository.put("a.txt", "2\n")
    repository.commit()
    await hook("Stop")
    const { items } = (await server.call("GET", "/v1/sessions?agent=external")).body
    const { body } = await diffOf(server, items[0].id)
    expect([body.base, ...namesOf(body.files)]).toEqual([base, "modified a.txt"])
  })

  it("is told to whoever may read the session, without what looks like a secret", async () => {
    const repository = newRepository()
    repository.put("notes.txt", "notes\n")
    repository.commit()
    const server = await start()
    const { id } = await server.create(repository.folder)
    const token = `ghp_${"aB3dE5fG7hI9kL1mN3oP5qR7sT9uV1wX3yZ5"}`
    const body = Array.from({ length: 4 }, (_, n) => `${n}AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/Zz`).join("\n")
    const pem = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`
    repository.put("small.env", `first\nTOKEN=${token}\nlast\n`)
    const small = (await diffOf(server, id)).body
    expect([small.isRedacted, small.patch.includes(token)]).toEqual([true, false])
    expect(small.patch).toContain("\n+first\n+TOKEN=[redacted: ")
    expect(small.patch).toContain("]\n+last\n")
    repository.put("key.pem", `${pem}after\n`)
    repository.put("large.txt", `${"many words \n".repeat(3000)}`)
    const large = (await diffOf(server, id)).body
    expect(large.isRedacted).toBe(true)
    for (const line of [token, ...body.split("\n")]) expect(large.patch).not.toContain(line)
    // As many lines as there were.
    expect(large.patch).toContain(`\n@@ -0,0 +1,7 @@\n+[redacted: private-key]\n${"+\n".repeat(5)}+after\n`)
    expect(large.patch.split("\n").filter((line: string) => line === "+many words ")).toHaveLength(3000)
    const stranger = await server.createKey("viewer", { tenantId: "u", userId: "eve" })
    const absent = await diffOf(server, "00000000-0000-4000-8000-000000000000", "", stranger.key)
    const hidden = await diffOf(server, id, "", stranger.key)
    expect([hidden.status, absent.status]).toEqual([404, 404])
    const { key } = await server.createKey("custom", { permissions: ["memory.read"] })
    expect((await diffOf(server, id, "", key)).status).toBe(403)
    const viewer = await server.createKey("viewer")
    expect((await diffOf(server, id, "", viewer.key)).status).toBe(200)
  })
})

describe("changes that cannot be told", () => {
  it("say why: no repository, none when the session began, a commit that is gone, no git", async () => {
    const server = await start()
    const plain = realpathSync(temporary("plain"))
    const { id } = await server.create(plain)
    const refused = async (session: string) => {
      const { status, body } = await diffOf(server, session)
      return [status, body.code]
    }
    expect(await refused(id)).toEqual([409, "repository-missing"])
    const late = new GitFolder(plain)
    expect(await refused(id)).toEqual([409, "base-unknown"])
    late.put("a.txt", "1\n")
    late.commit()
    expect(await refused(id)).toEqual([409, "base-unknown"])
    const { id: other } = await server.create(plain, undefined, { reuse: false })
    expect((await diffOf(server, other)).status).toBe(200)
    late.put("a.txt", "2\n")
    late.git("commit", "--quiet", "--all", "--amend", "--message", "again")
    late.git("reflog", "expire", "--expire=now", "--all")
    late.git("gc", "--quiet", "--prune=now")
    expect(await refused(other)).toEqual([409, "base-gone"])
    rmSync(join(plain, ".git"), { recursive: true })
    expect(await refused(other)).toEqual([409, "repository-missing"])
    rmSync(plain, { recursive: true })
    expect(await refused(other)).toEqual([400, "workdir-invalid"])
  })

  it("are none where git is not installed, or only in the folder itself", async () => {
    const repository = newRepository()
    repository.put("a.txt", "1\n")
    repository.commit()
    const outside = newRepository()
    symlinkSync(repository.trap("git"), join(outside.folder, "git"))
    symlinkSync(outside.trap("git"), join(repository.folder, "git"))
    const PATH = [repository.folder, join(repository.folder, ".evil"), outside.folder, ".", ""].join(":")
    const server = await start({ env: { ...process.env, PATH } })
    const { id } = await server.create(repository.folder)
    expect(await diffOf(server, id)).toMatchObject({ status: 422, body: { code: "git-not-installed" } })
    expect([repository.hasRun("git"), outside.hasRun("git")]).toEqual([false, false])
  })

  it("are those of a repository that git cannot read", async () => {
    const repository = newRepository()
    repository.put("a.txt", "1\n")
    repository.commit()
    const server = await start()
    const { id } = await server.create(repository.folder)
    repository.put("a.txt", "2\n")
    const blob = repository.git("rev-parse", "HEAD:a.txt")
    const object = join(repository.folder, ".git/objects", blob.slice(0, 2), blob.slice(2))
    rmSync(object)
    writeFileSync(object, "no object")
    expect(await diffOf(server, id)).toMatchObject({ status: 422, body: { code: "git-failed" } })
  })
})

describe("a hostile folder", () => {
  it("has no program run by a look at its changes, though git itself runs them all", async () => {
    const repository = newRepository()
    repository.put("a.txt", "1\n")
    repository.put("b.conv", "1\n")
    repository.put("c.ext", "1\n")
    repository.put("d.proc", "1\n")
    repository.put("e.txt", "1\n")
    repository.put(".gitattributes", "*.txt filter=evil\n*.conv diff=conv\n*.ext diff=ext\n*.proc filter=process\n")
    const sub = new GitFolder(repository.put("sub/x", "1\n").replace(/\/x$/, ""))
    sub.commit()
    repository.commit()
    const configure = () => {
      const { folder } = repository
      const keys = {
        "core.fsmonitor": "fsmonitor",
        "filter.evil.clean": "clean",
        "filter.evil.smudge": "smudge",
        "filter.process.process": "process",
        "diff.conv.textconv": "textconv",
        "diff.ext.command": "driver",
        "diff.external": "external",
        "core.pager": "pager",
        "core.sshCommand": "ssh",
        "core.alternateRefsCommand": "alternate-refs",
        "alias.diff-index": "alias",
      }
      for (const [key, name] of Object.entries(keys)) repository.git("config", key, repository.trap(name))
      repository.git("config", "filter.evil.required", "true")
      repository.git("config", "include.path", repository.put(".evil/included", "[core]\n\teditor = evil\n"))
      repository.git("config", "core.hooksPath", join(folder, ".evil/hooks"))
      for (const hook of ["post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"])
        for (const place of [".evil/hooks", ".git/hooks"]) {
          mkdirSync(join(folder, place), { recursive: true })
          rmSync(join(folder, place, hook), { force: true })
          linkSync(repository.trap(hook), join(folder, place, hook))
        }
      sub.git("config", "core.fsmonitor", repository.trap("sub-fsmonitor"))
      // It is looked for, where an object is not there.
      repository.git("config", "remote.origin.promisor", "true")
      repository.git("config", "remote.origin.partialCloneFilter", "blob:none")
      repository.git("config", "remote.origin.url", `ext::${repository.trap("remote")}`)
      repository.git("config", "protocol.ext.allow", "always")
      for (const path of ["a.txt", "b.conv", "c.ext", "d.proc"]) repository.put(path, "2\n")
      repository.put("sub/x", "2\n")
    }
    const { status, body } = await changed(repository, configure)
    expect(status).toBe(200)
    const traps = ["clean", "process", "textconv", "driver", "fsmonitor", "sub-fsmonitor", "post-index-change"]
    const all = [...traps, "smudge", "external", "pager", "ssh", "alternate-refs", "alias", "remote"]
    for (const name of [...all, "post-checkout", "reference-transaction", "fsmonitor-watchman"])
      expect([name, repository.hasRun(name)]).toEqual([name, false])
    expect(namesOf(body.files).filter((name) => !name.includes(".evil"))).toEqual(["modified b.conv", "modified c.ext"])
    expect(body.skipped).toEqual([
      { path: "sub", reason: "repository" },
      { path: "a.txt", reason: "filter" },
      { path: "d.proc", reason: "filter" },
      { path: "e.txt", reason: "filter" },
    ])
    expect(body.patch).toContain("--- a/b.conv\n+++ b/b.conv\n@@ -1 +1 @@\n-1\n+2\n")
    // The traps are good ones.
    for (const words of [["status"], ["diff", "HEAD"], ["diff", "--no-ext-diff", "HEAD"]])
      spawnSync("git", words, { cwd: repository.folder, timeout: 10_000 })
    for (const name of traps.filter((trap) => trap !== "process"))
      expect([name, repository.hasRun(name)]).toEqual([name, true])
  })

  it("is not left: by a `.git` that leads elsewhere, or links among its objects", async () => {
    const secret = newRepository()
    secret.put("secret.txt", "nobody's business\n")
    const commit = secret.commit()
    const evil = realpathSync(temporary("evil"))
    const theirs = join(secret.folder, ".git")
    const server = await start()
    const objects = secret.git("rev-list", "--objects", "--no-object-names", "HEAD").split("\n")
    const put = (path: string, text: string) => {
      mkdirSync(dirname(join(evil, path)), { recursive: true })
      writeFileSync(join(evil, path), text)
    }
    const ways: readonly (readonly [string, string, () => void])[] = [
      ["a file", "repository-elsewhere", () => put(".git", `gitdir: ${theirs}\n`)],
      ["a link", "repository-elsewhere", () => symlinkSync(theirs, join(evil, ".git"))],
      [
        "a working tree of nobody's",
        "repository-elsewhere",
        () => {
          put("own/worktrees/x/HEAD", `${commit}\n`)
          put("own/worktrees/x/gitdir", `${join(evil, ".git")}\n`)
          symlinkSync(join(theirs, "objects"), join(evil, "own/objects"))
          put(".git", "gitdir: own/worktrees/x\n")
        },
      ],
      ["somebody else's working tree", "repository-elsewhere", () => put(".git", `gitdir: ${theirs}/worktrees/tree\n`)],
      [
        "commondir",
        "base-gone",
        () => {
          mkdirSync(join(evil, ".git/objects"), { recursive: true })
          put(".git/HEAD", `${commit}\n`)
          put(".git/commondir", `${theirs}\n`)
        },
      ],
      [
        "alternates",
        "base-gone",
        () => {
          put(".git/HEAD", `${commit}\n`)
          put(".git/objects/info/alternates", `${theirs}/objects\n`)
        },
      ],
      [
        "a link to objects",
        "repository-elsewhere",
        () => {
          put(".git/HEAD", `${commit}\n`)
          symlinkSync(join(theirs, "objects"), join(evil, ".git/objects"))
        },
      ],
      [
        "links to their folders",
        "base-gone",
        () => {
          put(".git/HEAD", `${commit}\n`)
          mkdirSync(join(evil, ".git/objects"))
          for (const name of readdirSync(join(theirs, "objects")))
            symlinkSync(join(theirs, "objects", name), join(evil, ".git/objects", name))
        },
      ],
      [
        "links to each of them",
        "base-gone",
        () => {
          put(".git/HEAD", `${commit}\n`)
          for (const id of objects) {
            const object = join("objects", id.slice(0, 2), id.slice(2))
            mkdirSync(join(evil, ".git", dirname(object)), { recursive: true })
            symlinkSync(join(theirs, object), join(evil, ".git", object))
          }
        },
      ],
      [
        "a branch",
        "base-unknown",
        () => {
          mkdirSync(join(evil, ".git/objects"), { recursive: true })
          mkdirSync(join(evil, ".git/refs/heads"), { recursive: true })
          put(".git/HEAD", `ref: refs/heads/${"../".repeat(30)}${theirs.slice(1)}/refs/heads/main\n`)
        },
      ],
      ["a pipe", "repository-elsewhere", () => execFileSync("mkfifo", [join(evil, ".git")])],
      [
        "a HEAD that is a pipe",
        "base-unknown",
        () => {
          mkdirSync(join(evil, ".git/objects"), { recursive: true })
          execFileSync("mkfifo", [join(evil, ".git/HEAD")])
        },
      ],
    ]
    secret.git("worktree", "add", "--quiet", join(realpathSync(temporary("trees")), "tree"))
    for (const [way, code, lead] of ways) {
      lead()
      const { id } = await server.create(evil, undefined, { reuse: false })
      const { status, body } = await diffOf(server, id)
      expect([way, status, body.code]).toEqual([way, 409, code])
      for (const path of [".git", "own"]) rmSync(join(evil, path), { recursive: true, force: true })
    }
  })

  it("is not left by links in it either: a link is what it says", async () => {
    const outside = realpathSync(temporary("outside"))
    writeFileSync(join(outside, "passwd"), "nobody's business\n")
    const repository = newRepository()
    repository.put("folder/passwd", "1\n")
    repository.put("file.txt", "1\n")
    repository.put("text.txt", "1\n")
    repository.commit()
    const server = await start()
    const { id } = await server.create(repository.folder)
    renameSync(join(repository.folder, "folder"), join(repository.folder, "old"))
    symlinkSync(outside, join(repository.folder, "folder"))
    rmSync(join(repository.folder, "file.txt"))
    symlinkSync(join(outside, "passwd"), join(repository.folder, "file.txt"))
    symlinkSync(outside, join(repository.folder, "new"))
    rmSync(join(repository.folder, "text.txt"))
    execFileSync("mkfifo", [join(repository.folder, "text.txt"), join(repository.folder, "pipe")])
    symlinkSync(join(outside, "passwd"), join(repository.folder, ".gitignore"))
    for (const query of ["", "?path=new/passwd", "?path=folder/passwd", "?path=new"]) {
      const { status, body } = await diffOf(server, id, query)
      expect([query, status, body.patch.includes("nobody's")]).toEqual([query, 200, false])
    }
    const { body } = await diffOf(server, id)
    expect(namesOf(body.files)).toEqual([
      "added .gitignore",
      "type-changed file.txt",
      "added folder",
      "added new",
      "renamed old/passwd",
      "deleted text.txt",
    ])
    expect(body.patch).toContain(`+${outside}\n\\ No newline`)
  })

  it("hides nothing by its own index, its excludes or its attributes", async () => {
    const repository = newRepository()
    repository.put("a.txt", "1\n")
    repository.put("b.txt", "1\n")
    repository.commit()
    const { body } = await changed(repository, () => {
      repository.put("a.txt", "2\n")
      repository.put("b.txt", "2\n")
      repository.put("c.txt", "2\n")
      repository.git("update-index", "--assume-unchanged", "a.txt")
      repository.git("update-index", "--skip-worktree", "b.txt")
      repository.put(".git/info/exclude", "*\n")
      repository.put(".git/info/attributes", "* filter=evil -diff\n")
      new GitFolder(repository.put("nested/x", "1\n").replace(/\/x$/, ""))
    })
    expect(namesOf(body.files)).toEqual(["modified a.txt", "modified b.txt", "added c.txt"])
    expect(body.skipped).toEqual([{ path: "nested/", reason: "repository" }])
  })

  it("shows nothing of the server's own data", async () => {
    const repository = newRepository()
    repository.put("a.txt", "1\n")
    repository.put("state/known.txt", "1\n")
    repository.commit()
    const stateDir = join(repository.folder, "state")
    const server = await start({ config: { stateDir } })
    const { id } = await server.create(repository.folder)
    repository.put("state/known.txt", "2\n")
    repository.put("b.txt", "2\n")
    const { body } = await diffOf(server, id)
    expect([namesOf(body.files), body.skipped, body.hasMore]).toEqual([["added b.txt"], [], false])
  })
})
