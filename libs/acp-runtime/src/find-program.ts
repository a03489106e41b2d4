import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { isRecord } from "./json-record.ts"

/** The full path of a program on a search path. */
export function findProgram(name: string, searchPath: string): string | undefined {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ".bat", ""] : [""]
  const folders = searchPath.split(delimiter).filter((folder) => folder !== "")
  return folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))).find(isProgram)
}

export function isProgram(path: string) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    // Not there, or not ours to run: no program for us.
    return false
  }
}

export interface InstalledPackage {
  readonly version: string
  /** The full path of the script behind its command. */
  readonly script: string
}

/** A package's command in the node_modules of a folder or of one above it. */
export function findPackage(
  name: string,
  command: string,
  { from }: { readonly from: string },
): InstalledPackage | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const root = join(folder, "node_modules", ...name.split("/"))
    if (existsSync(join(root, "package.json"))) return readPackage(root, command)
    if (folder === dirname(folder)) return undefined
  }
}

function readPackage(root: string, command: string): InstalledPackage | undefined {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  if (!isRecord(manifest) || typeof manifest.version !== "string") return undefined
  const script = isRecord(manifest.bin) ? manifest.bin[command] : manifest.bin
  return typeof script === "string" ? { version: manifest.version, script: join(root, script) } : undefined
}
