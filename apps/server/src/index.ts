export { PortTakenError, type RunningServer, type StartServerOptions, startServer } from "./compose.ts"
