import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterEach, describe, expect, it } from "vitest"
import { configKeys } from "../src/config-keys.ts"
import { changeConfig, explainConfig, loadConfig } from "../src/local.ts"

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

/** A home and a working folder, with what stands in the user's own file. */
function places(text?: string, name = "config.yaml") {
  const root = mkdtempSync(join(tmpdir(), "config-"))
  roots.push(root)
  const [cwd, home] = [join(root, "cwd"), join(root, "home")]
  mkdirSync(cwd)
  mkdirSync(home)
  const file = join(home, ".aegis", name)
  if (text !== undefined) {
    mkdirSync(join(home, ".aegis"))
    writeFileSync(file, text, { mode: 0o600 })
  }
  return { where: { cwd, home, env: {} as Record<string, string> }, file }
}

const read = (file: string) => readFileSync(file, "utf8")

describe("a key that is set", () => {
  it("is in a file of the user's alone, which is made with its folder", () => {
    const { where, file } = places()
    expect(changeConfig({ ...where, key: "agent.restart.max", value: "5" })).toBe(file)
    expect(read(file)).toBe("agent:\n  restart:\n    max: 5\n")
    expect([statSync(file).mode & 0o777, statSync(join(file, "..")).mode & 0o777]).toEqual([0o600, 0o700])
    expect(loadConfig(where).agent.restart).toEqual({ max: 5, backoffMs: 1000 })
  })

  it("leaves what else stands there, comments too; and taken out it is as it was", () => {
    const text = "# Mine.\nport: 7 # for tests\nagent:\n  default: demo\n"
    const { where, file } = places(text)
    changeConfig({ ...where, key: "agent.stallAction", value: "interrupt" })
    expect(read(file)).toBe(`${text}  stallAction: interrupt\n`)
    changeConfig({ ...where, key: "agent.stallAction", value: undefined })
    expect(read(file)).toBe(text)
  })

  it("goes into the file that is used: the named one, the folder's, JSON as JSON; a link to it stays one", () => {
    const { where, file } = places('{"port":7}', "config.json")
    changeConfig({ ...where, key: "workDirs.allow", value: "[/srv/a, /srv/b]" })
    expect(JSON.parse(read(file))).toEqual({ port: 7, workDirs: { allow: ["/srv/a", "/srv/b"] } })
    const link = join(where.cwd, "aegis.config.json")
    symlinkSync(file, link)
    expect(changeConfig({ ...where, key: "port", value: "8" })).toBe(file)
    expect([JSON.parse(read(link)).port, readdirSync(where.cwd)]).toEqual([8, ["aegis.config.json"]])
    changeConfig({ ...where, file: "other.yaml", key: "port", value: "9" })
    expect(read(join(where.cwd, "other.yaml"))).toBe("port: 9\n")
  })

  it("is a text where only that fits", () => {
    const { where } = places()
    changeConfig({ ...where, key: "auth.token", value: "12345678901234567890123" })
    expect(loadConfig(where).auth.token).toBe("12345678901234567890123")
  })

  it.each([
    ["port", "many", /^Configuration: port: .*config\.yaml:2:7\)$/],
    ["prot", "7", /config\.yaml:2:7: there is no key "prot"\. Did you mean "port"\?/],
    ["log.level", "loud", /log\.level/],
    ["host.name", "x", /there is no key "host\.name" to set/],
    ["agent", "7", /Configuration: agent/],
    ["auth.token", `\${env:NOT_SET}`, /NOT_SET\} is not set/],
    ["", "7", /there is no key ""/],
  ])("is refused where it could not be read again, and nothing is changed: %s %s", (key, value, message) => {
    const { where, file } = places("host: localhost\n")
    expect(() => changeConfig({ ...where, key, value })).toThrow(message)
    expect([read(file), readdirSync(join(file, ".."))]).toEqual(["host: localhost\n", ["config.yaml"]])
  })

  it("is judged as the file says it, whatever the environment says to-day", () => {
    const { where } = places()
    const env = { AEGIS_PORT: "many", SECRET: "a-token-long-enough-for-this" }
    changeConfig({ ...where, env, key: "auth.token", value: `\${env:SECRET}` })
    expect(() => changeConfig({ ...where, env, key: "port", value: "lots" })).toThrow(/port/)
  })

  it("does not touch a file that is broken", () => {
    const { where, file } = places("port: [1,")
    expect(() => changeConfig({ ...where, key: "port", value: "7" })).toThrow(/mend it by hand/)
    expect(read(file)).toBe("port: [1,")
  })

  it("can be any text, and is that text when it is read again", () => {
    const { where, file } = places()
    const host = fc.string({ minLength: 1, unit: "binary" }).filter((text) => !/^\$\{/.test(text))
    fc.assert(
      fc.property(host, (text) => {
        changeConfig({ ...where, key: "host", value: JSON.stringify(text) })
        expect(loadConfig(where).host).toBe(text)
        rmSync(file)
      }),
      { numRuns: 100 },
    )
    expect(existsSync(file)).toBe(false)
  })
})

describe("what is explained", () => {
  it("is every key, with where its value is from, and no secret", () => {
    const token = "a-token-long-enough-for-this"
    const text = `agent: { default: demo }\nauth:\n  token: ${token}\nagents: { mine: { command: my-agent, env: { KEY: ${token} } } }\n`
    const { where, file } = places(text)
    const keys = explainConfig({ ...where, env: { AEGIS_LOG_LEVEL: "warn" } })
    expect(keys.map(({ key }) => key)).toEqual([...configKeys.map(({ path }) => path.join(".")), "agents.mine"])
    const of = (wanted: string) => keys.find(({ key }) => key === wanted)
    expect(of("log.level")).toEqual({ key: "log.level", value: "warn", from: "AEGIS_LOG_LEVEL" })
    expect(of("agent.default")).toEqual({ key: "agent.default", value: "demo", from: `${file}:1:19` })
    expect(of("port")).toEqual({ key: "port", value: 9100, from: "default" })
    expect(of("auth.token")).toEqual({ key: "auth.token", value: "[hidden]", from: `${file}:3:10` })
    expect(of("agents.mine")).toMatchObject({ value: { command: "my-agent", env: { KEY: "[hidden]" } } })
    expect(JSON.stringify(keys)).not.toContain(token)
  })

  it("shows a reference as it is written, and not what it stands for", () => {
    const { where } = places(`auth: { token: "\${env:MINE}" }\n`)
    const env = { MINE: "a-token-long-enough-for-this", LEVEL: "warn", AEGIS_LOG_LEVEL: `\${env:LEVEL}` }
    const of = Object.fromEntries(explainConfig({ ...where, env }).map(({ key, value }) => [key, value]))
    expect([of["auth.token"], of["log.level"]]).toEqual([`\${env:MINE}`, `\${env:LEVEL}`])
  })
})

it("every key has a variable, or says why not, and a description; and the docs have them all", () => {
  expect(configKeys.filter(({ variable }) => variable === undefined)).toEqual([])
  expect(configKeys.filter(({ description }) => description === "")).toEqual([])
  const page = read(new URL("../../../docs/configuration.md", import.meta.url).pathname)
  const rows = configKeys.map((key) => {
    const value = key.default === undefined ? "–" : `\`${defaultOf(key.default)}\``
    return `| \`${key.path.join(".")}\` | \`${key.variable}\` | ${value} | ${key.description} |`
  })
  expect(page).toContain(rows.join("\n"))
})

function defaultOf(value: unknown) {
  const home = process.env.HOME ?? "/none"
  return typeof value === "string" ? value.replace(home, "~") : JSON.stringify(value)
}
