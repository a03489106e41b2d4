import { isPlaceholder } from "./named-value.ts"
import { isSecretName, kindOfName } from "./secret-name.ts"
import type { Span } from "./span.ts"

/** `--token value`; with `=` it is a name like others. */
const FLAG =
  /(?<![\w-])--?([A-Za-z][\w-]{1,60})[ \t]{1,8}(["']?)(?<secret>[^\s"'`<>|;&$([{\\-][^\s"'`<>|;&\\]{0,4095})/g
/** In a sentence about a flag. */
const SENTENCE =
  /^(?:to|or|and|is|are|for|with|as|in|of|on|by|at|from|a|an|the|if|when|which|that|not|may|can|must|flag|option|value|instead|was)[,.:]?$/i

const PASSWORDS: readonly RegExp[] = [
  // A user's and group's numbers have the same form.
  /\b(?:curl|wget|https?|xh)\b[^|;&\n]{0,300}?\s(?:-u|--user|--proxy-user)[ =]{1,4}["']?(?!\d{1,9}:\d)[^\s:"'`<>$]{1,200}:(?<secret>[^\s"'`<>$[{\\][^\s"'`\\]{0,400})/g,
  /\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;&\n]{0,300}?\s-p(?<secret>[^\s"'`<>$\\-][^\s"'`\\]{0,400})/g,
  /\b(?:sshpass|docker\s{1,4}login|podman\s{1,4}login)\b[^|;&\n]{0,300}?\s-p[ \t]{0,4}["']?(?<secret>[^\s"'`<>$[\\-][^\s"'`\\]{0,400})/g,
]

/** Secrets in command lines. */
export function findFlags(text: string): readonly Span[] {
  const named = [...text.matchAll(FLAG)].filter(({ 1: name = "", groups }) => {
    const { secret = "" } = groups ?? {}
    return isSecretName(name) && !isPlaceholder(secret) && !SENTENCE.test(secret)
  })
  return [
    ...named.map((match) => toSpan(match, kindOfName(match[1] ?? ""))),
    ...PASSWORDS.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => toSpan(match, "password"))),
  ]
}

// The secret is what each of them ends with.
function toSpan({ index, 0: whole, groups }: RegExpExecArray, kind: string): Span {
  const end = index + whole.length
  return { start: end - (groups?.secret ?? "").length, end, kind }
}
