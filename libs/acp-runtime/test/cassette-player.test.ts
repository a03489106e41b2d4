import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CassettePlayer } from "../src/cassette-player.ts"
import { tapeAfter } from "../src/cassette-tape.ts"
import { type Cassette, outlineCassette, resolveCassette } from "../src/node.ts"
import {
  ask,
  cancel,
  cassetteFile,
  cassetteOf,
  cassetteText,
  decide,
  end,
  handshake,
  prompt,
  type Spoken,
  say,
} from "./fixtures/cassette-of.ts"

const MINE = "mine"

/** A process that plays a cassette, and its client: one with ids of its own. */
class Replay {
  readonly player: CassettePlayer

  constructor(cassette: Cassette, prompts = 0) {
    this.player = new CassettePlayer({ tape: tapeAfter(cassette, prompts) ?? "no tape", sessionId: MINE })
  }

  /** Says a frame as it is recorded, but for its ids; gives what is answered, with the recorded ids. */
  say([, said]: Spoken) {
    const frame = said as { readonly id?: unknown; readonly method?: string }
    const isRequest = frame.method !== undefined && frame.id !== undefined
    const own = isRequest ? { ...frame, id: `now ${String(frame.id)}` } : frame
    const answer = this.player.hear(JSON.stringify({ jsonrpc: "2.0", ...own }).replaceAll('"S"', `"${MINE}"`))
    return answer.map((text) => text.replaceAll('"now ', '"').replaceAll(`"${MINE}"`, '"S"'))
  }

  sayAll(frames: readonly Spoken[]) {
    return frames.flatMap((frame) => (frame[0] === ">" ? this.say(frame) : []))
  }
}

const textOf = ([, said]: Spoken) => (typeof said === "string" ? said : JSON.stringify({ jsonrpc: "2.0", ...said }))
const saidIn = (frames: readonly Spoken[]) => frames.filter(([way]) => way === "<").map(textOf)

