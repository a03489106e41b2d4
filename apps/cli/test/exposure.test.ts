import { randomBytes } from "node:crypto"
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { networkInterfaces } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { EXIT } from "../src/exit-code.ts"
import { processesOf, useAg } from "./ag-harness.ts"

const { home } = useAg()

const lan = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")
/** Addresses that stand for all of this machine's, and one that other machines know. */
const beyond = ["0.0.0.0", "::", ...(lan ? [lan.address] : [])]
/** A computer of its own, wherever this test runs. */
const bare = { container: "" }

const none = [{}, "takes a token of yours"] as const
const empty = [{ AEGIS_AUTH_TOKEN: "" }, "AEGIS_AUTH_TOKEN is empty"] as const
const short = [{ AEGIS_AUTH_TOKEN: "x".repeat(19) }, "at least 20 characters"] as const

it.each([
  ...beyond.flatMap((host) => [none, empty, short].map((token) => [host, "server run", ...token] as const)),
  ["127.0.0.1", "server run", ...empty] as const,
  ["0.0.0.0", "server start", ...none] as const,
  ["0.0.0.0", "run hello", ...none] as const,
])("on %s `ag %s` does not start with the token %j, and leaves nothing", async (host, words, token, says) => {
  const ag = home({ ...bare, AEGIS_HOST: host, ...token })
  const { code, stdout, stderr } = await ag.run(...words.split(" "))
  expect({ code, stdout, stderr }).toEqual({ code: EXIT.usage, stdout: "", stderr: expect.stringContaining(says) })
  expect(existsSync(ag.stateDir)).toBe(false)
  expect(processesOf(ag.stateDir)).toEqual([])
})

it.each(beyond)("on %s a token of one's own is enough", async (host) => {
  const ag = home({ ...bare, AEGIS_HOST: host, AEGIS_AUTH_TOKEN: randomBytes(24).toString("base64url") })
  expect(await ag.json("server", "start")).toMatchObject({ isNew: true })
})

it.each(["run", "start"])(
  "where others may read the token `ag server %s` does not start, and says what to do",
  async (word) => {
    const ag = home()
    const token = putToken(ag)
    chmodSync(token, 0o644)
    const { code, stderr } = await ag.run("server", word)
    expect({ code, stderr }).toEqual({ code: EXIT.usage, stderr: expect.stringContaining(`chmod 600 ${token}\n`) })
    expect(processesOf(ag.stateDir)).toEqual([])
    chmodSync(token, 0o600)
    expect(await ag.json("server", "start")).toMatchObject({ isNew: true })
  },
)

/** A data directory with a token that somebody has put there. */
function putToken({ stateDir }: ReturnType<typeof home>) {
  mkdirSync(stateDir, { mode: 0o700 })
  const token = join(stateDir, "token")
  writeFileSync(token, randomBytes(24).toString("base64url"), { mode: 0o600 })
  return token
}

it("in a container a made token is enough, and the start that made it tells it", async () => {
  const ag = home({ container: "podman", AEGIS_HOST: "0.0.0.0" })
  const starts = [await untilStarted(ag.start("server", "run")), await untilStarted(ag.start("server", "run"))]
  const { token } = await ag.json("token")
  expect(starts.map((said) => said.includes(token))).toEqual([true, false])
})

/** What a server in the foreground says, of which the last is where it is; then it is ended. */
async function untilStarted(server: ReturnType<ReturnType<typeof home>["start"]>) {
  let said = ""
  for await (const chunk of server.stderr as AsyncIterable<Buffer>) {
    said += chunk.toString()
    if (said.includes("Ctrl+C ends it")) server.kill()
  }
  return said
}
