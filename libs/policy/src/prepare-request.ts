import { type AnchorParts, foldPart } from "./path-glob.ts"
import { ToolKindSchema } from "./policy-document.ts"
import type { PolicyRequest } from "./policy-request.ts"
import { possibleFolders } from "./possible-folders.ts"
import { readShell, type ShellCommand, type ShellReading } from "./read-shell.ts"
import { type RealPath, splitPath } from "./real-path.ts"
import type { WallTime } from "./wall-clock.ts"

/** A request taken apart once, whatever the number of rules that look at it. */
export interface PreparedRequest {
  readonly request: PolicyRequest
  /** What it is said to be, and what it is besides: a command is an `execute`. Undefined if nobody knows. */
  readonly kind: string | undefined
  /** Every kind that it may be. Undefined if it may be any. */
  readonly possibleKinds: readonly string[] | undefined
  readonly paths: readonly PreparedPath[]
  readonly anchors: AnchorParts
  readonly foldedAnchors: AnchorParts
  readonly hosts: readonly string[]
  /** Undefined if it runs no command. */
  readonly shell: PreparedShell | undefined
  readonly wallTimes: Map<string, WallTime | undefined>
}

export interface PreparedPath extends RealPath {
  readonly folded: readonly string[] | undefined
}

export interface PreparedShell {
  /** Every command that a rule has to allow. */
  readonly judged: readonly ShellCommand[]
  readonly seen: readonly ShellCommand[]
  readonly isOpaque: boolean
}

export function prepareRequest(request: PolicyRequest): PreparedRequest {
  const { context, command, kind } = request
  const workDir = splitPath(context.workDir)
  const home = splitPath(context.home)
  const reading = command === undefined ? undefined : readShell(command)
  return {
    request,
    kind: isToolKind(kind) ? kind : undefined,
    possibleKinds: possibleKindsOf(kind, reading),
    paths: pathsOf(request, reading).map(preparePath),
    anchors: { workDir: baseOf(workDir), home: baseOf(home) },
    foldedAnchors: { workDir: baseOf(workDir)?.map(foldPart), home: baseOf(home)?.map(foldPart) },
    hosts: request.hosts.map((host) => host.toLowerCase().replace(/\.$/, "")),
    shell: shellOf(kind, reading),
    wallTimes: new Map(),
  }

  function preparePath(path: string): PreparedPath {
    const split = splitPath(path, workDir.parts)
    return { ...split, folded: split.parts?.map(foldPart) }
  }
}

function pathsOf({ paths, context }: PolicyRequest, reading: ShellReading | undefined) {
  return reading === undefined || reading.files.length === 0 ? paths : [...paths, ...filesOf(reading, context)]
}

/** The files of a command line's redirects, absolute, in each folder that it may have gone to. */
export function filesOf(
  { files, moves }: ShellReading,
  { workDir, home }: Pick<PolicyRequest["context"], "workDir" | "home">,
) {
  if (files.length === 0) return []
  const folders = possibleFolders(moves, { workDir, home, isHomeKnown: true, ofPrograms: false })
  const bases = folders.flatMap((folder) => (folder === undefined ? [] : [splitPath(folder).parts]))
  const paths = files.flatMap(({ path }) =>
    bases.map((base) => {
      const split = splitPath(path.startsWith("~/") ? home + path.slice(1) : path, base)
      return split.parts === undefined ? path : split.parts.join("/") || "/"
    }),
  )
  return [...new Set(paths)]
}

function isToolKind(kind: string | undefined) {
  return ToolKindSchema.options.some((known) => known === kind)
}

// A file that the shell writes is edited, whatever the agent calls it.
function possibleKindsOf(kind: string | undefined, reading: ShellReading | undefined) {
  if (kind === undefined || !isToolKind(kind)) return undefined
  if (reading === undefined) return [kind]
  const files = reading.files.map(({ use }) => (use === "write" ? "edit" : "read"))
  return [...new Set([kind, "execute", ...files])]
}

// What executes and does not say what could be anything.
function shellOf(kind: string | undefined, reading: ShellReading | undefined): PreparedShell | undefined {
  if (reading === undefined) return kind === "execute" ? { judged: [], seen: [], isOpaque: true } : undefined
  const { commands, isOpaque } = reading
  return { judged: commands.filter(({ role }) => role === "judged"), seen: commands, isOpaque }
}

function baseOf({ parts, isCanonical }: RealPath) {
  return isCanonical ? parts : undefined
}
