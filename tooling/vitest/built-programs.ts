import { fileURLToPath } from "node:url"

/** Where they are, for this checkout. */
export const BUILT = fileURLToPath(new URL("../node_modules/.cache/programs", import.meta.url))

/** In tests instead of the function of that name in @aegis/acp-runtime: the built program of it. */
export function programPath(name: string) {
  return `${BUILT}/${name}.js`
}
