import { Writable } from "node:stream"
import { expect, it } from "vitest"
import { columnsOf, createOutput, fit, headline, pad } from "../src/output.ts"

/** What a terminal obeys, what turns text around, and what nobody sees: C0, C1, bidi, tags. */
const HOSTILE = 'a\u001b]52;c;eA==\u0007\u009b2J\u202e\u2066\u{e0041}\u200b\u007f"b'
const HIDDEN = /(?![\t\n\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

function open({ isTerminal }: { readonly isTerminal: boolean }) {
  const written: Buffer[] = []
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk)
      done()
    },
  })
  const stream = Object.assign(stdout, { isTTY: isTerminal, columns: 80 }) as unknown as NodeJS.WriteStream
  return {
    output: createOutput({ stdout: stream, stderr: stream, env: {} }),
    written: () => Buffer.concat(written).toString(),
  }
}

it.each([true, false])("JSON is the same value, and nothing in it is obeyed (terminal: %s)", (isTerminal) => {
  const { output, written } = open({ isTerminal })
  output.json({ [HOSTILE]: [HOSTILE, "Grüße 👩‍💻"] })
  expect(written()).not.toMatch(HIDDEN)
  expect(written()).toContain("Grüße 👩‍💻")
  expect(JSON.parse(written())).toEqual({ [HOSTILE]: [HOSTILE, "Grüße 👩‍💻"] })
})

it("what is to the letter is so for programs, and only for them", async () => {
  const line = JSON.stringify({ text: HOSTILE })
  const bytes = Buffer.from(`seq,name\r\n1,${HOSTILE}\r\n`)
  // A character may come in two pieces.
  async function* pieces() {
    for (let from = 0; from < bytes.length; from += 3) yield bytes.subarray(from, from + 3)
  }
  const program = open({ isTerminal: false })
  program.output.exactJson(line)
  await program.output.stream(pieces())
  expect(program.written()).toBe(`${line}\n${bytes.toString()}`)
  const terminal = open({ isTerminal: true })
  terminal.output.exactJson(line)
  expect(JSON.parse(terminal.written())).toEqual({ text: HOSTILE })
  await terminal.output.stream(pieces())
  expect(terminal.written()).not.toMatch(HIDDEN)
  expect(terminal.written()).toContain("\\u{202e}")
})

it("makes a headline of whatever an agent calls its call: one line, and no longer than one", () => {
  expect(headline("Read notes\n\tAllowed\r\u202e")).toBe("Read notes Allowed\\u{d}\\u{202e}")
  expect(headline("a".repeat(200))).toBe("a".repeat(200))
  expect(headline("a".repeat(1024 * 1024))).toBe(`${"a".repeat(199)}…`)
})

it("cuts and fills what it shows by the columns that it takes", () => {
  expect([columnsOf("abc"), columnsOf("→✓"), columnsOf("日本"), columnsOf("👩‍💻"), columnsOf("e\u0301")]).toEqual([
    3, 2, 4, 2, 1,
  ])
  expect([fit("日本語", 6), fit("日本語", 5), fit("日本語", 4), fit("a👩‍💻b", 4), fit("a👩‍💻b", 3)]).toEqual([
    "日本語",
    "日本…",
    "日…",
    "a👩‍💻b",
    "a…",
  ])
  expect([pad("日", 4), pad("long", 2)]).toEqual(["日  ", "long"])
})
