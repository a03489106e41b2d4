import { ConfigError } from "./config-error.ts"
import type { Config } from "./config-schema.ts"
import { isInContainer } from "./is-in-container.ts"
import { isLoopback } from "./is-loopback.ts"

/**
 * A `ConfigError` where other machines could reach the server and nobody has chosen its token. A container's address is its
 * own: who publishes it has chosen, and finds the token that is made there printed (spec/threats.md, A9).
 */
export function refuseExposure(
  { host, auth }: Pick<Config, "host" | "auth">,
  env: Parameters<typeof isInContainer>[0],
) {
  if (isLoopback(host) || auth.token !== undefined || isInContainer(env)) return
  throw new ConfigError(
    `Configuration: host: ${host} is reached from other machines, and takes a token of yours, of at least 20 characters. Set one (ag config set auth.token -, or AEGIS_AUTH_TOKEN), or listen on 127.0.0.1.`,
  )
}
