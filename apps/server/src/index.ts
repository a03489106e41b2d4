export { PortTakenError, type RunningServer, type StartServerOptions, startServer } from "./compose.ts"
export { type Config, type LoadConfigOptions, loadConfig } from "./config.ts"
export { ConfigError } from "./config-error.ts"
