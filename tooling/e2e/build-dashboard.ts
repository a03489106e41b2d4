import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vite"

const source = fileURLToPath(new URL("../../apps/dashboard/", import.meta.url))

/** The dashboard as it is published, in a folder of the caller's. */
export async function buildDashboard(folder: string) {
  await build({
    root: source,
    configFile: join(source, "vite.config.ts"),
    build: { outDir: folder },
    logLevel: "silent",
  })
}
