import { once } from "node:events"
import { Worker } from "node:worker_threads"

let last: Promise<unknown> = Promise.resolve()

/**
 * `redactJson` of a text of JSON, in a thread of its own: of megabytes it takes seconds. One after the other, whoever asks.
 * Resolves with the text without its secrets; with undefined where it has none. Rejects for what is no JSON.
 */
export function redactJsonApart(json: string): Promise<string | undefined> {
  const done = last.then(() => redact(json))
  last = done.catch(() => undefined)
  return done
}

async function redact(json: string) {
  const thread = new Worker(threadUrl(), { workerData: json, execArgv: ["--disable-warning=ExperimentalWarning"] })
  const ended = once(thread, "exit").then(([code]) => {
    throw new Error(`The thread that looks for secrets ended with ${String(code)} before it had looked.`)
  })
  const [redacted] = (await Promise.race([once(thread, "message"), ended])) as [string | undefined]
  return redacted
}

// A thread knows only its own kind: sources run as they are, and so does what was built of them.
function threadUrl() {
  return new URL(`./redact-thread.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url)
}
