import { resolve } from "node:path"
import { AegisProblem } from "@aegis/client"
import { CliError } from "./cli-error.ts"

export interface WishFile<Wish> {
  /** What stands there, whatever it is: the server says what does not fit. */
  readonly wish: Wish
  /** A refusal with the places in the file that it is about. */
  readonly located: (error: unknown) => unknown
}

/** What a file asks for. What it leaves open is where it is asked for: the folder. */
export async function readWishFile<Wish>(file: string): Promise<WishFile<Wish>> {
  const { readYamlFile } = await import("@aegis/server/local")
  const { values, placeOf } = readYamlFile(resolve(file))
  const { workDir = "." } = values
  const wish = { ...values, workDir: typeof workDir === "string" ? resolve(workDir) : workDir }
  return { wish: wish as Wish, located: (error) => withPlaces(error, placeOf) }
}

function withPlaces(error: unknown, placeOf: (path: readonly PropertyKey[]) => string) {
  if (!AegisProblem.is(error) || !error.errors?.length) return error
  const lines = error.errors.map(({ path, message }) => `${placeOf(pathOf(path))}: ${message}`)
  return Object.assign(new CliError("failed", lines.join("\n")), { status: error.status })
}

function pathOf(path: string) {
  return path.split(".").map((word) => (/^\d+$/.test(word) ? Number(word) : word))
}
