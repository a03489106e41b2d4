import { describe, expect, test } from "vitest"
import { readCassette, toCassetteLine } from "../src/node.ts"
import { cassetteFile, cassetteText, end, handshake, prompt } from "./fixtures/cassette-of.ts"

const whole = cassetteText([[...handshake(1), prompt(1), end(1)]])

describe("a cassette's file", () => {
  test("keeps each line to the letter, whatever it is", async () => {
    const at = "2026-01-02T03:04:05.678Z"
    const said = [
      '{"a":1}',
      '{"a": 1}',
      '{"n":1.0}',
      '{"n":12345678901234567890}',
      '{"a":1,"a":2}',
      "[1]",
      "null",
      "ä\u2028{",
      "",
    ]
    const lines = said.map((text) => toCassetteLine({ run: 1, at, from: "agent" }, text))
    expect(lines[0]).toBe(`{"run":1,"at":"${at}","from":"agent","frame":{"a":1}}`)
    const { frames } = await readCassette(await cassetteFile(`${whole.split("\n")[0]}\n${lines.join("\n")}\n`))
    expect(frames.map(({ text }) => text)).toEqual(said)
    expect(frames.map(({ line }) => line)).toEqual(said.map((_, index) => index + 2))
    expect(lines.every((line) => !/[\u0085\u2028]/.test(line))).toBe(true)
    expect(frames[1]?.frame).toEqual({ a: 1 })
  })

  test("is read strictly: what is damaged is refused with its line, and without a word of what is in it", async () => {
    const lines = whole.trimEnd().split("\n")
    const secret = "hunter2"
    const withLine = (line: number, text: string) =>
      lines.map((old, index) => (index + 1 === line ? text : old)).join("\n")
    const inLine = (line: number, from: string, to: string) => withLine(line, (lines[line - 1] ?? "").replace(from, to))
    for (const [text, problem] of [
      [`${secret}: ${secret}\n`, "Line 1 is no JSON object."],
      [`{"${secret}":"${secret}"}\n`, 'Line 1 is wrong at "format".'],
      [inLine(1, '"version":1', '"version":2'), 'Line 1 is wrong at "version".'],
      [inLine(1, "{", `{"${secret}":1,`), "Line 1 has not the members of a cassette's line."],
      [withLine(3, secret), "Line 3 is no JSON object."],
      [withLine(3, ""), "Line 3 is no JSON object."],
      [inLine(3, '"agent"', `"${secret}"`), 'Line 3 is wrong at "from".'],
      [inLine(3, '"run":1', '"run":2'), "Line 3 is out of order"],
      [inLine(3, '"frame"', '"text":"x","frame"'), "Line 3 has not the members"],
      [inLine(3, '"frame":', '"frame":null,"x":'), 'Line 3 is wrong at "frame".'],
      [whole.slice(0, -20), `Line ${lines.length} is no JSON object.`],
      ["", "It is empty."],
    ] as const) {
      const refusal = await readCassette(await cassetteFile(text)).catch((error: unknown) => error as Error)
      expect(refusal).toMatchObject({
        code: "cassette-invalid",
        message: expect.stringContaining(`it.jsonl is no cassette`),
      })
      expect((refusal as Error).message).toContain(problem)
      expect((refusal as Error).message).not.toContain(secret)
    }
    await expect(readCassette("/no/such/file")).rejects.toMatchObject({ code: "cassette-invalid" })
  })
})
