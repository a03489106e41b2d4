/** A path as a person types it at a shell. */
export function quoted(path: string) {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
