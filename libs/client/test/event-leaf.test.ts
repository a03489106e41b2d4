import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { EMPTY_HASH, leafOf } from "../src/index.ts"

const vector = JSON.parse(readFileSync(new URL("fixtures/rolling-hash-vector.json", import.meta.url), "utf8")) as {
  salt: string
  envelopes: string[]
  head: string
}

it("the leaves of the published texts lead to the published head", async () => {
  let hash = EMPTY_HASH
  for (const text of vector.envelopes) {
    const leaf = await leafOf(text, vector.salt)
    hash = createHash("sha256")
      .update(Buffer.from(hash + leaf, "hex"))
      .digest("hex")
  }
  expect(hash).toBe(vector.head)
})

it("a leaf does not say what the hash before it was", async () => {
  const [text = ""] = vector.envelopes
  const other = text.replace(/"hash":"[0-9a-f]{64}"/, `"hash":"${"0".repeat(64)}"`)
  expect(await leafOf(other, vector.salt)).toBe(await leafOf(text, vector.salt))
})

it("refuses what is no event", async () => {
  await expect(leafOf("{}", vector.salt)).rejects.toMatchObject({ code: "history-broken" })
})
