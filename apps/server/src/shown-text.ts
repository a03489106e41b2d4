import { redactText } from "@aegis/redact"

/** So much more is looked at than shown, in characters, so that a secret at its end is whole. */
const BEYOND = 6000

/** The beginning of what somebody sent, without secrets, with an ellipsis where there is more: what is longer takes no longer. */
export function shownText(text: string, longest: number) {
  const shown = redactText(text.slice(0, longest + BEYOND))
  return shown.length > longest ? `${shown.slice(0, longest - 1).toWellFormed()}…` : shown
}
