import type { StoredEvent } from "./encode-event.ts"
import type { KeyRecord, Offset, ReadOptions, StorageDescription, StreamHead } from "./event-log.ts"
import type { Row, RowOperation, RowQuery, Table } from "./table.ts"

/**
 * What an engine must do; everything else is the same on all of them (log-engine.ts). A batch is begun, sealed by pure
 * code on top of what the engine says of the present, and committed: an engine shared by several writers holds its lock
 * between the two, so what it says stays true meanwhile.
 */
export interface Storage {
  describe(): StorageDescription
  /** When it was opened. */
  head(): number
  /**
   * Only where others write, too: has `look` called whenever there may be something of theirs (up to `seq`, where that is
   * known), and when the storage has been away.
   */
  watch?(look: (seq?: number) => Promise<void>): void
  beginBatch(names: BatchNames): Promise<OpenBatch>
  read(options: PageOptions): Promise<readonly StoredEvent[]>
  stream(stream: string): Promise<StreamState>
  offset(name: string): Promise<number | undefined>
  /** Expired or not. */
  key(name: string): Promise<KeyRecord | undefined>
  rows<T extends Table>(table: T, query: RowQuery<T>): Promise<readonly Row<T>[]>
  close(): Promise<void>
}

export type PageOptions = ReadOptions & Required<Pick<ReadOptions, "limit" | "direction">>

/** A stream at one moment: where it stands, and the states folded from it, by the fold's name. */
export interface StreamState {
  readonly head: StreamHead | undefined
  readonly folds: ReadonlyMap<string, unknown>
}

/** Whatever a batch has to know the present of. */
export interface BatchNames {
  readonly streams: readonly string[]
  readonly keys: readonly string[]
  readonly offsets: readonly string[]
}

/** The present, as a batch is built on it. */
export interface BatchBase {
  readonly seq: number
  headOf(stream: string): StreamHead | undefined
  foldOf(fold: string, stream: string): unknown
  keyOf(name: string): KeyRecord | undefined
  offsetOf(name: string): number | undefined
}

export interface OpenBatch extends BatchBase {
  /** Reads what is committed, up to `seq`: as the batch sees it. */
  read(options: PageOptions): Promise<readonly StoredEvent[]>
  /**
   * One transaction, durable when it resolves, but for one whose answer was lost. A batch that is not committed leaves
   * nothing; rejects with a `BatchLost` when that came about by others, and the same may well succeed in a batch begun
   * anew.
   */
  commit(batch: SealedBatch): Promise<Unanswered | undefined>
  abandon(): Promise<void>
}

/** A commit that got no answer. It is being found out what became of it; other batches need not wait for that. */
export interface Unanswered {
  /** Never rejects. */
  readonly outcome: Promise<"committed" | "aborted" | "unknown">
}

export interface SealedBatch {
  readonly events: readonly StoredEvent[]
  readonly streams: ReadonlyMap<string, StreamHead>
  readonly folds: readonly FoldWrite[]
  readonly operations: readonly RowOperation[]
  readonly offsets: readonly Offset[]
  readonly keys: readonly KeyWrite[]
}

/** Those that have expired `at` the time of this one go with it. */
export interface KeyWrite extends KeyRecord {
  readonly name: string
  readonly at: number
}

export interface FoldWrite {
  readonly fold: string
  readonly stream: string
  readonly state: unknown
}
