import { openMemoryLog, splitEnvelope } from "@aegis/event-log"
import {
  createMemoryTiles,
  createNoteKey,
  dataHashOf,
  leafOf,
  loadMerkleTree,
  type MerkleTree,
  readSigner,
  signCheckpoint,
} from "@aegis/event-log/merkle"

const ORIGIN = "prove.example/log"
const SALT = "5a".repeat(16)

/** A log as it is kept: its events' texts, the tree over them, and what was signed of it. */
export interface KeptLog {
  readonly texts: readonly string[]
  readonly salt: string
  readonly tree: MerkleTree
  /** Signed at the end. */
  readonly checkpoint: string
}

/** The log's key: `sign` is what only the log can do, unless its key is stolen. */
export interface LogKey {
  readonly vkey: string
  sign(head: { readonly size: number; readonly root: string }): string
}

export function createLogKey(): LogKey {
  const { skey, vkey } = createNoteKey(ORIGIN)
  const signer = readSigner(skey)
  return { vkey, sign: (head) => signCheckpoint({ origin: ORIGIN, ...head }, signer) }
}

/** Keeps a log of so many events, of the kinds and lengths that sessions have; `change` makes another history of it. */
export async function keepLog(count: number, key: LogKey, change = (text: string) => text): Promise<KeptLog> {
  const log = openMemoryLog()
  const events = Array.from({ length: count }, (_, index) => ({
    stream: "s",
    event: {
      type: index % 5 === 0 ? "approval.resolved" : "message.delta",
      at: new Date(1_700_000_000_000 + index * 1000).toISOString(),
      actor: { kind: "key", id: `key_${index % 7}`, via: "rest" },
      data: {
        messageId: `m${index}`,
        text: change(`Was könnte hier stehen? Zeile ${index}. `.repeat(1 + (index % 4))),
      },
    },
  }))
  await log.append({ events, streams: [{ stream: "s", salt: SALT }] })
  const texts: string[] = []
  for (let after = 0; after < count; after = texts.length)
    texts.push(...(await log.read({ after, limit: 1000 })).map(({ json }) => json))
  await log.close()
  return keepTexts(texts, key)
}

/** The tree over texts as they are, and its checkpoint. */
export async function keepTexts(texts: readonly string[], key: LogKey): Promise<KeptLog> {
  const tree = await loadMerkleTree(createMemoryTiles())
  await tree.append(texts.map((text) => leafOf(splitEnvelope(text).head, dataHashOf(splitEnvelope(text), SALT))))
  const checkpoint = key.sign({ size: tree.size, root: await tree.rootAt(tree.size) })
  return { texts, salt: SALT, tree, checkpoint }
}
