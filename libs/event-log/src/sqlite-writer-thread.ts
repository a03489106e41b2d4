import { Worker } from "node:worker_threads"
import { EventLogError } from "./event-log-error.ts"
import type { Statement } from "./row-statements.ts"
import type { StatementGroup, WriterReply, WriterRequest } from "./sqlite-writer.ts"

/** The writer as the event loop sees it. */
export interface WriterThread {
  readonly settings: Omit<Extract<WriterReply, { type: "ready" }>, "type">
  /** One transaction, synced to disk when it resolves. */
  transaction(statements: readonly Statement[]): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  resolve(): void
  reject(error: EventLogError): void
}

/** Starts the writer and waits until it holds the file, or says why it cannot. */
export async function startWriterThread(path: string): Promise<WriterThread> {
  const worker = new Worker(writerUrl(), { workerData: { path }, execArgv: ["--disable-warning=ExperimentalWarning"] })
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()))
  const settings = await firstReply(worker)
  const waiting = new Map<number, Waiting>()
  let broken: EventLogError | undefined
  let nextId = 0

  const fail = (error: EventLogError) => {
    broken ??= error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on("message", (reply: WriterReply) => {
    if (reply.type === "committed") settle(waiting, reply.id)?.resolve()
    if (reply.type !== "failed") return
    const error = new EventLogError(reply.code, `The log could not be written: ${reply.message}`)
    settle(waiting, reply.id)?.reject(error)
    // What the disk did with a failed sync is unknown, and asking again would hide it: only opening anew helps.
    if (reply.code === "storage-failed") fail(error)
  })
  worker.on("error", (error) => fail(EventLogError.from(error)))
  void exited.then(() => fail(new EventLogError("log-closed", "The log's writer has ended.")))

  return {
    settings,
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
