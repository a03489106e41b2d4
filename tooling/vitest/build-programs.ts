import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { BUILT } from "./built-programs.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Builds the programs that tests start as processes of their own: each is one file, which starts in half of the time. */
export default async function buildPrograms() {
  await build({
    absWorkingDir: root,
    outdir: BUILT,
    entryPoints: ["demo-agent", "cassette-agent", "agent-host-program"].map(
      (name) => `libs/acp-runtime/src/${name}.ts`,
    ),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    conditions: ["@aegis/source"],
    banner: {
      js: `import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);`,
    },
    logLevel: "warning",
  })
}
