import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { loadConfig } from "../src/local.ts"
import { refuseOpenSecret } from "../src/refuse-open-secret.ts"
import { defaults, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

const OPEN = [0o640, 0o620, 0o604, 0o602, 0o601, 0o644, 0o666, 0o777]

/** A data directory that a server has left. */
async function used() {
  const stateDir = temporary("state")
  await (await start({ config: defaults(stateDir) })).server.close()
  return stateDir
}

it.each(["token", "secret", "hook-secret", "audit-key"])("no server starts where others may read %s", async (name) => {
  const stateDir = await used()
  const path = join(stateDir, name)
  for (const mode of OPEN) {
    chmodSync(path, mode)
    await expect(start({ config: defaults(stateDir) })).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining(
        `${path} holds a secret, and others can read it. Make it yours alone: chmod 600 ${path}`,
      ),
    })
  }
  for (const mode of [0o600, 0o400]) {
    chmodSync(path, mode)
    await (await start({ config: defaults(stateDir) })).server.close()
  }
})

const token = "a-token-long-enough-for-this"
const secretFile = `auth: { token: '\${file:secret}' }`

it.each([
  ["a file that is referred to", { secret: token, ".aegis/config.yaml": secretFile }, "secret"],
  ["a file for hooks", { secret: token, ".aegis/config.yaml": `hooks: { secret: '\${file:secret}' }` }, "secret"],
  [
    "a file for an agent's variable",
    { secret: token, ".aegis/config.yaml": `agents: { mine: { command: x, env: { KEY: '\${file:secret}' } } }` },
    "secret",
  ],
  ["a configuration with a token", { ".aegis/config.yaml": `auth: { token: ${token} }` }, ".aegis/config.yaml"],
  [
    "a configuration with a secret",
    { "aegis.config.json": `{ "hooks": { "secret": "${token}" } }` },
    "aegis.config.json",
  ],
])("%s is read where it is for us alone", (_what, files: Record<string, string>, open) => {
  const { where, at } = place(files)
  for (const mode of OPEN) {
    chmodSync(at(open), mode)
    expect(() => loadConfig(where)).toThrow(`chmod 600 ${at(open)}`)
  }
  chmodSync(at(open), 0o600)
  expect(() => loadConfig(where)).not.toThrow()
})

it.each([
  ["a configuration without a secret", { ".aegis/config.yaml": "port: 7" }, ".aegis/config.yaml"],
  ["a configuration that refers to one", { secret: token, ".aegis/config.yaml": secretFile }, ".aegis/config.yaml"],
  ["a file that holds none", { name: "demo", ".aegis/config.yaml": `agent: { default: '\${file:name}' }` }, "name"],
])("%s may be everybody's", (_what, files: Record<string, string>, open) => {
  const { where, at } = place(files)
  chmodSync(at(open), 0o644)
  expect(() => loadConfig(where)).not.toThrow()
})

/** A working folder with files that are ours alone. */
function place(files: Record<string, string>) {
  const cwd = temporary("config")
  const at = (name: string) => join(cwd, name)
  mkdirSync(at(".aegis"))
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text, { mode: 0o600 })
  return { where: { cwd, home: cwd, env: {} }, at }
}

const [ROOT, US, OTHER] = [0, 4711, 4712]

it.each([
  ["ours", US, 0o600, US, undefined],
  ["another user's", OTHER, 0o600, US, "is another user's. Make it yours: chown 4711"],
  ["another user's, and we are root", OTHER, 0o600, ROOT, "is another user's. Make it yours: chown 0"],
  ["root's, and our group's", ROOT, 0o640, US, undefined],
  ["root's, and our group may write it", ROOT, 0o660, US, "others can read it. Make it yours alone: chmod 640"],
  ["root's, and everybody's", ROOT, 0o644, US, "others can read it. Make it yours alone: chmod 640"],
  ["root's, our group's, and we are root", ROOT, 0o640, ROOT, "others can read it. Make it yours alone: chmod 600"],
])("a file that is %s", (_whose, uid, mode, self, says) => {
  const looking = () => refuseOpenSecret("/a secret", { self, stat: () => ({ mode: 0o100000 + mode, uid }) })
  if (says === undefined) expect(looking).not.toThrow()
  else expect(looking).toThrow(new RegExp(`^/a secret holds a secret.* ${says} '/a secret'$`))
})
