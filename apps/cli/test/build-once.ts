import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"
import { buildProgram } from "../scripts/build-program.ts"

/** Builds `ag` for all tests of this package, once in a run. */
export default async function setup(project: TestProject) {
  project.provide(
    "agProgram",
    await buildProgram(fileURLToPath(new URL("../node_modules/.cache/program", import.meta.url))),
  )
}

declare module "vitest" {
  interface ProvidedContext {
    /** The path of `ag` as it is built. */
    agProgram: string
  }
}
