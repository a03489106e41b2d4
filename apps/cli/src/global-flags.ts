export interface GlobalFlags {
  /** What is left, for the command. */
  readonly words: readonly string[]
  readonly isQuiet: boolean
  readonly hasColors: boolean
}

/** The flags that every command takes, wherever they stand before a lone `--`. */
export function globalFlags(given: readonly string[]): GlobalFlags {
  const end = given.indexOf("--")
  const [own, rest] = end === -1 ? [given, []] : [given.slice(0, end), given.slice(end)]
  return {
    words: [...own.filter((word) => word !== "--quiet" && word !== "--no-color"), ...rest],
    isQuiet: own.includes("--quiet"),
    hasColors: !own.includes("--no-color"),
  }
}