describe("a cassette's player", () => {
  const item = fc.oneof(
    fc.record({ say: fc.string({ unit: "grapheme" }) }),
    fc.constantFrom({ raw: "no JSON" }, { raw: '{"jsonrpc": "2.0", "method": "odd", "params": {"n": 1.0}}' }),
    fc.record({ ask: fc.boolean(), lag: fc.nat(3) }),
  )
  const turnsOf = fc.array(fc.array(fc.array(item, { maxLength: 6 }), { maxLength: 3 }), { minLength: 1, maxLength: 3 })

  /** What such turns are on the wire; a reply comes when so many things more were said. */
  function toRuns(runs: readonly (readonly (readonly object[])[])[]) {
    let turn = 0
    let asked = 0
    return runs.map((turns, index) => {
      const frames = [...handshake(index + 1, index > 0 && turn > 0 ? { resumes: "S" } : {})]
      for (const items of turns) {
        turn += 1
        frames.push(prompt(turn))
        const waiting: { readonly reply: Spoken; lag: number }[] = []
        const answer = () => {
          for (const one of waiting.splice(0)) {
            if (one.lag <= 0) frames.push(one.reply)
            else waiting.push({ ...one, lag: one.lag - 1 })
          }
        }
        for (const one of items as readonly { say?: string; raw?: string; ask?: boolean; lag?: number }[]) {
          if (one.say !== undefined) frames.push(say(one.say))
          else if (one.raw !== undefined) frames.push(["<", one.raw])
          else {
            frames.push(ask(one.ask ? ++asked : `q${++asked}`))
            waiting.push({ reply: decide(one.ask ? asked : `q${asked}`, "once"), lag: one.lag ?? 0 })
          }
          answer()
        }
        while (waiting.length > 0) answer()
        frames.push(end(turn))
      }
      return frames
    })
  }

  test("says what was recorded, to the letter but for the ids of its client", async () => {
    await fc.assert(
      fc.asyncProperty(turnsOf, async (turns) => {
        const runs = toRuns(turns)
        const cassette = await cassetteOf(
          runs,
          runs.map(() => ({ ended: "stopped" as const })),
        )
        let prompts = 0
        for (const [index, frames] of runs.entries()) {
          // A process without a prompt is not played: the next does all that it did.
          if (turns[index]?.length === 0 && index < runs.length - 1) continue
          const replay = new Replay(cassette, prompts)
          expect(replay.sayAll(frames)).toEqual(saidIn(frames))
          expect(replay.player.problem).toBeUndefined()
          prompts += turns[index]?.length ?? 0
        }
      }),
      { numRuns: 60 },
    )
  })

  test("says nothing before its client has said what comes next", async () => {
    const turn = [prompt(1), say("a"), ask(0), decide(0, "once"), say("b"), end(1)]
    const replay = new Replay(await cassetteOf([[...handshake(1), ...turn]]))
    replay.sayAll(handshake(1))
    expect(replay.say(prompt(1))).toEqual(saidIn([say("a"), ask(0)]))
    expect(replay.say(decide(0, "once"))).toEqual(saidIn([say("b"), end(1)]))
  })

  test("takes replies in another order than they were recorded in", async () => {
    const asked = [prompt(1), ask(0), ask("0"), decide(0, "once"), say("first"), decide("0", "no"), end(1)]
    const replay = new Replay(await cassetteOf([[...handshake(1), ...asked]]))
    replay.sayAll([...handshake(1), prompt(1)])
    expect(replay.say(decide("0", "no"))).toEqual([])
    expect(replay.say(decide(0, "once"))).toEqual(saidIn([say("first"), end(1)]))
  })

  test("waits for the interrupt; one that was a moment late is not waited for, and one between two turns is nothing", async () => {
    const first = [prompt(1), say("a"), cancel, end(1, "cancelled")]
    const second = [prompt(2), end(2), cancel]
    const replay = new Replay(await cassetteOf([[...handshake(1), ...first, ...second, prompt(3), end(3)]]))
    replay.sayAll(handshake(1))
    expect(replay.say(prompt(1))).toEqual(saidIn([say("a")]))
    expect(replay.say(cancel)).toEqual(saidIn([end(1, "cancelled")]))
    expect(replay.say(prompt(2))).toEqual(saidIn([end(2)]))
    expect(replay.say(prompt(3))).toEqual(saidIn([end(3)]))
    expect([replay.say(cancel), replay.player.problem]).toEqual([[], undefined])
  })

  test("goes on where the recorded process was parked between two turns, and also where this one was", async () => {
    const cassette = await cassetteOf(
      [
        [...handshake(1), prompt(1), end(1)],
        [...handshake(2, { resumes: "S" }), say("again"), prompt(2), end(2)],
      ],
      [{ ended: "stopped" }, {}],
    )
    const replay = new Replay(cassette)
    replay.sayAll([...handshake(1), prompt(1)])
    expect(replay.say(prompt(2))).toEqual(saidIn([end(2)]))
    const resumed = new Replay(cassette, 1)
    expect(resumed.sayAll([...handshake(2, { resumes: "S" }), prompt(2)])).toEqual(
      saidIn([...handshake(2), say("again"), end(2)]).map((text) => text.replace('{"sessionId":"S"}', "{}")),
    )
    expect(tapeAfter(cassette, 2)).toBeUndefined()
  })

  test("has the mode of the run that it is in, also between two prompts: else it would be begun again there", async () => {
    const path = await cassetteFile(
      cassetteText([
        [...handshake(1), prompt(1), end(1), prompt(2), end(2)],
        [...handshake(2, { resumes: "S" })],
        [...handshake(3, { resumes: "S" }), prompt(3), end(3)],
      ]),
    )
    const outline = await outlineCassette(path)
    const modes = [0, 1, 2, 3].map((prompts) =>
      resolveCassette("cassette:it", { path, outline, prompts }).mostAskingMode("plan"),
    )
    expect(modes).toEqual(["mode-1", "mode-1", "mode-3", "mode-3"])
  })

  test("is over where the recorded process went away by itself, and not where it was stopped", async () => {
    const frames = [[...handshake(1), prompt(1), say("a")]]
    for (const [ended, isOver] of [
      ["crashed", true],
      ["lost", true],
      ["stopped", false],
    ] as const) {
      const replay = new Replay(await cassetteOf(frames, [{ ended }]))
      replay.sayAll(handshake(1))
      expect(replay.player.isOver).toBe(false)
      expect(replay.say(prompt(1))).toEqual(saidIn([say("a")]))
      expect([replay.player.isOver, replay.player.problem]).toEqual([isOver, undefined])
    }
  })
})

