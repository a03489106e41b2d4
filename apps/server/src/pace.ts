import { setImmediate as turn } from "node:timers/promises"

/** How long one piece of long work may keep this process's thread, in milliseconds. */
const PIECE_MS = 8

let last: Promise<unknown> = Promise.resolve()

/** Of all long work of this process one piece is done between two looks at everything else: answers wait for one at most. */
function breathe(): Promise<unknown> {
  last = last.then(() => turn())
  return last
}

/** Long work (an export, a look through history) that lets the answers of others pass: spec/threats.md, C1. */
export class Pace {
  readonly #isShort: boolean
  #began = performance.now()

  /** What is short does not wait in line behind what is long. */
  constructor({ isShort = false } = {}) {
    this.#isShort = isShort
  }

  /** To be awaited after every small step. */
  async step(): Promise<void> {
    if (performance.now() - this.#began < PIECE_MS) return
    await (this.#isShort ? turn() : breathe())
    this.#began = performance.now()
  }
}

/** Each item's result, one after the other. What is done in several calls has one pace. */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  step: (item: Item) => Result | Promise<Result>,
  pace = new Pace(),
) {
  const results: Result[] = []
  for (const item of items) {
    results.push(await step(item))
    await pace.step()
  }
  return results
}

/** Goes through the steps of a generator, and answers with what it returns. */
export async function inPieces<Result>(steps: Iterator<unknown, Result>): Promise<Result> {
  const pace = new Pace()
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value
    await pace.step()
  }
}
