import type { SessionErrorCode } from "./session-error.ts"

/** What is wanted of a folder's changes. */
export interface DiffWish {
  readonly workDir: string
  /** The commit that it is compared with; absent: there was none. */
  readonly base?: string | undefined
  /** Only this file or folder, as the folder names it. */
  readonly path?: string | undefined
  /** Whoever asked has left. */
  readonly signal?: AbortSignal | undefined
}

/** What is another in a folder than in a commit of its git repository. */
export interface FolderDiff {
  readonly base: string
  /** The commit that the folder is at by now; absent: none. */
  readonly head?: string
  /** By their paths, which begin in the folder. */
  readonly files: readonly FileChange[]
  /** Others have changed, too. */
  readonly hasMore: boolean
  /** What is not told of. */
  readonly skipped: readonly SkippedPath[]
  /** In git's form, of whole files. */
  readonly patch: string
}

export interface FileChange {
  readonly path: string
  /** Where it was, of one that was renamed. */
  readonly oldPath?: string
  readonly status: "added" | "modified" | "deleted" | "renamed" | "type-changed"
  /** Lines; absent of one that is not text. */
  readonly additions?: number
  readonly deletions?: number
  readonly isBinary: boolean
  /** Absent from the patch: it was full. */
  readonly isInPatch: boolean
}

export interface SkippedPath {
  readonly path: string
  /**
   * `filter`: it can only be compared by a program that the folder chooses (git's filters). `repository`: a repository of its own.
   * `unreadable`: it cannot be read.
   */
  readonly reason: "filter" | "repository" | "unreadable"
}

/** Why there is nothing to tell. */
export interface DiffRefusal {
  readonly code: SessionErrorCode
  readonly reason: string
}
