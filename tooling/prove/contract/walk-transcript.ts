import type { AegisClient } from "@aegis/client"
import { quantile } from "../../bench/figures.ts"
import type { Compared } from "./compare-methods.ts"
import { untilEvents } from "./until-events.ts"

export interface WalkOptions {
  readonly client: AegisClient
  readonly workDir: string
  /** There before the walk, and said while it goes on. */
  readonly messages: number
  readonly appended: number
  /** Whether a page may take no more than so long, in milliseconds. */
  readonly mostMs?: number
}

const LIMIT = 50
/** As many as a prompt has room for. */
const IN_A_PROMPT = 2000

/** A transcript is paged back while more is said: each message once, none shifted; and how long a page takes when all is quiet. */
export async function walkTranscript({ client, workDir, messages, appended, mostMs }: WalkOptions): Promise<Compared> {
  const problems: string[] = []
  const { id } = await client.createSession({ workDir, agent: "demo", reuse: false })
  let said = 0
  const say = async (count: number) => {
    const lines = Array.from({ length: count }, () => `say ${++said}`)
    await client.sendMessage(id, ["#script", ...lines].join("\n"))
  }
  let prompts = 0
  for (let left = messages; left > 0; left -= IN_A_PROMPT, prompts++) await say(Math.min(left, IN_A_PROMPT))
  await untilEvents(client, id, "turn.ended", prompts)
  const { newest_id: newest } = await client.getTranscriptCursor(id, { limit: 1 })
  await say(appended)
  const walked = await walk(client, id)
  if (new Set(walked.ids).size !== walked.ids.length) problems.push("a message was there twice")
  const numbers = walked.texts.map(Number).filter((number) => number > 0 && number <= messages)
  if (numbers.length !== messages || numbers.some((number, index) => number !== messages - index))
    problems.push(`of ${messages} messages ${new Set(numbers).size} were there, in another order or twice`)
  await untilEvents(client, id, "turn.ended", prompts + 1)
  const quiet = await walk(client, id)
  const p95 = quantile(quiet.times, 0.95)
  const old = (ids: readonly number[]) => ids.filter((one) => newest !== null && one <= newest).join()
  if (old(walked.ids) !== old(quiet.ids)) problems.push("a message that was there has another id when all is quiet")
  if (quiet.ids.length !== messages + appended + prompts + 1)
    problems.push(`in the end there are ${quiet.ids.length} messages instead of ${messages + appended + prompts + 1}`)
  if (mostMs !== undefined && Math.max(...quiet.times) > mostMs)
    problems.push(`a page took ${Math.max(...quiet.times).toFixed(0)} ms, of ${mostMs} that it may`)
  const figures = `A transcript of ${messages.toLocaleString("en")} messages was paged back while ${appended.toLocaleString("en")} more were said: each once, in ${walked.times.length} pages. When all is quiet a page takes ${p95.toFixed(1)} ms (95 of 100), at most ${Math.max(...quiet.times).toFixed(1)}.`
  return { problems, figures }
}

async function walk(client: AegisClient, id: string) {
  const [ids, texts, times]: [number[], string[], number[]] = [[], [], []]
  for (let before: number | undefined, isMore = true; isMore; ) {
    const began = performance.now()
    const page = await client.getTranscriptCursor(id, {
      limit: LIMIT,
      ...(before === undefined ? {} : { before_id: before }),
    })
    times.push(performance.now() - began)
    for (const message of page.messages.toReversed()) {
      ids.push(message.id)
      texts.push(message.text)
    }
    before = page.oldest_id ?? undefined
    isMore = page.has_more
  }
  return { ids, texts, times }
}
