/** Who has said something. */
export type Speaker = "agent" | "client"

/** What a recording has of one write: who made it, when (epoch milliseconds), and how many bytes follow. */
export interface RecordHead {
  readonly from: Speaker
  readonly at: number
  readonly length: number
}

/** Behind the name of a recording that lacks what came later. */
export const CUT_ENDING = ".cut"

export function recordHead({ from, at, length }: RecordHead) {
  return Buffer.from(`${from} ${at} ${length}\n`)
}

/** Undefined: these bytes are none. */
export function parseRecordHead(line: string): RecordHead | undefined {
  const [, from, at, length] = /^(agent|client) (\d{1,15}) (\d{1,9})$/.exec(line) ?? []
  return from === undefined ? undefined : { from: from as Speaker, at: Number(at), length: Number(length) }
}
