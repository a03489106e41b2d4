/** SHA-256 over parts, one after the other. */
export async function sha256(...parts: readonly Uint8Array[]) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole))
}

export function encode(text: string) {
  return new TextEncoder().encode(text)
}

export function fromHex(hex: string) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** A SHA-256 in lower-case hex; undefined: a text that is none. */
export function readHash(hex: unknown) {
  return typeof hex === "string" && /^[0-9a-f]{64}$/.test(hex) ? fromHex(hex) : undefined
}

export function toHex(bytes: Uint8Array) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
