import { TILE_WIDTH, type TileName } from "./tile.ts"

/** Where a tile lies (C2SP tlog-tiles): index 1234067 of level 0 is `tile/0/x001/x234/067`, with 5 hashes `….p/5`. */
export function toTilePath({ level, index, width }: TileName) {
  const number = String(index)
  const digits = number.padStart(Math.ceil(number.length / 3) * 3, "0").match(/\d{3}/g) ?? []
  const parts = digits.map((three, place) => (place < digits.length - 1 ? `x${three}` : three))
  return ["tile", String(level), ...parts].join("/") + (width === TILE_WIDTH ? "" : `.p/${width}`)
}
