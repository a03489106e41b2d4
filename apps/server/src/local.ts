// What a program on the same machine needs of the server without starting one: it loads fast.
export { type Config, type LoadConfigOptions, loadConfig } from "./config.ts"
export { ConfigError } from "./config-error.ts"
export { endAgents } from "./end-agents.ts"
export { keepHeapSmall, SMALL_NURSERY } from "./keep-heap-small.ts"
export { readPolicyFile } from "./policy-file.ts"