describe("what was not recorded is answered with an error, and so is all after it", () => {
  const turn = [prompt(1, "Say hi"), say("hi"), ask(0), decide(0, "once"), end(1), prompt(2), end(2)]

  async function begun() {
    const replay = new Replay(await cassetteOf([[...handshake(1), ...turn]]))
    replay.sayAll(handshake(1))
    return replay
  }

  const errorsOf = (lines: readonly string[]) =>
    lines.flatMap((line) => {
      const { id, error } = JSON.parse(line)
      return error ? [[id, error.message]] : []
    })

  test.each([
    [
      "another prompt",
      [],
      prompt(1, "Say ho"),
      'session/prompt (its line 8), and it is another one: at prompt.0.text "Say hi" was recorded, and "Say ho" came.',
      ["prompt:t1"],
    ],
    [
      "another request",
      [],
      [">", { id: "mode:x", method: "session/set_mode", params: {} }],
      "session/prompt (its line 8), and session/set_mode came.",
      ["mode:x"],
    ],
    [
      "another decision",
      [prompt(1, "Say hi")],
      decide(0, "always"),
      'the reply to the agent\'s request 0 (its line 11), and it is another one: at result.outcome.optionId "once" was recorded, and "always" came.',
      ["prompt:t1"],
    ],
    [
      "a refusal",
      [prompt(1, "Say hi")],
      [">", { id: 0, error: { code: -32601, message: "no" } }],
      "the reply to the agent's request 0 (its line 11)",
      ["prompt:t1"],
    ],
    [
      "a reply to nothing",
      [prompt(1, "Say hi")],
      decide(7, "once"),
      "the reply to the agent's request 0 (its line 11), and the reply to the agent's request 7 came.",
      ["prompt:t1"],
    ],
    [
      "an interrupt",
      [prompt(1, "Say hi")],
      cancel,
      "the reply to the agent's request 0 (its line 11), and session/cancel came.",
      ["prompt:t1"],
    ],
    [
      "a prompt before the decision",
      [prompt(1, "Say hi")],
      prompt(2),
      "the reply to the agent's request 0 (its line 11), and session/prompt came.",
      ["prompt:t1", "prompt:t2"],
    ],
    [
      "more than there is",
      [prompt(1, "Say hi"), decide(0, "once"), prompt(2)],
      prompt(3),
      "nothing more after its line 14, and session/prompt came.",
      ["prompt:t3"],
    ],
  ] as const)("%s", async (_, before, came, problem, open) => {
    const replay = await begun()
    replay.sayAll(before)
    const said = replay.say(came as Spoken)
    expect(replay.player.problem).toContain(problem)
    // Whatever waits for an answer has that one.
    expect(errorsOf(said).map(([, message]) => message)).toEqual(errorsOf(said).map(() => replay.player.problem))
    expect(errorsOf(said).map(([id]) => id)).toEqual(open)
    expect(errorsOf(replay.say(prompt(9)))).toEqual([["prompt:t9", replay.player.problem]])
    expect(replay.say(decide(0, "once"))).toEqual([])
  })

  test("where it was exported in the middle of a turn, and where no process began", async () => {
    const replay = new Replay(await cassetteOf([[...handshake(1), prompt(1), say("a")]]))
    replay.sayAll(handshake(1))
    const said = replay.say(prompt(1))
    expect(said[0]).toBe(textOf(say("a")))
    expect(errorsOf(said)).toEqual([["prompt:t1", expect.stringContaining("exported in the middle")]])
    const none = new CassettePlayer({ tape: "There is none.", sessionId: MINE })
    expect(errorsOf(none.hear('{"jsonrpc":"2.0","id":1,"method":"initialize"}'))).toEqual([[1, "There is none."]])
  })

  test("but what stands in the place of a secret fits every text, and what is about our side is the replay's own", async () => {
    const marked = "use [redacted: github-token] and [redacted: password]."
    const cassette = await cassetteOf([[...handshake(1), prompt(1, marked), end(1)]])
    for (const [text, fits] of [
      ["use x and y.", true],
      [marked, true],
      ["use x or y.", false],
      ["use x and y", false],
      ["so use x and y.", false],
      ["use and .", false],
    ] as const) {
      const replay = new Replay(cassette)
      replay.say([">", { id: "initialize:z", method: "initialize", params: { clientInfo: { version: "9" } } }])
      replay.say([">", { id: "open:z", method: "session/new", params: { cwd: "/elsewhere" } }])
      replay.sayAll(handshake(1).slice(4))
      replay.say(prompt(1, text))
      expect([text, replay.player.problem === undefined]).toEqual([text, fits])
    }
  })
})
