/** A configuration that cannot be used. The message is for a person, a line a problem. */
export class ConfigError extends Error {
  override readonly name = "ConfigError"
  readonly code = "config-invalid"
}
