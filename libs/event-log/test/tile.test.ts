import { randomBytes } from "node:crypto"
import { expect, it } from "vitest"
import { HASH_LENGTH, TILE_HEIGHT, TILE_WIDTH, Tile } from "../src/tile.ts"

// The root of each full tile stays in memory as long as the tree: 64 kB for every 256 entries would be a leak.
it("keeps of each hash its own bytes, and nothing of the pools that they came from", () => {
  const pooled = () => Buffer.from(randomBytes(HASH_LENGTH).toString("hex"), "hex")
  const pushed = new Tile()
  for (let count = 0; count < TILE_WIDTH; count++) pushed.push(pooled())
  const whole = Tile.fromBytes(pushed.toBytes())
  expect(pooled().buffer.byteLength).toBeGreaterThan(HASH_LENGTH)
  for (const tile of [pushed, whole, pushed.copy()])
    for (let height = 0; height <= TILE_HEIGHT; height++)
      expect([height, tile.node(height, 0).buffer.byteLength]).toEqual([height, HASH_LENGTH])
})
