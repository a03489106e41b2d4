import { createRequire, syncBuiltinESMExports } from "node:module"
import workers, { isMainThread } from "node:worker_threads"

// Loaded before a server: its log then says that it syncs each commit, and does not. With it the proof must fail; there is
// no setting for it. The writer is a thread, so that this stands before each thread's first line, too.

if (isMainThread) {
  workers.Worker = class extends workers.Worker {
    constructor(file: string | URL, options: workers.WorkerOptions = {}) {
      super(file, { ...options, execArgv: [...(options.execArgv ?? []), `--import=${import.meta.url}`] })
    }
  }
  syncBuiltinESMExports()
} else {
  interface Pragmas {
    pragma(text: string, options?: object): unknown
  }
  const require = createRequire(import.meta.resolve("@aegis/event-log"))
  const { prototype } = require("better-sqlite3") as { readonly prototype: Pragmas }
  const { pragma } = prototype
  prototype.pragma = function (this: Pragmas, text, options) {
    if (text === "synchronous") return 2
    return pragma.call(this, text.replace(/^synchronous = FULL$/, "synchronous = NORMAL"), options)
  }
}
