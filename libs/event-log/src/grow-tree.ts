import { setImmediate as breathe } from "node:timers/promises"
import type { EventLog, LogEntry } from "./event-log.ts"
import { EventLogError } from "./event-log-error.ts"
import type { LogEvent } from "./log-event.ts"
import type { MerkleTree } from "./merkle-tree.ts"
import { dataHashOf, leafOf, splitEnvelope } from "./rolling-hash.ts"

/** What the tree is made from. */
export type TreeSource<E extends LogEvent> = Pick<EventLog<E>, "head" | "read" | "streamHead">

export interface GrowTreeOptions {
  /** How many leaves at most: what is held in memory at once. 256 when absent. */
  readonly limit?: number
}

/** What is read and hashed at once, some 20 µs each, before others have their turn. */
const PAGE = { limit: 64, maxCharacters: 1024 * 1024 }

/**
 * Appends the leaves of the events that the tree does not have yet, in one write; answers with how many. The log's numbers
 * are dense on every engine, so the tree's size is the cursor: it is kept with the tree, and a process that was killed
 * goes on where it was.
 */
export async function growTree<E extends LogEvent>(
  tree: MerkleTree,
  log: TreeSource<E>,
  { limit = 256 }: GrowTreeOptions = {},
): Promise<number> {
  const leaves: string[] = []
  // What is committed and not published yet may be of a stream that is not known yet.
  const before = log.head() + 1
  while (leaves.length < limit) {
    const after = tree.size + leaves.length
    const page = await log.read({ after, before, ...PAGE, limit: Math.min(PAGE.limit, limit - leaves.length) })
    if (page.length === 0) break
    checkDense(page, after)
    leaves.push(...(await leavesOf(page, log)))
    await breathe()
  }
  await tree.append(leaves)
  return leaves.length
}

/** The leaves of entries, in their order. */
export async function leavesOf<E extends LogEvent>(
  entries: readonly LogEntry<E>[],
  log: Pick<TreeSource<E>, "streamHead">,
): Promise<string[]> {
  const salts = new Map<string, string>()
  for (const { stream } of entries) if (!salts.has(stream)) salts.set(stream, await saltOf(stream, log))
  return entries.map(({ stream, json }) => {
    const event = splitEnvelope(json)
    return leafOf(event.head, dataHashOf(event, salts.get(stream) ?? ""))
  })
}

// A leaf that was made without it would be another one's, and nobody would know before all is verified.
async function saltOf<E extends LogEvent>(stream: string, log: Pick<TreeSource<E>, "streamHead">) {
  const head = await log.streamHead(stream)
  if (head?.salt) return head.salt
  throw new EventLogError(
    "storage-failed",
    `The log has entries of the stream ${stream}, and not what they were hashed with.`,
  )
}

function checkDense(page: readonly LogEntry[], after: number) {
  const wrong = page.findIndex(({ seq }, place) => seq !== after + place + 1)
  if (wrong >= 0)
    throw new EventLogError("storage-failed", `The log has no entry ${after + wrong + 1}: its numbers have a hole.`)
}
