import { randomBytes } from "node:crypto"
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { isMap, parse, parseDocument } from "yaml"
import { type LoadConfigOptions, loadConfig } from "./config.ts"
import { ConfigError } from "./config-error.ts"
import { findConfigFile } from "./config-file.ts"
import { variables } from "./config-schema.ts"
import { makeSecretFolder } from "./secret-file.ts"

export interface ChangeConfigOptions extends LoadConfigOptions {
  /** `agent.default` */
  readonly key: string
  /** As it would stand in the file; undefined takes the key out. */
  readonly value: string | undefined
}

/**
 * Changes one key in the configuration file that is in use, or in the user's own, which is made (0600); what else stands in it
 * stays, comments too. Returns the file. Nothing is written that would not be read again: then a `ConfigError`.
 */
export function changeConfig({ key, value, ...options }: ChangeConfigOptions): string {
  const found = findConfigFile(options) ?? join(options.home, ".aegis", "config.yaml")
  // A link to it stays one.
  const file = existsSync(found) ? realpathSync(found) : found
  const change = { file, path: key.split("."), value: value === undefined ? undefined : asWritten(value) }
  try {
    write(change, options)
  } catch (error) {
    // `12345` may have been meant as a text.
    if (!(error instanceof ConfigError) || value === undefined || change.value === value) throw error
    try {
      write({ ...change, value }, options)
    } catch {
      throw error
    }
  }
  return file
}

interface Change {
  readonly file: string
  readonly path: readonly string[]
  readonly value: unknown
}

function write(change: Change, { env, cwd, home }: LoadConfigOptions) {
  const { file } = change
  const after = changed(existsSync(file) ? readFileSync(file, "utf8") : "", change)
  makeSecretFolder(dirname(file))
  const draft = `${file}.${randomBytes(6).toString("hex")}`
  try {
    writeFileSync(draft, after, { mode: 0o600, flag: "wx", flush: true })
    // As the file says it: what the environment overrides today it does not to-morrow.
    loadConfig({ file: draft, env: withoutOwn(env), cwd, home })
    renameSync(draft, file)
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(error.message.replaceAll(draft, file)) : error
  } finally {
    rmSync(draft, { force: true })
  }
}

function changed(text: string, { file, path, value }: Change) {
  const document = parseDocument(text)
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    throw new ConfigError(`${file} is not a mapping of keys to values: mend it by hand first.`)
  try {
    if (value === undefined) document.deleteIn(path)
    else document.setIn(path, value)
  } catch {
    // A part of the key has a value of its own that is no mapping.
    throw new ConfigError(`${file}: there is no key "${path.join(".")}" to set in it.`)
  }
  return file.endsWith(".json") ? `${JSON.stringify(document.toJS(), null, 2)}\n` : document.toString()
}

/** `8`, `true`, `[a, b]`; and what is not such a text is that text. */
function asWritten(value: string): unknown {
  try {
    return parse(value) ?? value
  } catch {
    return value
  }
}

function withoutOwn(env: LoadConfigOptions["env"]) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !(name in variables)))
}
