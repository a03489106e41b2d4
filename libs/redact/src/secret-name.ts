// What a name ends with, in small letters and without what parts its words.
const SECRET =
  /(?:passw(?:or)?ds?|passwort|passphrase|passcode|pwd|secrets?|token|(?:api|access|private|secret|signing|encryption|master|account|auth|shared|session)keys?|authorization|cookies?|jwt)\d{0,4}$|^_auth$/
// Of pages, of parsers and of language models.
const PLAIN =
  /(?:max|min|num|total|first|last|next|prev|previous|page|continuation|sync|start|end|eos|bos|pad|unk|mask|sep|cls|stop|special|image)token$/

/** Whether a name (of a member, a variable, a header, a flag) is one whose value is a secret. */
export function isSecretName(name: string): boolean {
  const letters = name.replaceAll(/[.\s-]|(?<!^)_/g, "").toLowerCase()
  return SECRET.test(letters) && !PLAIN.test(letters)
}

/** Whether its value is what a shell keeps there: the folder that one is in. */
export function isFolderName(name: string, value: string) {
  return /^(?:old)?pwd$/i.test(name) && /^[/~]/.test(value)
}

/** What the value of such a name is called. */
export function kindOfName(name: string) {
  const letters = name.replaceAll(/[^a-z]/gi, "").toLowerCase()
  if (letters.endsWith("authorization")) return "authorization"
  if (/cookies?$/.test(letters)) return "cookie"
  if (/keys?$/.test(letters)) return "key"
  if (/token$|jwt$/.test(letters)) return "token"
  return /pass|pwd/.test(letters) ? "password" : "secret"
}
