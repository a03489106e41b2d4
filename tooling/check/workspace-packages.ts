import { globSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { parse } from "yaml"

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
  const { packages } = parse(readFileSync("pnpm-workspace.yaml", "utf8")) as { packages: readonly string[] }
  return packages
    .flatMap((pattern) => globSync(`${pattern}/package.json`))
    .toSorted()
    .map((file) => ({ folder: dirname(file), manifest: JSON.parse(readFileSync(file, "utf8")) as Manifest }))
}
