/** What a program that ended says to the one that started it (spec/cli.md). */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  unreachable: 5,
  rateLimited: 6,
  interrupted: 130,
} as const

/** The exit code of a failure, from its HTTP status where it has one. */
export function exitCodeOf(error: unknown): number {
  const { status, code } = (error ?? {}) as { readonly status?: number; readonly code?: string }
  if (code === "unreachable") return EXIT.unreachable
  if (code === "usage" || code === "config-invalid" || status === 400 || status === 422) return EXIT.usage
  if (status === 404) return EXIT.notFound
  if (code === "refused" || status === 401 || status === 403) return EXIT.notAllowed
  return status === 429 ? EXIT.rateLimited : EXIT.failed
}
