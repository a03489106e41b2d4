/** Raised with every change of the tables, or of what is hashed, on whatever engine. */
export const LOG_FORMAT = 3

/** Why a log of that format cannot be opened; undefined: it can. */
export function whyForeign(format: number): string | undefined {
  if (format === LOG_FORMAT) return undefined
  const formats = `format ${format}, known here: ${LOG_FORMAT}`
  return format > LOG_FORMAT
    ? `was written by a newer version (${formats}). Upgrade, or restore a backup.`
    : `was written by an earlier version, which hashed its entries otherwise (${formats}). Keep it, with the folder audit beside it, in another place, and start again: a log begins anew.`
}
