import { isAbsolute, relative } from "node:path"
import { listedFiles } from "./listed-files.ts"
import { type CheckResult, runTool } from "./run-tool.ts"

/** All that runs on Node is one program; what knows a browser's names, or none at all, is one of its own. */
const programs = ["tsconfig.json", "libs/client", "libs/client/tsconfig.src.json", "apps/dashboard"]

/** Every file of ours is in a program, and every program's types are right. */
export async function checkTypes(): Promise<CheckResult> {
  const outputs: string[] = []
  const missing = new Set(listedFiles("*.ts", "*.tsx"))
  let ok = true
  for (const program of programs) {
    const result = await runTool("tsc", ["--project", program, "--listFiles", "--pretty", "false"])
    ok &&= result.ok
    for (const line of result.output.split("\n"))
      if (isAbsolute(line)) missing.delete(relative(process.cwd(), line))
      else outputs.push(line)
  }
  for (const file of missing) outputs.push(`${file} is in no program: name it in a tsconfig.json`)
  return { ok: ok && missing.size === 0, output: outputs.join("\n") }
}
