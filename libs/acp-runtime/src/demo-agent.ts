import { flushCompileCache } from "node:module"
import { runDemoAgent } from "./demo/run-demo-agent.ts"

// The program of the built-in `demo` agent: started as a child, never imported.
runDemoAgent({
  args: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
})

// It is ended by a signal, and nothing would be kept of what was compiled for its next start.
flushCompileCache()
