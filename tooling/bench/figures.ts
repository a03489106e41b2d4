import { cpus } from "node:os"

export interface BenchOptions {
  readonly runs: number
  readonly chunks: number
  readonly sessions: number
  /** Figures for a program on stdout, instead of a table. */
  readonly json: boolean
}

export function median(values: readonly number[]) {
  return quantile(values, 0.5)
}

/** The value below which that part of them lies; of nothing, NaN. */
export function quantile(values: readonly number[], part: number) {
  const sorted = values.toSorted((left, right) => left - right)
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place % 1)
}

/** Columns as wide as they need to be: the first to the left, figures to the right. */
export function toTable(rows: readonly (readonly string[])[]) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

/** Where the figures were taken: without it they say nothing. */
export function machineLine() {
  const [cpu] = cpus()
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpu?.model.trim() ?? "?"}`
}

export function megabytes(bytes: number) {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`
}

export function milliseconds(value: number) {
  return value < 10 ? value.toFixed(2) : value.toFixed(0)
}
