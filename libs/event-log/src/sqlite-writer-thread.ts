import { Worker } from "node:worker_threads"
import { EventLogError } from "./event-log-error.ts"
import type { StatementGroup, WriterReply, WriterRequest } from "./sqlite-writer.ts"
import type { Statement } from "./statement.ts"

/** The writer as the event loop sees it. */
export interface WriterThread {
  readonly settings: Omit<Extract<WriterReply, { type: "ready" }>, "type">
  /** Why nothing can be written any more. */
  readonly failure: EventLogError | undefined
  /** One transaction, synced to disk when it resolves. */
  transaction(statements: readonly Statement[]): Promise<void>
  close(): Promise<void>
}

export interface StartWriterThreadOptions {
  /** Told once, when nothing can be written any more. */
  readonly onFailed?: ((error: EventLogError) => void) | undefined
}

interface Waiting {
  resolve(): void
  reject(error: EventLogError): void
}

/** Starts the writer and waits until it holds the file, or says why it cannot. */
export async function startWriterThread(
  path: string,
  { onFailed }: StartWriterThreadOptions = {},
): Promise<WriterThread> {
  const worker = new Worker(writerUrl(), { workerData: { path }, execArgv: ["--disable-warning=ExperimentalWarning"] })
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()))
  const settings = await firstReply(worker)
  const waiting = new Map<number, Waiting>()
  let broken: EventLogError | undefined
  let nextId = 0

  const fail = (error: EventLogError) => {
    const isFirst = broken === undefined
    broken ??= error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
    if (isFirst && error.code === "storage-failed") onFailed?.(error)
  }
  worker.on("message", (reply: WriterReply) => {
    if (reply.type === "committed") settle(waiting, reply.id)?.resolve()
    if (reply.type === "broken") fail(refusalOf({ code: "storage-failed", ...reply }))
    if (reply.type !== "failed") return
    const error = refusalOf(reply)
    settle(waiting, reply.id)?.reject(error)
    // What the disk did with a failed sync is unknown, and asking again would hide it: only opening anew helps.
    if (reply.code === "storage-failed") fail(error)
  })
  worker.on("error", (error) => fail(EventLogError.from(error)))
  void exited.then(() => fail(new EventLogError("log-closed", "The log's writer has ended.")))

  return {
    settings,
    get failure() {
      return broken
    },
    transaction(statements) {
      if (broken) return Promise.reject(broken)
      const id = ++nextId
      return new Promise<void>((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        worker.postMessage({ type: "transaction", id, groups: grouped(statements) } satisfies WriterRequest)
      })
    },
    async close() {
      worker.postMessage({ type: "close" } satisfies WriterRequest)
      await exited
    },
  }
}

function refusalOf({ code, message }: Pick<Extract<WriterReply, { type: "failed" }>, "code" | "message">) {
  const told =
    code === "storage-full"
      ? "The disk of the log is full, and nothing of this was written. Free some space: writing goes on by itself then"
      : "The disk of the log has failed, and is not asked again. What was acknowledged is kept; open the log anew"
  return new EventLogError(code, `${told} (${message}).`)
}

// The writer is an entry of this package that runs as a thread: beside this file in the source as in the build.
function writerUrl() {
  return new URL(`./sqlite-writer.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url)
}

function firstReply(worker: Worker) {
  return new Promise<WriterThread["settings"]>((resolve, reject) => {
    worker.once("error", (error) => reject(EventLogError.from(error)))
    worker.once("exit", (code) =>
      reject(new EventLogError("storage-failed", `The log's writer ended with code ${code} before it began.`)),
    )
    worker.once("message", (reply: WriterReply) => {
      if (reply.type === "ready") resolve(reply)
      else if (reply.type === "refused") reject(new EventLogError(reply.code, reply.message))
    })
  })
}

function settle(waiting: Map<number, Waiting>, id: number) {
  const found = waiting.get(id)
  waiting.delete(id)
  return found
}

function grouped(statements: readonly Statement[]): StatementGroup[] {
  const groups: { sql: string; runs: (readonly unknown[])[] }[] = []
  for (const { sql, parameters } of statements) {
    const last = groups.at(-1)
    if (last?.sql === sql) last.runs.push(parameters)
    else groups.push({ sql, runs: [parameters] })
  }
  return groups
}
