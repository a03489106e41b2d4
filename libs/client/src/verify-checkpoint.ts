import { AegisProblem } from "./aegis-problem.ts"
import { toHex } from "./digest.ts"
import { fromBase64, openNote } from "./signed-note.ts"
import { isSize, type TreeHead } from "./tree-head.ts"

/** What a log has signed to be, at a size. */
export interface Checkpoint extends TreeHead {
  readonly origin: string
}

export interface VerifyCheckpointOptions {
  /** The log that it must be of; absent: the one that has the key's name. */
  readonly origin?: string | undefined
}

/**
 * Verifies a checkpoint (C2SP tlog-checkpoint in a signed note, Ed25519) against the log's public key, a text
 * `<name>+<id>+<base64>` that was got from elsewhere than the checkpoint. Rejects with `checkpoint-untrusted` where the
 * key's signature is false or missing or the log is another, `checkpoint-broken` where the text is no checkpoint, and
 * `key-broken` where the key is none.
 */
export async function verifyCheckpoint(
  note: string,
  key: string,
  { origin: expected }: VerifyCheckpointOptions = {},
): Promise<Checkpoint> {
  const opened = await openNote(note, key)
  const { name } = opened
  if (opened.state === "unreadable") throw broken()
  if (opened.state !== "signed") throw untrusted(`The checkpoint does not have a true signature of ${name}.`)
  const checkpoint = readCheckpoint(opened.text)
  if (checkpoint.origin !== (expected ?? name))
    throw untrusted(`The checkpoint is of the log ${checkpoint.origin}, not of ${expected ?? name}.`)
  return checkpoint
}

/** Origin, size and root, a line each; lines after them are the log's own and mean nothing here. */
function readCheckpoint(text: string): Checkpoint {
  const [, origin, digits = "", base64 = ""] = /^([^\n]+)\n(0|[1-9][0-9]*)\n([^\n]+)\n(?:[^\n]+\n)*$/u.exec(text) ?? []
  const size = Number(digits)
  const root = fromBase64(base64)
  if (!origin || !isSize(size) || root?.length !== 32) throw broken()
  return { origin, size, root: toHex(root) }
}

function broken() {
  return problem("checkpoint-broken", "This text is not a checkpoint: its form is another, or something was cut off.")
}

function untrusted(detail: string) {
  return problem("checkpoint-untrusted", detail)
}

function problem(code: string, detail: string) {
  return new AegisProblem({ status: 0, code, detail })
}
