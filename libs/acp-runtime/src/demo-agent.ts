import { runDemoAgent } from "./demo/run-demo-agent.ts"

// The program of the built-in `demo` agent: started as a child, never imported.
runDemoAgent({
  args: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
})
