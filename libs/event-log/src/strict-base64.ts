/** Bytes of standard base64 in its one canonical form; undefined: another form, which would be a second text for the same. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64")
  return bytes.toString("base64") === text ? bytes : undefined
}

export function toBase64(...parts: readonly Uint8Array[]) {
  return Buffer.concat(parts).toString("base64")
}
