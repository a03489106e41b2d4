import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { getMimeType } from "hono/utils/mime"

export interface DashboardFile {
  readonly body: Uint8Array<ArrayBuffer>
  /** Packed when it is first asked for so. */
  readonly zipped: () => Uint8Array<ArrayBuffer>
  readonly type: string
  readonly etag: string
  /** Its name changes with its content. */
  readonly isImmutable: boolean
}

/** The built dashboard, read once: what is not one of its files cannot be asked for. Absent when it is not built. */
export type DashboardFiles = ReadonlyMap<string, DashboardFile>

/** Beside this app, from source and from the build alike. */
export function dashboardFolder() {
  return fileURLToPath(new URL("../../dashboard/dist/", import.meta.url))
}

export function readDashboardFiles(folder: string): DashboardFiles | undefined {
  const names = listFiles(folder)
  if (!names.includes("index.html")) return undefined
  return new Map(names.map((name) => [name, toFile(name, readFileSync(join(folder, name)))]))
}

function listFiles(folder: string) {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return entries.map(({ parentPath, name }) =>
      join(parentPath, name).slice(join(folder, "/").length).replaceAll("\\", "/"),
    )
  } catch {
    // No such folder: not built.
    return []
  }
}

function toFile(name: string, body: Uint8Array<ArrayBuffer>): DashboardFile {
  let zipped: Uint8Array<ArrayBuffer> | undefined
  return {
    body,
    zipped() {
      zipped ??= gzipSync(body)
      return zipped
    },
    type: getMimeType(name) ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    isImmutable: name.startsWith("assets/"),
  }
}
