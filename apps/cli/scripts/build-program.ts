import { cpSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type BuildOptions, build } from "esbuild"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const app = join(root, "apps", "cli")

/** What stays a package of its own: native code, and loggers that start files of theirs. With who depends on it. */
const packages = { "better-sqlite3": "libs/event-log", pino: "apps/server", "pino-pretty": "apps/server" }

/** What it goes without where it is not installed. */
const optional = ["playwright-core"]

/** Files that the program starts, by their names beside it. */
const threads = {
  "sqlite-writer": "libs/event-log/src/sqlite-writer.ts",
  "redact-thread": "libs/redact/src/redact-thread.ts",
}
const programs = {
  "demo-agent": "libs/acp-runtime/src/demo-agent.ts",
  "cassette-agent": "libs/acp-runtime/src/cassette-agent.ts",
  "agent-host-program": "libs/acp-runtime/src/agent-host-program.ts",
}

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node22",
  conditions: ["@aegis/source"],
  external: [...Object.keys(packages), ...optional],
  // Packages in CommonJS ask for Node's own modules with `require`.
  banner: {
    js: `import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);`,
  },
  logLevel: "warning",
} satisfies BuildOptions

/**
 * Builds `ag` into a folder as an installation has it: `bin`, `dist`, `package.json` and the packages that it needs;
 * no sources, so `bin/ag.js` runs what is built. Gives the path of the program.
 */
export async function buildProgram(folder: string) {
  rmSync(folder, { recursive: true, force: true })
  const outdir = join(folder, "dist")
  await build({ ...common, outdir, splitting: true, entryPoints: { bin: "apps/cli/src/bin.ts", ...threads } })
  // What outlives an upgrade is one file, with nothing beside it that it could miss.
  await build({ ...common, outdir, entryPoints: programs })
  cpSync(join(app, "bin"), join(folder, "bin"), { recursive: true })
  cpSync(join(app, "package.json"), join(folder, "package.json"))
  mkdirSync(join(folder, "node_modules"))
  for (const [name, dependent] of Object.entries(packages))
    symlinkSync(realpathSync(join(root, dependent, "node_modules", name)), join(folder, "node_modules", name))
  return join(folder, "bin", "ag.js")
}
