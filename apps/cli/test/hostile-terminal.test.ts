import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { AegisClient } from "@aegis/client"
import { describe, expect, it } from "vitest"
import { script, useAg } from "./ag-harness.ts"

const { home, temporary } = useAg()

/** What terminals obey, or do not show as it is (spec/threats.md, C9); each of them where an agent or a caller names things. */
const HARM = [
  "\u001b]0;owned\u0007",
  "\u001b]52;c;aGk=\u0007",
  "\u001b]8;;http://x.invalid\u001b\\link\u001b]8;;\u001b\\",
  "\u001b[2J\u001b[1;1H\u001b[8m",
  "\u001bP+q\u001b\\",
  "\u009b31m\u009d0;owned\u009c",
  "\u202eabc\u2066\u2069\u200f",
  "\u{e0041}\u{e007f}",
  "\u200b\ufeff\u00ad\u2028\u2029",
  "over\rwritten\b\b\u007f",
].join(" harm ")

/** What `ag` itself says to a terminal: colours, and where the cursor is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is about.
const OWN = /\u001b\[(?:\d{0,3}(?:;\d{1,3})*[mABCDGJK]|\?25[hl])/g

/** What of it a terminal would obey, or hide. */
function obeyed(seen: string) {
  const left = seen.replaceAll(OWN, "").replaceAll(/\r*\n/g, "\n")
  return [...left.matchAll(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu)].map(({ 0: character, index }) =>
    JSON.stringify(left.slice(Math.max(0, index - 40), index) + character),
  )
}

// A terminal of its own comes from `script` of util-linux.
describe.skipIf(process.platform !== "linux")("in a terminal, what others have named", () => {
  it("is shown and not obeyed, by every command that shows it", async () => {
    const ag = home()
    const { url } = await ag.json("server", "start")
    const client = new AegisClient(url, (await ag.run("token")).stdout.trim())
    const prompt = script(
      `say ${HARM}`,
      `think ${HARM}`,
      `tool ${HARM} read ${HARM}`,
      `plan ${HARM}; ${HARM}`,
      `stderr ${HARM}`,
      `run ${HARM}`,
      `ask ${HARM}? | ${HARM} | b`,
      `say end ${HARM}`,
    ).replaceAll("\r", "\u0085")
    const { id } = await client.createSession({
      workDir: temporary("work"),
      name: `n ${HARM}`.slice(0, 200),
      labels: { [`l ${HARM}`.slice(0, 100)]: `v ${HARM}`.slice(0, 200) },
      prompt,
      reuse: false,
    })
    await client.createApiKey({ name: `k ${HARM}`.slice(0, 100), role: "viewer" })
    for await (const event of client.events(id)) if ("type" in event && event.type === "approval.requested") break
    const policy = join(temporary("policy"), "policy.yaml")
    const rule = { id: "r", match: { command: "rm *" }, decision: "deny", reason: `because ${HARM}` }
    writeFileSync(policy, JSON.stringify({ version: 1, rules: [rule] }))
    /** `shows`: whether there is something of it to be obeyed. */
    const look = async (shows: boolean, ...words: readonly string[]) => {
      const terminal = ag.terminal(...words)
      await terminal.ended
      const told = [words.join(" "), obeyed(terminal.seen), terminal.seen.includes("harm")]
      expect(told).toEqual([words.join(" "), [], shows])
    }
    await look(true, "sessions")
    await look(true, "show", id)
    await look(false, "policy", "set", policy)
    await look(true, "policy", "show")
    await look(true, "approve", id)
    await look(false, "audit", "list", "--limit", "50")
    await look(true, "audit", "export", "--format", "csv")
    await look(true, "keys", "list")
    await look(false, "kill", id)
    await look(true, "tail", id)
    await look(true, "tail", id, "--json")
  })
})
