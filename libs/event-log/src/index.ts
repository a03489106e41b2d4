export { type Consumer, type OpenConsumerOptions, openConsumer } from "./consumer.ts"
export type {
  AppendKey,
  AppendRequest,
  AppendResult,
  EventLog,
  KeyRecord,
  LogEntry,
  Offset,
  OpenLogOptions,
  ReadOptions,
  StorageDescription,
  StreamExpectation,
  StreamHead,
  TailOptions,
} from "./event-log.ts"
export { EventLogError, type EventLogErrorCode } from "./event-log-error.ts"
export type { LogEvent, Recorded } from "./log-event.ts"
export { openMemoryLog } from "./memory.ts"

// Read models: what the log keeps beside its events.

export { defineFold, defineProjection, type Fold, type Projection, type ReadModel } from "./read-model.ts"
export {
  type ColumnType,
  type Condition,
  defineTable,
  increment,
  patch,
  put,
  type Row,
  type RowOperation,
  type RowQuery,
  remove,
  type Table,
} from "./table.ts"

// For those who verify a history: the rolling hash.

export { dataHashOf, EMPTY_HASH, type EncodedEvent, nextHash, ownSaltOf, splitEnvelope } from "./rolling-hash.ts"
