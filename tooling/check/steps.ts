import { checkBoundaries } from "./check-boundaries.ts"
import { checkChanges } from "./check-changes.ts"
import { checkDeadCode } from "./check-dead-code.ts"
import { checkDocument } from "./check-document.ts"
import { checkGenerated } from "./check-generated.ts"
import { checkLint } from "./check-lint.ts"
import { checkLockfiles } from "./check-lockfiles.ts"
import { checkPackageShape } from "./check-package-shape.ts"
import { checkTypes } from "./check-types.ts"
import { checkVersions } from "./check-versions.ts"
import { type CheckResult, runTool } from "./run-tool.ts"

/** One thing that `pnpm check` looks after. It fails when it had nothing to look at. */
export interface Step {
  readonly name: string
  readonly guards: string
  run(): Promise<CheckResult>
}

/** Two run at a time, in this order: what takes long comes first. */
export const steps: readonly Step[] = [
  { name: "lint", guards: "rules that need types", run: checkLint },
  { name: "types", guards: "types of every package and of the tooling", run: checkTypes },
  { name: "boundaries", guards: "who may import whom", run: checkBoundaries },
  { name: "package-shape", guards: "what is published: entries, types, files", run: checkPackageShape },
  { name: "document", guards: "the OpenAPI document by a linter and a second generator", run: checkDocument },
  { name: "generated", guards: "generated files are what their generator makes", run: checkGenerated },
  {
    name: "format",
    guards: "formatting, import order, plain lint",
    run: () => runTool("biome", ["check", "."], { examined: /Checked (\d+) files/ }),
  },
  { name: "dead-code", guards: "unused files, exports, dependencies, catalog entries", run: checkDeadCode },
  { name: "versions", guards: "one version of everything, from the catalog", run: checkVersions },
  { name: "lockfiles", guards: "no addresses, every platform's binaries", run: checkLockfiles },
  { name: "changes", guards: "changesets name packages that exist", run: checkChanges },
]
