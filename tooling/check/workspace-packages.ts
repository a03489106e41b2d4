import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly scripts?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface WorkspacePackage {
  /** From the root: `libs/event-log`. */
  readonly folder: string
  readonly manifest: Manifest
}

export function workspacePackages(): readonly WorkspacePackage[] {
  const files = [
    "libs/*/package.json",
    "apps/*/package.json",
    "docs/examples/*/package.json",
    "tooling/package.json",
  ].flatMap((pattern) => globSync(pattern))
  return files
    .toSorted()
    .map((file) => ({ folder: dirname(file), manifest: JSON.parse(readFileSync(join(file), "utf8")) as Manifest }))
}
