/** Tells our locks from those of other programs in the same database: "AEGI" as a number. */
const NAMESPACE = 0x41454749

/**
 * The lock of all who write to a log, held from the moment a batch asks where the log stands until it is committed: so
 * numbers are given out in the order of the commits, without holes, and what was read stays true. It belongs to the
 * transaction, and ends with it, however that ends. No row has to be changed for it, so it leaves nothing to clean up.
 * Two schemas whose names have the same hash share it, which costs time and nothing else.
 */
export const takeLock = `SELECT pg_advisory_xact_lock(${NAMESPACE}, hashtext(current_schema()))`
