import { readFileSync } from "node:fs"
import { type CheckResult, runTool } from "./run-tool.ts"
import { type Manifest, type WorkspacePackage, workspacePackages } from "./workspace-packages.ts"

/** Manifests are in order, and name no version themselves: pnpm-workspace.yaml's catalog is the only place for that. */
export async function checkVersions(): Promise<CheckResult> {
  const root = { folder: ".", manifest: JSON.parse(readFileSync("package.json", "utf8")) as Manifest }
  const packages = workspacePackages()
  if (packages.length === 0) return { ok: false, output: "there is no package in the workspace" }
  const strays = [root, ...packages].flatMap(strayVersions)
  if (strays.length > 0) return { ok: false, output: strays.join("\n") }
  return runTool("sherif", ["--fail-on-warnings", "--ignore-rule", "non-existant-packages"])
}

function strayVersions({ folder, manifest }: WorkspacePackage) {
  const { dependencies, devDependencies, optionalDependencies } = manifest
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => !/^(catalog|workspace):/.test(version))
    .map(([name, version]) => `${folder}/package.json wants ${name} ${version}: write "catalog:"`)
}
