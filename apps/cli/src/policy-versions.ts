import type { AegisClient } from "@aegis/client"
import { localMinute } from "./local-minute.ts"
import { fit, type Output, pad, visible } from "./output.ts"

type PolicyVersion = Awaited<ReturnType<AegisClient["listPolicyVersions"]>>["items"][number]
type ServedPolicy = Awaited<ReturnType<AegisClient["getPolicy"]>>

/** Which version it is and who has set it, above what it says. */
export function aboutVersion(
  { version, at, by, isConfigured }: Omit<ServedPolicy, "policy">,
  { colors }: Pick<Output, "colors">,
) {
  if (version === 0) return "The server has no policy: the mode of each session decides."
  const where = isConfigured ? ", from the file that the configuration names" : ""
  return colors.dim(`Version ${version}, set by ${visible(by?.id ?? "")} on ${localMinute(at)}${where}.`)
}

/** What holds in one session besides. */
export function aboutOwn(
  { version, policy, mayLoosen, remembered }: Awaited<ReturnType<AegisClient["getSessionPolicy"]>>,
  { colors, columns }: Pick<Output, "colors" | "columns">,
) {
  const also = mayLoosen ? "it may also allow what the server's policy only asks about" : "it only tightens"
  const rules =
    policy === undefined ? "The session has no rules of its own." : `The session has rules of its own; ${also}.`
  return [
    colors.dim(`${rules} (version ${version})`),
    ...remembered.map(({ approvalId, title }) =>
      fit(`${colors.green("✓")} ${approvalId.slice(0, 8)}  ${visible(title ?? "")}`, columns),
    ),
  ]
}

/** A line a version, newest first, and below it what is not as it was. */
export function versionLines(versions: readonly PolicyVersion[], { colors, columns }: Output) {
  const width = Math.max(...versions.map(({ version }) => String(version).length))
  return versions.flatMap(({ version, at, by, changes }) => {
    const who = visible(by ? `${by.id} (${by.via})` : "")
    return [
      fit(`${colors.bold(String(version).padStart(width))}  ${localMinute(at)}  ${who}`, columns),
      ...changes.map(({ what, name, change }) => {
        const mark = { added: colors.green("+"), removed: colors.red("-"), changed: colors.yellow("~") }[change]
        return `${" ".repeat(width)}  ${mark} ${fit(`${pad(what, 7)} ${visible(name)}`, columns - width - 4)}`
      }),
    ]
  })
}
