import type { LogEvent, Recorded } from "./log-event.ts"
import type { Fold, ReadModel } from "./read-model.ts"
import type { Row, RowQuery, Table } from "./table.ts"

/** One committed event: its encoded bytes are made once and shared by every reader. */
export interface LogEntry<E extends LogEvent = LogEvent> {
  /** Position in the whole log: 1, 2, 3 … in commit order, without holes. The one cursor. */
  readonly seq: number
  readonly stream: string
  readonly type: string
  /** Rolling hash of the stream up to this entry: 64 hex digits. */
  readonly hash: string
  /** The envelope as JSON text, `hash` last. */
  readonly json: string
  /** The parsed envelope. Shared: not to be changed. */
  readonly event: Recorded<E>
}

/** Where a stream stands. A stream's version is the `seq` of its last event; 0 before the first. */
export interface StreamHead {
  readonly seq: number
  readonly hash: string
  /** Hex. Needed to verify, and gone when the stream's content was erased (spec/events.md, Envelope). */
  readonly salt: string
}

export interface AppendRequest<E extends LogEvent> {
  readonly events: readonly { readonly stream: string; readonly event: E }[]
  /** What the decision was based on: the append is refused with `version-conflict` when a stream has moved on. */
  readonly streams?: readonly StreamExpectation[]
  /** Positions that become durable together with the events: of consumers, and of sources that were read. */
  readonly offsets?: readonly Offset[]
  /** Taken by this append, in its transaction; refused with `key-used` when an earlier one has it. */
  readonly key?: AppendKey
  /**
   * An offset that only goes forward, such as the number of a lease: kept by this append, which is refused with `fenced`
   * when it is further already, so that who has lost the lease and does not know it writes nothing more.
   */
  readonly fence?: Offset
}

/** What makes an append happen once, however often it is tried. */
export interface AppendKey {
  readonly name: string
  /** What is asked for, as a digest: tells a repetition from another wish under the same name. */
  readonly fingerprint: string
  /** Milliseconds since the epoch: now, and from when on the name is free again. */
  readonly at: number
  readonly expiresAt: number
}

/** What a key stands for: `count` events from `seq` on. */
export interface KeyRecord {
  readonly fingerprint: string
  readonly seq: number
  readonly count: number
  readonly expiresAt: number
}

export interface StreamExpectation {
  readonly stream: string
  readonly expectedSeq?: number
  /** Hex, for a stream that does not exist yet; made by the log when absent. */
  readonly salt?: string
}

export interface Offset {
  readonly name: string
  readonly position: number
}

export interface AppendResult<E extends LogEvent> {
  readonly entries: readonly LogEntry<E>[]
  /** The log's head after the commit that carried this append. */
  readonly head: number
}

export interface ReadOptions {
  /** Only one stream's entries. */
  readonly stream?: string
  /** Entries with a greater `seq` (0: from the first). */
  readonly after?: number
  /** Entries with a smaller `seq`. */
  readonly before?: number
  readonly types?: readonly string[]
  /** `forward` (default): the oldest of the range first; `backward`: the newest first. */
  readonly direction?: "forward" | "backward"
  /** 1 to 1000; 256 when absent. */
  readonly limit?: number
  /** Ends with the entry that reaches so many characters of data; the first is there in any case. */
  readonly maxCharacters?: number
}

export interface TailOptions {
  readonly stream?: string
  /** The last `seq` that the reader has; 0 for everything. */
  readonly after: number
  readonly signal?: AbortSignal
}

/** What the engine below reports about itself, read back and not assumed. */
export interface StorageDescription {
  readonly engine: "memory" | "sqlite" | "postgres"
  readonly version: string
  readonly durable: boolean
  readonly settings: Readonly<Record<string, string | number>>
  /** Why the last write failed; absent when it did not. */
  readonly failure?: { readonly code: string; readonly message: string }
}

/**
 * An append-only log. What `append` has answered is on disk, and only what is on disk is ever seen by a reader:
 * commit, then publish, then acknowledge (design.md, The one idea).
 */
export interface EventLog<E extends LogEvent = LogEvent> {
  /** All or nothing. Appends that wait for the disk are committed together, in the order of their calls. */
  append(request: AppendRequest<E>): Promise<AppendResult<E>>
  read(options?: ReadOptions): Promise<readonly LogEntry<E>[]>
  /** Replays what comes after the cursor, then goes on live: no gap, no repeat. Ends with the signal or the log. */
  tail(options: TailOptions): AsyncGenerator<readonly LogEntry<E>[], void, undefined>
  /** `seq` of the newest entry, 0 for an empty log. */
  head(): number
  streamHead(stream: string): Promise<StreamHead | undefined>
  offset(name: string): Promise<number | undefined>
  /** What the key stands for, unless it has expired by then (milliseconds since the epoch). */
  key(name: string, at: number): Promise<KeyRecord | undefined>
  rows<T extends Table>(table: T, query?: RowQuery<T>): Promise<readonly Row<T>[]>
  /** A stream's folded state together with the head it is the state of. */
  fold<S>(
    fold: Fold<S, E>,
    stream: string,
  ): Promise<{ readonly state: S | undefined; readonly head: StreamHead | undefined }>
  describe(): StorageDescription
  /** Finishes what was accepted, ends all readers. Closing twice is fine. */
  close(): Promise<void>
}

/** What every way of opening a log takes. */
export interface OpenLogOptions<E extends LogEvent> {
  readonly models?: readonly ReadModel<E>[]
  /** Random bytes for new streams' salts. */
  readonly random?: (size: number) => Uint8Array
}
