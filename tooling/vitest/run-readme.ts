import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

interface RunReadmeOptions {
  /** The heading of the section that has the block; absent: it is the README's first one. */
  readonly section?: string
}

/** Runs the first TypeScript block of a package's README as a program of that package; gives what it printed. */
export async function runReadme(
  packageUrl: URL,
  env: Readonly<Record<string, string>> = {},
  { section = "" }: RunReadmeOptions = {},
) {
  const readme = await readFile(new URL("README.md", packageUrl), "utf8")
  const start = section === "" ? 0 : readme.indexOf(`\n## ${section}\n`)
  const program = start < 0 ? undefined : /```ts\n(.*?)```/s.exec(readme.slice(start))?.[1]
  if (program === undefined) throw new Error(`${packageUrl.href}README.md has no TypeScript block there.`)
  const flags = [
    "--conditions=@aegis/source",
    "--disable-warning=ExperimentalWarning",
    "--input-type=module-typescript",
  ]
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--eval", program], {
    cwd: fileURLToPath(packageUrl),
    env: { ...process.env, ...env },
  })
  return stdout
}
